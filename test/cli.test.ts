import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end; `whenReady` is called with the address once the ready line is there. */
function nunchi(
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly whenReady?: (url: string, stop: () => void) => Promise<void>;
  } = {},
): Promise<Result> {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  let waiting = options.whenReady;
  let ready: Promise<void> = Promise.resolve();
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    const url = /Nunchi is ready at (\S+)/.exec(stderr)?.[1];
    if (url === undefined || waiting === undefined) return;
    const stop = (): void => void child.kill('SIGTERM');
    ready = waiting(url, stop).finally(stop);
    waiting = undefined;
  });
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('close', (code) => ready.then(() => resolve({ code, stdout, stderr }), reject));
  });
}

describe('nunchi', () => {
  it('explains a wrong command line and a wrong configuration', async () => {
    assert.equal((await nunchi(['--version'])).code, 0);
    assert.equal((await nunchi(['strat'])).code, 2);
    writeFileSync(join(folder, 'bad.yaml'), 'server:\n  lisen: x\n');
    const bad = await nunchi(['check-config', 'bad.yaml']);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /bad\.yaml:2: server\.lisen: .*did you mean "listen"/);
    assert.doesNotMatch(bad.stderr, /at .*\.ts:\d+/);
    writeFileSync(join(folder, 'good.yaml'), 'log: { level: warn }\n');
    assert.equal((await nunchi(['check-config', 'good.yaml'])).code, 0);
  });

  it("names what is wrong with values of Botkube's chart", async () => {
    const values = (source: string): string => `communications:
  g: {webhook: {enabled: true, url: "https://h/x", bindings: {sources: [${source}]}}}
`;
    writeFileSync(join(folder, 'values.yaml'), values('nothing'));
    const bad = await nunchi(['check-config', '--botkube', 'values.yaml']);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /'nothing' binding not defined in sources/);
    writeFileSync(join(folder, 'values.yaml'), values('k8s-err-events'));
    const good = await nunchi(['check-config', '--botkube', 'values.yaml']);
    assert.match(good.stdout, /values\.yaml is good\n - chats: webhook/);
  });

  it('manages users beside a running server, refuses a second one, and stops', async () => {
    const dataDir = ['--data-dir', join(folder, 'data')];
    const listen = ['--listen', '127.0.0.1:0'];
    const result = await nunchi(['server', ...listen, ...dataDir], {
      whenReady: async (url) => {
        assert.equal((await fetch(`${url}/-/ready`)).status, 200);
        const second = await nunchi(['server', ...listen, ...dataDir]);
        assert.equal(second.code, 1);
        assert.match(second.stderr, /Another Nunchi \(process \d+\) uses/);
        const added = await nunchi(['user', 'add', 'ann', '--role', 'admin', ...dataDir], {
          input: 'correct horse\n',
        });
        assert.equal(added.code, 0, added.stderr);
        assert.equal((await fetch(`${url}/metrics`)).status, 401);
        const token = await nunchi(['token', 'create', 'ci', '--role', 'viewer', ...dataDir]);
        const headers = { authorization: `Bearer ${token.stdout.trim()}` };
        assert.equal((await fetch(`${url}/metrics`, { headers })).status, 200);
      },
    });
    assert.equal(result.code, 0, result.stderr);
  });
});
