import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('./lean-process.fixture.ts', import.meta.url));

interface Became {
  readonly pid: number;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

function become(args: readonly string[], env: Record<string, string> = {}, flags: string[] = []) {
  const { PATH, HOME } = process.env;
  const child = spawnSync(process.execPath, [...flags, fixture, ...args], {
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  });
  assert.equal(child.status, 0, child.stderr);
  return { ...(JSON.parse(child.stdout) as Became), startedAs: child.pid };
}

describe('a lean process', { skip: process.platform !== 'linux' && 'execve is for Linux' }, () => {
  it('is a server that begins anew under its own id, with its arguments', () => {
    const args = ['server', '--data-dir', '/tmp/nunchi-lean', '--listen', '127.0.0.1:0'];
    const became = become(args);
    assert.equal(became.pid, became.startedAs);
    assert.deepEqual(became.args, args);
    assert.ok(became.flags.includes('--max-semi-space-size=4'), became.flags.join(' '));
    assert.equal(became.env['MALLOC_ARENA_MAX'], '1');
    assert.equal(became.env['NODE_COMPILE_CACHE'], '/tmp/nunchi-lean/cache/node');
  });

  it('is an agent, with a smaller heap', () => {
    const became = become(['agent', '/tmp/nunchi-lean']);
    assert.equal(became.pid, became.startedAs);
    assert.ok(became.flags.includes('--max-semi-space-size=1'), became.flags.join(' '));
    assert.equal(became.env['MALLOC_MMAP_THRESHOLD_'], '65536');
  });

  for (const [what, args, env, flags] of [
    ['a client command', ['query', 'fields @message'], {}, []],
    ['a server whose memory somebody tuned', ['server'], { MALLOC_ARENA_MAX: '2' }, []],
    ['an agent with limits of its own', ['agent'], {}, ['--max-old-space-size=64']],
  ] satisfies [string, string[], Record<string, string>, string[]][]) {
    it(`is not ${what}`, () => {
      const became = become(args, env, flags);
      assert.deepEqual(became.flags, flags);
      assert.equal(became.env['MALLOC_ARENA_MAX'], env['MALLOC_ARENA_MAX' as never]);
    });
  }
});
