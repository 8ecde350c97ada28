import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { splitWords } from '../commands/words.ts';
import type { RbacContext, ToolConfig } from '../config/contract.ts';
import { ToolHome } from './home.ts';
import { identityOf } from './identity.ts';
import { RefusedCommand } from './refused.ts';
import { runProgram } from './run.ts';
import { Tools } from './tools.ts';

const tool: ToolConfig = {
  enabled: true,
  defaultNamespace: 'default',
  helmDriver: 'secret',
  rbac: {
    user: undefined,
    group: { type: 'Static', prefix: '', values: ['botkube-plugins-default', 'readers'] },
  },
  verbs: [],
  resources: [],
  namespaces: [],
};
const asker = { channelName: 'alerts', userId: 'U1' };
const signal = AbortSignal.timeout(600_000);

const without = ['kubectl', 'helm', 'openssl'].find(
  (program) => spawnSync(program, ['version']).error !== undefined,
);

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly user: string | undefined;
  readonly groups: string;
  readonly token: string | undefined;
}

describe('commands of a pod, as kubectl and helm carry them out', {
  skip: without === undefined ? false : `no ${without} here`,
}, () => {
  let folder: string;
  let server: Server;
  let home: ToolHome;
  let tools: Tools;
  let mayExec = false;
  const asked: Asked[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-tools-'));
    const account = join(folder, 'account');
    mkdirSync(account);
    const [key, cert] = [join(folder, 'key.pem'), join(account, 'ca.crt')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert],
        ...['-days', '2', '-subj', '/CN=x', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    );
    writeFileSync(join(account, 'token'), 'the-token-of-the-pod');
    server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (request, response) => {
        const { headers, method = '', url: path = '' } = request;
        asked.push({
          path,
          method,
          user: headers['impersonate-user'] as string | undefined,
          groups: String(headers['impersonate-group']),
          token: headers.authorization,
        });
        const isReview = path.includes('selfsubjectaccessreviews') && method === 'POST';
        const status = isReview ? 201 : Object.hasOwn(served, path.split('?')[0] ?? '') ? 200 : 404;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isReview ? review(mayExec) : discovery(path)));
      },
    );
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    home = new ToolHome({
      kubeconfig: undefined,
      context: undefined,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
        HELM_PLUGINS: '/evil',
        HELM_KUBETOKEN: 'evil',
        HELM_DRIVER: 'sql',
        SECRET_OF_THE_SERVER: 'x',
      },
      serviceAccountFolder: account,
    });
    tools = new Tools(home);
  });
  after(async () => {
    home[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const run = async (name: 'kubectl' | 'helm', text: string) => {
    asked.length = 0;
    return await tools.ready(name, splitWords(text), tool, asker).run(signal);
  };

  for (const [name, text] of [
    ['kubectl', 'get pods'],
    ['helm', 'list'],
  ] as const) {
    it(`${name} asks with the pod's token as nobody but the group of the channel`, async () => {
      const { code, text: said } = await run(name, text);
      assert.notEqual(code, 0);
      assert.ok(asked.length > 0, said);
      for (const { user, groups, token, path } of asked) {
        assert.equal(user, 'botkube-internal-static-user', path);
        assert.match(groups, /botkube-plugins-default/);
        assert.equal(token, 'Bearer the-token-of-the-pod');
      }
    });
  }

  it('opens no way into a container that only the right to read would allow', async () => {
    mayExec = false;
    await assert.rejects(
      run('kubectl', 'exec web -n shop -- id'),
      (error) =>
        error instanceof RefusedCommand &&
        /Forbidden.*cannot create resource "pods\/exec" in the namespace "shop"/.test(
          error.message,
        ),
    );
    assert.ok(!asked.some(({ path }) => path.includes('/exec')));
    mayExec = true;
    await run('kubectl', 'exec web -n shop -- id');
    assert.ok(asked.some(({ path }) => path.includes('/namespaces/shop/pods/web')));
  });

  it('asks no chart for what may not be installed', async () => {
    mayExec = false;
    const { port } = server.address() as AddressInfo;
    await assert.rejects(
      run('helm', `install web https://127.0.0.1:${port}/web.tgz`),
      /cannot create resource "secrets" in the namespace "default"/,
    );
    assert.ok(!asked.some(({ path }) => path.includes('web.tgz')));
  });

  it('gives nothing of its own environment', () => {
    const env = home.environment('secret');
    assert.equal(env['SECRET_OF_THE_SERVER'], undefined);
    assert.equal(env['HELM_KUBETOKEN'], undefined);
    assert.equal(env['HELM_DRIVER'], 'secret');
    assert.notEqual(env['HELM_PLUGINS'], '/evil');
    assert.notEqual(env['HOME'], folder);
  });

  it('is not run without an rbac context', () => {
    assert.throws(
      () => tools.ready('kubectl', ['get', 'pod'], { ...tool, rbac: undefined }, asker),
      /kubeconfig data is missing/,
    );
  });

  it('leaves nothing behind', () => {
    const { HOME = '' } = home.environment('secret');
    assert.ok(existsSync(HOME));
    home[Symbol.dispose]();
    assert.ok(!existsSync(HOME));
  });
});

const review = (allowed: boolean): unknown => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: {},
  status: { allowed },
});

