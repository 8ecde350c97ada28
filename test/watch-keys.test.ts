import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { type LocalLogStore, openLogStore } from '#logs/store';
import { openStateStore } from '#state';
import { readKwatchConfig, Watcher } from '#watch';
import { answer, type FakeApi } from '../src/kubernetes/client/testing/fake-api.ts';
import { eventually } from './eventually.ts';
import { openApi, openCluster, paths } from './kubernetes-api.ts';

const generousMs = 120_000;
const startMs = Date.parse('2026-03-01T10:00:00Z');

/** A message that a provider was sent: which, and all that it says. */
interface Told {
  readonly to: string;
  readonly text: string;
}

interface PodPlan {
  readonly namespace?: string;
  readonly container?: string;
  readonly owner?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly metadata?: object;
  readonly status?: object;
  readonly state?: object;
  readonly restarts?: number;
}

const crash = { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-03-01T09:59:59Z' } };
const pull = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
const loop = { waiting: { reason: 'CrashLoopBackOff' } };

const pod = (name: string, plan: PodPlan = {}) => ({
  metadata: {
    name,
    namespace: plan.namespace ?? 'shop',
    creationTimestamp: '2026-03-01T09:59:00Z',
    labels: { app: name },
    ...(plan.owner === undefined
      ? {}
      : {
          ownerReferences: [
            { kind: plan.owner, name: `${name}-owner`, uid: name, controller: true },
          ],
        }),
    ...plan.metadata,
  },
  spec: {
    nodeName: plan.node ?? 'node-1',
    containers: [{ name: plan.container ?? 'main', image: `shop/${name}:1` }],
  },
  status: {
    phase: plan.phase ?? 'Running',
    containerStatuses: [
      {
        name: plan.container ?? 'main',
        image: `shop/${name}:1`,
        ready: false,
        restartCount: plan.restarts ?? 0,
        state: plan.state ?? crash,
      },
    ],
    ...plan.status,
  },
});

const node = (name: string, ready: string, reason = 'KubeletNotReady', message = 'no network') => ({
  metadata: { name, namespace: '', labels: {} },
  status: { conditions: [{ type: 'Ready', status: ready, reason, message }] },
});

const usePods = (cluster: Cluster) => cluster.use('pods');
const useNodes = (cluster: Cluster) => cluster.use('nodes');

/** The watch over an API server in memory, and the providers that it tells. */
class Afternoon implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock(startMs);
  readonly #api: FakeApi;
  readonly #watcher: Watcher;
  readonly #parts: AsyncDisposableStack;
  readonly #told: readonly Told[];
  readonly #from: number;
  /** Resolves when what it has put is in nobody's mirror any more. */
  readonly #isGone: () => Promise<unknown>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];

  constructor(
    api: FakeApi,
    watcher: Watcher,
    parts: AsyncDisposableStack,
    told: readonly Told[],
    texts: { readonly problems: readonly string[]; readonly warnings: readonly string[] },
    clock: ManualClock,
    more: { readonly from: number; readonly isGone: () => Promise<unknown> },
  ) {
    this.#isGone = more.isGone;
    this.#api = api;
    this.#watcher = watcher;
    this.#parts = parts;
    this.#told = told;
    this.#from = more.from;
    this.problems = texts.problems;
    this.warnings = texts.warnings;
    this.clock = clock;
  }

  get watcher(): Watcher {
    return this.#watcher;
  }

  put(...pods: readonly ReturnType<typeof pod>[]): void {
    for (const one of pods) {
      this.#api.put(paths.pods, one);
      const { name, namespace } = one.metadata;
      this.#parts.defer(() => this.#api.remove(paths.pods, name, namespace));
    }
  }

  putNode(one: ReturnType<typeof node>): void {
    this.#api.put(paths.nodes, one);
    this.#parts.defer(() => this.#api.remove(paths.nodes, one.metadata.name, ''));
  }

  get told(): readonly Told[] {
    return this.#told.slice(this.#from);
  }

  async hear(wanted: RegExp, to?: string): Promise<Told> {
    const fits = (one: Told): boolean => wanted.test(one.text) && (to ?? one.to) === one.to;
    return eventually(() => this.told.find(fits), generousMs).catch(() => {
      throw new Error(`nothing like ${wanted} to ${to ?? 'anybody'}: ${JSON.stringify(this.told)}`);
    });
  }

  /** Lets time pass as the watch sees it. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left--) await this.clock.advance(1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
    await this.#isGone();
  }
}

describe('keys of a config.yaml of kwatch', () => {
  let api: FakeApi;
  let cluster: Cluster;
  let pods: ReturnType<typeof usePods>;
  let nodes: ReturnType<typeof useNodes>;
  let hook: Server;
  let logs: LocalLogStore;
  let folder: string;
  const told: Told[] = [];
  /** Statuses that providers answer with, 200 unless named. */
  const statuses = new Map<string, number>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-watch-keys-'));
    logs = await openLogStore({ directory: join(folder, 'logs'), reserveBytes: 0 });
    api = await openApi();
    const { intercept } = api;
    api.intercept = (seen, response) => {
      if (!/\/pods\/[^/]+\/log$/.test(seen.path)) return intercept?.(seen, response) ?? false;
      answer(response, 200, 'connecting\nNOISE connection reset\n');
      return true;
    };
    cluster = openCluster(api);
    pods = usePods(cluster);
    nodes = useNodes(cluster);
    await Promise.all([pods.settled, nodes.settled]);
    hook = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const to = (request.url ?? '').slice(1);
      told.push({ to, text: Buffer.concat(chunks).toString() });
      response.statusCode = statuses.get(to) ?? 200;
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
  });

  after(async () => {
    pods?.[Symbol.dispose]();
    nodes?.[Symbol.dispose]();
    hook?.closeAllConnections();
    hook?.close();
    await cluster?.[Symbol.asyncDispose]();
    await api?.[Symbol.asyncDispose]();
    await logs?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = (to: string): string =>
    `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${to}`;

  /** @param yaml `HOOK/name` is where a provider is told */
  async function open(
    yaml: string,
    exists: readonly ReturnType<typeof pod>[] = [],
  ): Promise<Afternoon> {
    const text = yaml.replace(/HOOK\/(\w+)/g, (_whole, to: string) => url(to));
    const withAlert = /^alert:/m.test(text)
      ? text
      : `alert: {slack: {webhook: '${url('slack')}'}}\n${text}`;
    const config = readKwatchConfig('config.yaml', withAlert, {});
    const clock = new ManualClock(startMs);
    await using cleanup = new AsyncDisposableStack();
    const dataDir = mkdtempSync(join(folder, 'state-'));
    const state = cleanup.use(await openStateStore({ dataDir }));
    for (const one of exists) api.put(paths.pods, one);
    await eventually(() => (pods.store.size === exists.length ? true : undefined), generousMs);
    cleanup.defer(() => {
      for (const { metadata } of exists) api.remove(paths.pods, metadata.name, metadata.namespace);
    });
    const watcher = await Watcher.open(config, {
      cluster,
      clusterName: 'prod',
      state,
      logs,
      metricStore: { querier: () => ({ select: async () => [] }) } as never,
      clock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      env: {},
      version: '1.2.3',
      publicUrl: undefined,
      newErrors: undefined,
      postAlerts: async () => [],
      silenceOf: () => undefined,
      windowOf: () => undefined,
    });
    cleanup.use(watcher);
    const from = told.length;
    await watcher.start();
    if (config.tellsStart) {
      await eventually(() => (told.length > from ? true : undefined), generousMs);
    }
    const isGone = (): Promise<unknown> =>
      eventually(
        () => (pods.store.size === 0 && nodes.store.size === 0 ? true : undefined),
        generousMs,
      );
    return new Afternoon(api, watcher, cleanup.move(), told, config, clock, { from, isGone });
  }

  /** What is quiet by the key, and what is told all the same. */
  const quiet: readonly (readonly [
    key: string,
    yaml: string,
    quiet: ReturnType<typeof pod>,
    loud: ReturnType<typeof pod>,
  ])[] = [
    ['namespaces', 'namespaces: [pay]', pod('a'), pod('b', { namespace: 'pay' })],
    ['namespaces, !', "namespaces: ['!shop']", pod('a'), pod('b', { namespace: 'pay' })],
    ['reasons', 'reasons: [ImagePullBackOff]', pod('a'), pod('b', { state: pull })],
    ['reasons, of a loop', 'reasons: [CrashLoopBackOff]', pod('a'), pod('b', { state: loop })],
    ['reasons, !', "reasons: ['!ErrImagePull']", pod('a', { state: pull }), pod('b')],
    [
      'ignoreContainerNames',
      'ignoreContainerNames: [side]',
      pod('a', { container: 'side' }),
      pod('b'),
    ],
    ['ignorePodNames', "ignorePodNames: ['^job-']", pod('job-1'), pod('my-job-1')],
    [
      'ignoreContainerMessages',
      "ignoreContainerMessages: ['not fo+und']",
      pod('a', { state: pull }),
      pod('b'),
    ],
    [
      'silences, all conditions of one',
      'silences: [{namespaces: [shop], reasons: [Error]}]',
      pod('a'),
      pod('b', { namespace: 'pay' }),
    ],
    [
      'silences, another reason',
      'silences: [{namespaces: [shop], reasons: [Error], podNamePatterns: ["^a$"], containerNames: [main]}]',
      pod('a'),
      pod('aa'),
    ],
    [
      'silences, messages within a namespace',
      'silences: [{namespaces: [shop], containerMessages: ["not found"]}]',
      pod('a', { state: pull }),
      pod('b', { state: pull, namespace: 'pay' }),
    ],
    [
      'ignoreFailedGracefulShutdown',
      'ignoreFailedGracefulShutdown: true',
      pod('a', { metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } }),
      pod('b'),
    ],
    [
      'ignoreDisruptionTerminations',
      'ignoreDisruptionTerminations: true',
      pod('a', { phase: 'Failed', status: { reason: 'Evicted', containerStatuses: [] } }),
      pod('b'),
    ],
    [
      'pendingPodMonitor.enabled',
      'pendingPodMonitor: {enabled: false}',
      pod('a', {
        phase: 'Pending',
        metadata: { creationTimestamp: '2026-03-01T08:00:00Z' },
        status: { containerStatuses: [] },
      }),
      pod('b'),
    ],
    [
      'notReadyMonitor.enabled',
      'notReadyMonitor: {enabled: false}',
      pod('a', {
        status: {
          containerStatuses: [],
          conditions: [
            { type: 'Ready', status: 'False', lastTransitionTime: '2026-03-01T08:00:00Z' },
          ],
        },
      }),
      pod('b'),
    ],
  ];
  for (const [key, yaml, silent, loud] of quiet) {
    it(key, async () => {
      await using one = await open(`${yaml}\napp: {disableStartupMessage: true}`);
      one.put(silent, loud);
      await one.hear(new RegExp(`\\b${loud.metadata.namespace}/${loud.metadata.name}\\b`));
      assert.deepEqual(one.problems, []);
      assert.equal(one.told.length, 1, JSON.stringify(one.told));
      assert.equal(one.watcher.openIncidents().length, 1);
    });
  }

  for (const key of ['ignoreLogPatterns: [NOISE]', 'silences: [{logPatterns: [NOISE]}]']) {
    it(key, async () => {
      await using one = await open(`${key}\napp: {disableStartupMessage: true}`);
      one.put(pod('a'));
      await eventually(() => one.watcher.openIncidents()[0], generousMs);
      // Has no log that could be noise.
      one.put(pod('b', { state: pull }));
      await one.hear(/shop\/b\b/);
      assert.equal(one.told.length, 1);
    });
  }

  it('app.clusterName, disableStartupMessage; alert.slack.title, text', async () => {
    await using one = await open(
      `app: {clusterName: myeks}\nalert: {slack: {webhook: 'HOOK/slack', title: Oh, text: Dear}}`,
    );
    assert.match(one.told[0]?.text ?? '', /kwatch@nunchi-1\.2\.3 just started/);
    one.put(pod('a'));
    const { text } = await one.hear(/shop\/a/);
    for (const part of ['myeks', 'Oh', 'Dear']) assert.ok(text.includes(part), text);
  });

  it('includeEvents, includeLogs', async () => {
    await using one = await open('includeLogs: false\nincludeEvents: false');
    one.put(pod('mute'));
    const { text } = await one.hear(/shop\/mute/);
    assert.doesNotMatch(text, /NOISE/);
    await one[Symbol.asyncDispose]();
    await using other = await open('maxRecentLogLines: 7');
    other.put(pod('chatty'));
    assert.match((await other.hear(/shop\/chatty/)).text, /NOISE/);
    const asked = api.seen.filter(({ path }) => path.endsWith('/pods/chatty/log'));
    assert.ok(asked.some(({ query }) => query.get('tailLines') === '7'));
    assert.ok(!api.seen.some(({ path }) => path.endsWith('/pods/mute/log')));
  });

  it('reportStartupBaseline', async () => {
    await using one = await open('', [pod('old')]);
    await one.hear(/1 incident from before the watch began/);
    one.put(pod('new'));
    await one.hear(/shop\/new/);
    assert.equal(one.told.filter(({ text }) => /shop\/old/.test(text)).length, 1);
    await one[Symbol.asyncDispose]();
    await using other = await open('reportStartupBaseline: false', [pod('older')]);
    other.put(pod('newer'));
    await other.hear(/shop\/newer/);
    assert.ok(!other.told.some(({ text }) => text.includes('older')));
  });

  it('containerRestartThreshold', async () => {
    await using one = await open('containerRestartThreshold: 5');
    const state = { running: { startedAt: '2026-03-01T08:00:00Z' } };
    one.put(pod('a', { state, restarts: 4 }), pod('b', { state, restarts: 5 }));
    await one.hear(/HighRestartCount/);
    assert.ok(!one.told.some(({ text }) => text.includes('shop/a')));
  });

  it('nodeMonitor, ignoreNodeReasons, ignoreNodeMessages, silences of nodes', async () => {
    const cases = [
      'nodeMonitor: {enabled: false}',
      'ignoreNodeReasons: [KubeletNotReady]',
      'ignoreNodeMessages: [no network]',
      'silences: [{nodeReasons: [KubeletNotReady]}]',
      'silences: [{nodeMessages: [no network]}]',
    ];
    for (const yaml of cases) {
      await using one = await open(`${yaml}\napp: {disableStartupMessage: true}`);
      one.putNode(node('node-x', 'False'));
      one.put(pod('a'));
      await one.hear(/shop\/a/);
      assert.equal(one.told.length, 1, yaml);
    }
    await using loud = await open('');
    loud.putNode(node('node-y', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting'));
    await loud.hear(/NodeNotReady.*node-y/);
  });

  it('inhibition.nodeSuppressesPods', async () => {
    for (const suppresses of [true, false]) {
      await using one = await open(`inhibition: {nodeSuppressesPods: ${suppresses}}`);
      one.putNode(node('node-z', 'Unknown'));
      await one.hear(/NodeNotReady/);
      one.put(pod('a', { node: 'node-z' }), pod('b'));
      await one.hear(/shop\/b/);
      if (!suppresses) await one.hear(/shop\/a/);
      assert.equal(one.watcher.openIncidents().length, suppresses ? 2 : 3);
    }
  });

  it('pendingPodMonitor.threshold, criticalThreshold; the older pendingPodThreshold', async () => {
    const waiting = { phase: 'Pending', status: { containerStatuses: [] } };
    await using one = await open('pendingPodMonitor: {threshold: 90, criticalThreshold: 2m}');
    one.put(pod('a', waiting));
    await eventually(() => api.seen.length, generousMs);
    await one.pass(29);
    assert.equal(one.watcher.openIncidents().length, 0);
    await one.pass(3);
    await one.hear(/PodPending/);
    await one.pass(30);
    await eventually(
      () => (one.watcher.openIncidents()[0]?.severity === 'critical' ? true : undefined),
      generousMs,
    );
    await one[Symbol.asyncDispose]();
    await using old = await open('pendingPodThreshold: 30');
    old.put(pod('b', waiting));
    await old.hear(/PodPending/);
  });

  it('severityByReason, severityByOwnerKind', async () => {
    const severityOf = (one: Afternoon, name: string): string | undefined =>
      one.watcher.openIncidents().find(({ cause }) => cause.subject.name === name)?.severity;
    await using one = await open(
      'severityByReason: {ErrImagePull: critical}\nseverityByOwnerKind: {DaemonSet: normal, default: medium}',
    );
    one.put(pod('a', { state: pull }), pod('b', { owner: 'DaemonSet' }), pod('c'));
    await one.hear(/shop\/c/);
    assert.equal(severityOf(one, 'a'), 'critical');
    assert.equal(severityOf(one, 'b'), 'normal');
    assert.equal(severityOf(one, 'c'), 'medium');
    await one[Symbol.asyncDispose]();
    await using plain = await open('');
    plain.put(pod('d', { state: pull, owner: 'StatefulSet' }), pod('e', { state: pull }));
    await plain.hear(/shop\/e/);
    assert.equal(severityOf(plain, 'd'), 'high');
    assert.equal(severityOf(plain, 'e'), 'medium');
  });

  it('alert.*.routes', async () => {
    await using one = await open(`
alert:
  slack: {webhook: 'HOOK/slack', routes: [{namespaces: [pay]}, {reasons: [ImagePullBackOff], severities: [medium]}]}
  webhook: {url: 'HOOK/all', headers: [{name: x-a, value: b}], basicAuth: {username: u, password: p}}
`);
    one.put(pod('a'), pod('b', { namespace: 'pay' }), pod('c', { state: pull }));
    for (const name of ['a', 'b', 'c']) await one.hear(new RegExp(`"Name":"${name}"`), 'all');
    await one.hear(/pay\/b/, 'slack');
    await one.hear(/shop\/c/, 'slack');
    assert.ok(!one.told.some(({ to, text }) => to === 'slack' && text.includes('shop/a')));
  });

  it('alert.*.retry, fallback', async () => {
    statuses.set('down', 500);
    await using one = await open(`
app: {disableStartupMessage: true}
alert:
  slack: {webhook: 'HOOK/down', fallback: Discord, retry: {maxAttempts: 3, delay: 5s, maxBackoff: 5s}}
  discord: {webhook: 'HOOK/discord', routes: [{namespaces: [nowhere]}]}
`);
    assert.deepEqual(one.problems, []);
    one.put(pod('a'));
    await eventually(async () => {
      await one.pass(6);
      return one.told.find(({ to }) => to === 'discord');
    }, generousMs);
    assert.equal(one.told.filter(({ to }) => to === 'down').length, 3);
    statuses.set('gone', 404);
    await one[Symbol.asyncDispose]();
    await using refused = await open(`
app: {disableStartupMessage: true}
alert:
  slack: {webhook: 'HOOK/gone', fallback: discord}
  discord: {webhook: 'HOOK/discord', routes: [{namespaces: [nowhere]}]}
`);
    refused.put(pod('b'));
    await refused.hear(/./, 'discord');
    assert.equal(refused.told.filter(({ to }) => to === 'gone').length, 1);
    const bad = readKwatchConfig('c', `alert: {slack: {webhook: x, fallback: nobody}}`, {});
    assert.match(bad.problems.join(), /alert\.slack: fallback "nobody" is no other provider/);
  });

  it('templates, alert.*.templates, compact, runbooks, dashboardURLTemplate', async () => {
    await using one = await open(`
templates: {CrashLoopBackOff: '{{.Action}} {{.Incident.Namespace}}/{{.Incident.Name}}: {{.Incident.Hint}}'}
runbooks: {ErrImagePull: 'https://wiki/pull'}
dashboardURLTemplate: 'https://grafana/d/x?ns={namespace}&pod={pod}&of={owner}'
alert:
  slack: {webhook: 'HOOK/slack', templates: {Error: 'crash of {{.Incident.Owner}}'}}
  teams: {webhook: 'HOOK/teams'}
`);
    one.put(pod('a'));
    assert.deepEqual(JSON.parse((await one.hear(/crash of/, 'slack')).text), {
      text: 'crash of a',
    });
    await one.hear(/exit code 1/, 'teams');
    one.put(pod('b', { state: loop, restarts: 3 }));
    await one.hear(/create shop\/b: the container ends again and again/, 'slack');
    one.put(pod('c', { state: pull }));
    const { text } = await one.hear(/shop\/c/, 'slack');
    assert.match(text, /https:\/\/wiki\/pull/);
    assert.match(text, /https:\/\/grafana\/d\/x\?ns=shop&(?:amp;)?pod=c&(?:amp;)?of=c/);
    await one[Symbol.asyncDispose]();
    await using compact = await open(`alert: {slack: {webhook: 'HOOK/slack', compact: true}}`);
    compact.put(pod('d'));
    assert.deepEqual(Object.keys(JSON.parse((await compact.hear(/shop\/d/)).text)), ['text']);
    const bad = readKwatchConfig('c', "templates: {Error: '{{.Incident'}", {});
    assert.match(bad.problems.join(), /c:1: templates: Error: /);
  });

  it('storm', async () => {
    await using one = await open(
      'storm: {threshold: 3, windowMinutes: 1, digestIntervalMinutes: 1}',
    );
    one.put(...['a', 'b', 'c', 'd'].map((name) => pod(name)));
    await eventually(
      () => (one.watcher.openIncidents().length === 4 ? true : undefined),
      generousMs,
    );
    await one.hear(/shop\/b/);
    await one.pass(61);
    const { text } = await one.hear(/2 incidents that began in a short time/);
    assert.match(text, /shop\/c/);
    await one[Symbol.asyncDispose]();
    await using off = await open('storm: {enabled: false, threshold: 1}');
    off.put(pod('e'));
    await off.hear(/Error.*shop\/e/);
  });

  it('correlation.resolveHoldDown, window, renotify, escalation', async () => {
    await using one = await open(`
correlation:
  resolveHoldDown: 5
  window: 2
  renotify: {intervalBySeverity: {default: 1}, maxPerIncident: 1}
  escalation: {tiers: [2, 3]}
`);
    assert.deepEqual([one.problems, one.warnings], [[], []]);
    const well = { running: { startedAt: '2026-03-01T08:00:00Z' } };
    one.put(pod('a'));
    await one.hear(/shop\/a/);
    await one.pass(61);
    await one.hear(/shop\/a/);
    await eventually(() => (one.told.length >= 3 ? true : undefined), generousMs);
    await one.pass(120);
    assert.equal(one.told.length, 3, 'a start, a message, a reminder');
    one.put(pod('a', { restarts: 3 }));
    await eventually(
      () => (one.watcher.openIncidents()[0]?.severity === 'critical' ? true : undefined),
      generousMs,
    );
    const { id } = one.watcher.openIncidents()[0] ?? {};
    one.put(pod('a', { state: well }));
    await eventually(async () => {
      await one.pass(3);
      return one.told.find(({ text }) => /Resolved/.test(text));
    }, generousMs);
    one.put(pod('a'));
    await eventually(
      () => one.watcher.openIncidents().find((again) => again.id === id),
      generousMs,
    );
  });

  it('healthCheck, heartbeatMonitor, app.proxyURL', async () => {
    await using one = await open(
      `healthCheck: {port: 0}\nheartbeatMonitor: {enabled: true, interval: 10, url: 'HOOK/beat'}`,
    );
    await one.pass(2);
    await eventually(() => one.told.find(({ to }) => to === 'beat'), generousMs);
    await eventually(async () => {
      await one.pass(10);
      return one.told.filter(({ to }) => to === 'beat').length >= 2 ? true : undefined;
    }, generousMs);
  });

  it('secrets of files; keys that do nothing say why; others are told', () => {
    const path = join(folder, 'hook');
    writeFileSync(path, 'https://hook\n');
    const config = readKwatchConfig(
      'c.yaml',
      `alert: {slack: {webhook: '\${file:${path}}'}, discord: {webhook: '\${file:/none}'}}
llm: {enabled: true}
crd: {enabled: false}
workers: 4
upgrader: {disableUpdateCheck: true}
storm: {treshold: 3}
healthCheck: {diagnostics: true, pprof: true}
correlation: {lifecycleInterval: 1, escalation: {tiers: [3, 2]}, renotify: {intervalBySeverity: {bad: 1}}}
app: {insecureSkipTLSVerify: true, caBundlePath: /ca.pem, logFormatter: json}
`,
      {},
    );
    assert.equal(config.providers[0]?.settings['webhook'], 'https://hook');
    assert.deepEqual(config.tls, { insecureSkipVerify: true, caFile: '/ca.pem' });
    const problems = config.problems.join('\n');
    assert.match(problems, /alert\.discord\.webhook: \$\{file:\/none\} cannot be read/);
    assert.match(problems, /healthCheck\.diagnostics: needs diagnosticsToken/);
    assert.match(problems, /tiers: expected one to three numbers, each above the one before/);
    assert.match(problems, /intervalBySeverity\.bad: is not one of normal/);
    const warnings = config.warnings.join('\n');
    assert.match(warnings, /c\.yaml:2: llm: has no effect: no language model is asked/);
    assert.doesNotMatch(warnings, /crd/);
    assert.match(warnings, /workers: has no effect/);
    assert.match(warnings, /c\.yaml:6: storm\.treshold: is not known and has no effect/);
    assert.match(warnings, /pprof/);
    assert.match(warnings, /app\.logFormatter/);
  });
});
