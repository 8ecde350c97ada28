import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ManualClock } from '#base';
import type { KubernetesAccess } from '../contract.ts';
import { Authenticator } from './authenticator.ts';
import { findAccess } from './find.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-access-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string, name = `file-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const pem = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';

/** A kubeconfig with one context; what stands in user and cluster is given as YAML of one line. */
function config(user: string, cluster = '', more = ''): string {
  return file(`apiVersion: v1
kind: Config
current-context: main
contexts: [{name: main, context: {cluster: c, user: u, namespace: shop}}]
clusters: [{name: c, cluster: {server: "https://api.test:6443/"${cluster === '' ? '' : `, ${cluster}`}}}]
users: [{name: u, user: {${user}}}]
${more}`);
}

async function accessOf(user: string, cluster = ''): Promise<KubernetesAccess> {
  return (await kubeconfigAccess([config(user, cluster)])) ?? assert.fail();
}

async function headersOf(
  access: KubernetesAccess,
  clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z')),
): Promise<Record<string, unknown>> {
  return { ...(await new Authenticator(access, clock, process.env).headers()) };
}

describe('kubeconfig', () => {
  it('gives server, namespace and TLS', async () => {
    const data = Buffer.from(pem).toString('base64');
    const access = await accessOf(
      `client-certificate-data: ${data}, client-key: keys/u.key`,
      `certificate-authority-data: ${data}, tls-server-name: other, insecure-skip-tls-verify: true, proxy-url: "socks5://p:1080"`,
    );
    assert.equal(access.server, 'https://api.test:6443');
    assert.equal(access.namespace, 'shop');
    assert.equal(access.clusterName, 'c');
    assert.equal(access.proxyUrl, 'socks5://p:1080');
    assert.deepEqual(access.tls, {
      authority: { kind: 'inline', pem },
      certificate: { kind: 'inline', pem },
      // Relative to the kubeconfig.
      privateKey: { kind: 'file', path: join(folder, 'keys/u.key') },
      serverName: 'other',
      insecureSkipVerify: true,
    });
  });

  it('gives credentials', async () => {
    const token = file('from-file\n');
    const cases: readonly [user: string, authorization: string | undefined][] = [
      ['', undefined],
      ['token: abc', 'Bearer abc'],
      ['token: 123', 'Bearer 123'],
      [`tokenFile: ${token}, token: old`, 'Bearer from-file'],
      ['username: me, password: "p:w"', `Basic ${Buffer.from('me:p:w').toString('base64')}`],
    ];
    for (const [user, authorization] of cases) {
      const headers = await headersOf(await accessOf(user));
      assert.equal(headers['authorization'], authorization, user);
    }
  });

  it('impersonates', async () => {
    const access = await accessOf(
      'token: t, as: jane, as-uid: u1, as-groups: [dev, ops], as-user-extra: {"example.com/Scopes": [view]}',
    );
    assert.deepEqual(await headersOf(access), {
      authorization: 'Bearer t',
      'impersonate-user': 'jane',
      'impersonate-uid': 'u1',
      'impersonate-group': ['dev', 'ops'],
      'impersonate-extra-example.com%2Fscopes': ['view'],
    });
  });

  it('merges files: the first that says something counts', async () => {
    const first = file('users: [{name: u, user: {token: first}}]\ncurrent-context: main\n');
    const second = config('token: second', '', 'preferences: {}');
    const access = await kubeconfigAccess([first, join(folder, 'missing'), second]);
    assert.deepEqual(access?.credentials, { kind: 'token', token: 'first' });
    assert.match(access?.source ?? '', new RegExp(`context "main" of ${second}`));
  });

  it('says what is wrong, and where', async () => {
    const cases: readonly [text: string, message: RegExp][] = [
      ['a: [1\n', /:\d+ is no YAML/],
      ['- a\n', /must be a mapping/],
      ['current-context: nope\n', /has no context "nope"/],
      [
        'current-context: a\ncontexts: [{name: a, context: {cluster: x}}]\n',
        /contexts\[0\]\.context\.cluster names "x", which clusters does not have/,
      ],
      [
        'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]\n',
        /clusters\[0\]\.cluster\.server is missing/,
      ],
      ['current-context: a\ncontexts: {}\n', /contexts must be a list/],
    ];
    for (const [text, message] of cases) {
      const path = file(text);
      await assert.rejects(kubeconfigAccess([path]), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(path));
        return true;
      });
    }
    const users: readonly [user: string, cluster: string, message: RegExp][] = [
      ['auth-provider: {name: oidc}', '', /user\.auth-provider "oidc" is not supported/],
      ['token: [1]', '', /user\.token must be text/],
      ['client-certificate-data: "%%"', '', /client-certificate-data must be base64/],
      ['client-certificate-data: "AAAA"', '', /client-certificate-data holds no PEM/],
      ['as-groups: [x]', '', /as-groups needs a user in `as`/],
      ['exec: {command: x}', '', /exec\.apiVersion must be one of client\.authentication/],
      [
        'exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}',
        '',
        /interactiveMode is Always/,
      ],
      ['', 'proxy-url: "ftp://x"', /proxy-url must be a http, https or socks5 URL/],
      ['', 'insecure-skip-tls-verify: 1', /insecure-skip-tls-verify must be true or false/],
    ];
    for (const [user, cluster, message] of users) {
      await assert.rejects(accessOf(user, cluster), { code: 'KUBECONFIG_INVALID', message });
    }
  });

  it('names a context that is spelled nearly so', async () => {
    await assert.rejects(kubeconfigAccess([config('')], 'mian'), { hint: 'Did you mean "main"?' });
  });
});