const pods = { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get'] };
const served: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'v1', resources: [pods] },
};

const discovery = (path: string): unknown =>
  served[path.split('?')[0] ?? ''] ?? {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    message: `nothing at ${path}`,
    reason: 'NotFound',
    code: 404,
  };

describe('whom commands are run as', () => {
  const subject = (type: 'ChannelName' | 'UserID', prefix: string) => ({ type, prefix }) as const;
  const cases: readonly (readonly [rbac: RbacContext | undefined, as: unknown])[] = [
    [undefined, undefined],
    [{ user: undefined, group: undefined }, undefined],
    [
      { user: undefined, group: subject('ChannelName', 'chat:') },
      { user: 'botkube-internal-static-user', groups: ['chat:alerts'] },
    ],
    [
      { user: subject('UserID', 'slack:'), group: subject('ChannelName', '') },
      { user: 'slack:U1', groups: ['alerts'] },
    ],
    [
      { user: { type: 'Static', prefix: 'p-', values: ['a', 'b'] }, group: undefined },
      { user: 'p-a', groups: [] },
    ],
    [
      { user: undefined, group: { type: 'Static', prefix: 'p-', values: ['a', 'b'] } },
      { user: 'botkube-internal-static-user', groups: ['p-a', 'p-b'] },
    ],
  ];
  for (const [rbac, as] of cases)
    it(JSON.stringify(rbac ?? null), () => assert.deepEqual(identityOf(rbac, asker), as));
});

describe('runProgram()', () => {
  const options = {
    timeoutMs: 60_000,
    maxBytes: 1000,
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: tmpdir(),
  };
  const node = (script: string, more: object = {}) =>
    runProgram(process.execPath, ['-e', script], { ...options, ...more });

  it('gives stdout, then stderr, without escapes and controls', async () => {
    const output = await node(
      'console.error("late"); console.log("\\u001b[31mred\\u001b[0m\\u001b]8;;x\\u0007\\u0000\\r"); process.exit(3)',
    );
    assert.deepEqual(output, { text: 'red\nlate', code: 3, isCut: false });
  });

  it('gives arguments as they are: no shell sees them', async () => {
    const words = ['$(id)', '`id`', '; rm -rf /', '*', '"', "'", '\\', '|', '&&', '>x', ''];
    const output = await runProgram(
      process.execPath,
      ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words],
      options,
    );
    assert.deepEqual(JSON.parse(output.text), words);
  });

  it('ends what writes without end', async () => {
    const output = await node('for (;;) require("fs").writeSync(1, "x".repeat(1000))');
    assert.equal(output.isCut, true);
    assert.equal(output.text.length, 1000);
  });

  it('ends what takes too long, with all that it started', async () => {
    // The grandchild holds the pipe: without an end of the group the answer would never come.
    const output = await node(
      `const { spawn } = require('child_process');
       spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });
       setInterval(() => {}, 1e6);`,
      { timeoutMs: 500 },
    );
    assert.equal(output.code, undefined);
    const orphaned = await node(
      `const { spawn } = require('child_process');
       spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });
       console.log('done'); process.exit(0);`,
    );
    assert.deepEqual(orphaned, { text: 'done', code: 0, isCut: false });
  });

  it('ends when nobody waits any more', async () => {
    const waiting = new AbortController();
    const output = node('setInterval(() => {}, 1e6)', { signal: waiting.signal });
    waiting.abort();
    assert.equal((await output).code, undefined);
  });

  it('names a program that is not there', async () => {
    await assert.rejects(runProgram('/nonexistent/kubectl', [], options), /cannot be run/);
  });
});
