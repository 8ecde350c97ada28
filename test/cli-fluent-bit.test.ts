import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-fb-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** One run of `nunchi agent`, whose output can be waited for. */
class AgentRun {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], input?: string) {
    const child = spawn(process.execPath, [main, 'agent', ...args], {
      cwd: folder,
      env: { ...process.env, NUNCHI_CONFIG: '', FLB_LOG_LEVEL: '' },
    });
    this.child = child;
    child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.stderr += chunk;
    });
    if (input !== undefined) child.stdin.end(input);
    this.ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  }

  async until(where: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    const deadlineMs = performance.now() + 120_000;
    while (!pattern.test(this[where])) {
      if (performance.now() > deadlineMs || this.child.exitCode !== null) {
        this.child.kill('SIGKILL');
        assert.fail(`no ${pattern} in\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const tailToStdout = (log: string, state: string): string =>
  `[SERVICE]
    Flush 0.2
    Log_Level info
    storage.path ${join(folder, state)}
[INPUT]
    Name tail
    Tag app.*
    Path ${log}
    Read_from_Head On
[OUTPUT]
    Name stdout
    Match app.*
`;

describe('nunchi agent -c', () => {
  it('--dry-run names every problem with file and line, exit code 1', async () => {
    const path = file(
      'bad.conf',
      '[INPUT]\n    Name tail\n    Pth /x\n[FILTER]\n    Name lua\n    Match *\n[OUTPUT]\n    Name nope\n    Match *\n',
    );
    for (const args of [
      ['-c', path, '--dry-run'],
      ['-c', path, '-D'],
      ['-c', path],
    ]) {
      const run = new AgentRun(args);
      assert.equal(await run.ended, 1, run.stderr);
      assert.match(run.stderr, /bad\.conf:3: .*'pth'/);
      assert.match(run.stderr, /bad\.conf:5: .*'lua' is not supported/);
      assert.match(run.stderr, /bad\.conf:8: .*'nope'/);
      assert.doesNotMatch(run.stderr, /at .*\.ts:\d+/);
    }
  });

  it('--dry-run lists what would run and writes nothing, classic and YAML', async () => {
    const classic = file('dry.conf', tailToStdout(join(folder, 'dry.log'), 'dry-state'));
    const yaml = file(
      'dry.yaml',
      'pipeline:\n  inputs:\n    - name: tail\n      path: /var/log/none.log\n  outputs:\n    - name: "null"\n      match: "*"\n',
    );
    const first = new AgentRun(['-e', 'cloudwatch.so', '-c', classic, '--dry-run']);
    assert.equal(await first.ended, 0, first.stderr);
    assert.match(
      first.stdout,
      /successful[\s\S]*input +tail\.0 +\S+dry\.log[\s\S]*output +stdout\.0/,
    );
    assert.equal(existsSync(join(folder, 'dry-state')), false);
    const second = new AgentRun(['-c', yaml, '-D']);
    assert.equal(await second.ended, 0, second.stderr);
    assert.match(second.stdout, /tail\.0 +\/var\/log\/none\.log[\s\S]*null\.0/);
  });

  it('runs without a server, reloads on SIGHUP all or nothing, ends on SIGTERM', async () => {
    const log = file('app.log', 'first\n');
    const config = file('run.conf', tailToStdout(log, 'run-state'));
    const run = new AgentRun(['-c', config]);
    await run.until('stdout', /"log"=>"first"/);
    writeFileSync(config, '[INPUT]\n    Name nope\n');
    run.child.kill('SIGHUP');
    await run.until('stderr', /Refused the changed configuration/);
    writeFileSync(
      config,
      tailToStdout(log, 'run-state').replace('app.*\n    Path', 'app.two\n    Path'),
    );
    run.child.kill('SIGHUP');
    await run.until('stderr', /Reloading/);
    appendFileSync(log, 'second\n');
    await run.until('stdout', /app\.two: .*"log"=>"second"/);
    assert.equal(await run.stop(), 0, run.stderr);
    assert.equal(run.stdout.match(/"log"=>"first"/g)?.length, 1, 'read once');
    assert.ok(existsSync(join(folder, 'run-state/nunchi/state.db')));
  });

  it('builds a pipeline out of flags', async () => {
    const args = ['-i', 'stdin', '-t', 'made', '-F', 'grep', '-p', 'exclude=a 2', '-m', '*'];
    const run = new AgentRun(
      [...args, '-ostdout', '-f0.2', '-q', '-b', join(folder, 'flags')],
      '{"a":"1"}\n{"a":"2"}\n',
    );
    assert.equal(await run.ended, 0, run.stderr);
    assert.match(run.stdout, /made: .*"a"=>"1"/);
    assert.doesNotMatch(run.stdout, /"a"=>"2"/);
    assert.equal(run.stderr, '');
  });

  it('refuses flags that do not exist', async () => {
    for (const args of [['--nope'], ['-i'], ['-p', 'a=b'], ['stray']]) {
      const run = new AgentRun(args);
      assert.equal(await run.ended, 1, args.join(' '));
      assert.match(run.stderr, /^nunchi: /);
    }
  });

  it('takes the file from agent.fluentBitConfig and writes its log to Log_File', async () => {
    const log = file('yaml.log', 'from yaml\n');
    const text = tailToStdout(log, 'yaml-state').replace(
      'Log_Level info',
      `Log_Level info\n    Log_File ${join(folder, 'agent.out')}`,
    );
    const config = file('named.conf', text);
    const nunchi = file('nunchi.yaml', `agent: { fluentBitConfig: ${config} }\n`);
    const run = new AgentRun(['--config', nunchi]);
    await run.until('stdout', /"log"=>"from yaml"/);
    assert.equal(await run.stop(), 0, run.stderr);
    assert.equal(run.stderr, '');
    assert.ok(existsSync(join(folder, 'agent.out')));
  });
});