describe('credential plugins', () => {
  /** A plugin that counts its runs and prints what is given. */
  function plugin(
    answer: string,
    more = '',
  ): { readonly user: string; readonly runs: () => string[] } {
    const name = `plugin-${files++}`;
    const log = join(folder, `${name}.log`);
    const path = file(
      `#!/bin/sh\necho "$NAME $1 $KUBERNETES_EXEC_INFO" >> ${log}\ncat <<'EOF'\n${answer}\nEOF\n`,
      name,
    );
    chmodSync(path, 0o755);
    return {
      user: `exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./${name}, args: [get-token], env: [{name: NAME, value: dev}]${more}}`,
      runs: () => readFileSync(log, 'utf8').trim().split('\n'),
    };
  }
  const credential = (
    status: unknown,
    apiVersion = 'client.authentication.k8s.io/v1beta1',
  ): string => JSON.stringify({ kind: 'ExecCredential', apiVersion, status });

  it('runs once for many requests, and again before the token expires', async () => {
    const { user, runs } = plugin(
      credential({ token: 'secret', expirationTimestamp: '2026-01-01T00:14:00Z' }),
      ', provideClusterInfo: true',
    );
    const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
    const authenticator = new Authenticator(await accessOf(user), clock, process.env);
    const all = await Promise.all(Array.from({ length: 5 }, () => authenticator.headers()));
    assert.deepEqual(
      new Set(all.map((headers) => headers['authorization'])),
      new Set(['Bearer secret']),
    );
    await authenticator.tls();
    assert.equal(runs().length, 1);
    assert.match(runs()[0] ?? '', /^dev get-token \{.*"server":"https:\/\/api\.test:6443"/);
    clock.jumpTo(Date.parse('2026-01-01T00:13:40Z'));
    await authenticator.headers();
    assert.equal(runs().length, 2);
  });

  it('runs again when the API server refuses what it gave', async () => {
    const { user, runs } = plugin(credential({ token: 'secret' }));
    const authenticator = new Authenticator(await accessOf(user), new ManualClock(), process.env);
    await authenticator.headers();
    authenticator.refuse();
    await authenticator.headers();
    assert.equal(runs().length, 2);
  });

  it('may give a certificate', async () => {
    const { user } = plugin(credential({ clientCertificateData: 'C', clientKeyData: 'K' }));
    const authenticator = new Authenticator(await accessOf(user), new ManualClock(), process.env);
    const { cert, key } = await authenticator.tls();
    assert.deepEqual([cert, key], ['C', 'K']);
    assert.equal((await authenticator.headers())['authorization'], undefined);
  });

  it('says what went wrong', async () => {
    const cases: readonly [user: string, message: RegExp][] = [
      [plugin('no').user, /printed no JSON/],
      [plugin('{}').user, /printed no ExecCredential/],
      [plugin(credential({ token: 'x' }, 'other')).user, /answered other, not client/],
      [plugin(credential({})).user, /neither a token nor a certificate/],
      [plugin(credential({ clientCertificateData: 'C' })).user, /one of clientCertificateData/],
      [plugin(credential({ token: 'x', expirationTimestamp: 'soon' })).user, /"soon" is no time/],
      [
        'exec: {apiVersion: client.authentication.k8s.io/v1, command: nunchi-no-such-plugin}',
        /nunchi-no-such-plugin failed: it is not installed/,
      ],
      [
        'exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, "echo expired login >&2; exit 1"]}',
        /failed: expired login/,
      ],
    ];
    for (const [user, message] of cases) {
      await assert.rejects(headersOf(await accessOf(user)), {
        code: 'KUBERNETES_EXEC_FAILED',
        message,
      });
    }
  });
});

describe('findAccess', () => {
  const account = join(folder, 'account');
  mkdirSync(account);
  for (const [name, text] of [
    ['token', 'one\n'],
    ['ca.crt', pem],
    ['namespace', 'nunchi'],
  ] as const) {
    writeFileSync(join(account, name), text);
  }
  const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const home = join(folder, 'home');

  it('takes the kubeconfig, then the service account', async () => {
    const path = config('token: t');
    const find = (env: Record<string, string>, more = {}): Promise<KubernetesAccess | undefined> =>
      findAccess({ env, home, serviceAccountFolder: account, ...more });
    assert.equal(await find({}), undefined);
    assert.equal((await find(inPod))?.source, 'the service account of this pod');
    assert.equal((await find({ ...inPod, KUBECONFIG: path }))?.context, 'main');
    assert.equal((await find({}, { kubeconfig: path }))?.context, 'main');
    await assert.rejects(find({}, { kubeconfig: join(folder, 'no') }), {
      code: 'KUBECONFIG_INVALID',
    });
    assert.equal(
      await find({ KUBERNETES_SERVICE_HOST: '::1' }, { serviceAccountFolder: '/no' }),
      undefined,
    );
    const six = await find({ KUBERNETES_SERVICE_HOST: 'fd00::1' });
    assert.equal(six?.server, 'https://[fd00::1]:443');
    mkdirSync(join(home, '.kube'), { recursive: true });
    writeFileSync(join(home, '.kube', 'config'), readFileSync(path));
    assert.equal((await find(inPod))?.context, 'main');
  });

  it('reads a token that is replaced', async () => {
    const access =
      (await findAccess({ env: inPod, home: '/no', serviceAccountFolder: account })) ??
      assert.fail();
    assert.equal(access.namespace, 'nunchi');
    const authenticator = new Authenticator(access, new ManualClock(), {});
    assert.equal((await authenticator.headers())['authorization'], 'Bearer one');
    writeFileSync(join(account, 'token'), 'another\n');
    assert.equal((await authenticator.headers())['authorization'], 'Bearer another');
    // In the middle of being replaced, the one before is as good as any.
    rmSync(join(account, 'token'));
    assert.equal((await authenticator.headers())['authorization'], 'Bearer another');
  });
});
