import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAppError, ManualClock } from '#base';
import type { ServedResource } from '#kubernetes/client';
import { labelsOfRecord } from '#metrics/model';
import { openPromqlEngine } from '#metrics/promql';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { AdapterApi } from './api.ts';
import { parseAdapterConfig } from './config.ts';
import { adapterDocument } from './documents.ts';
import { milliText } from './milli-text.ts';
import { apiPathOf, questionOfPath } from './path.ts';
import { ruledUsage } from './usage.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);
const signal = new AbortController().signal;

const rules = `
rules:
- seriesQuery: '{__name__=~"^http_.*",namespace!="",pod!=""}'
  seriesFilters: [{isNot: "_bucket$"}]
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pods}
      ingress: {group: networking.k8s.io, resource: ingress}
  name: {matches: "^(.*)_total$", as: "\${1}_per_second"}
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
- seriesQuery: 'load{kube_node!=""}'
  resources: {template: "kube_<<.Resource>>"}
  metricsQuery: 'max(<<.Series>>{kube_node=~"<<index .LabelValuesByName "kube_node">>"}) by (<<.GroupBy>>)'
externalRules:
- seriesQuery: 'queue_depth'
  resources: {overrides: {namespace: {resource: namespace}}}
  name: {as: "queue"}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
- seriesQuery: '{__name__="everywhere"}'
  resources: {namespaced: false}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>})'
resourceRules:
  window: 3m
  cpu:
    containerQuery: 'sum(rate(cpu{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
    nodeQuery: 'sum(rate(cpu{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
    resources: {overrides: {instance: {resource: node}, namespace: {resource: namespace}, pod: {resource: pod}}}
    containerLabel: container
  memory:
    containerQuery: 'sum(memory{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
    nodeQuery: 'sum(memory{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
    resources: {overrides: {instance: {resource: node}, namespace: {resource: namespace}, pod: {resource: pod}}}
    containerLabel: container
`;

const served = (
  resource: string,
  singular: string,
  kind: string,
  more: Partial<ServedResource> = {},
): ServedResource => ({
  ...{ group: '', version: 'v1', resource, singular, kind, namespaced: true },
  ...{ shortNames: [], verbs: [] },
  ...more,
});
const types = [
  served('pods', 'pod', 'Pod'),
  served('nodes', 'node', 'Node', { namespaced: false }),
  served('namespaces', 'namespace', 'Namespace', { namespaced: false }),
  served('ingresses', 'ingress', 'Ingress', { group: 'networking.k8s.io' }),
];

async function open() {
  const clock = new ManualClock(nowMs);
  const store = openMemoryMetricStore({ clock });
  const engine = openPromqlEngine(store, { workers: 0 });
  const batch = new SampleBatch();
  const add = (labels: Record<string, string>, perMinute: number, base = 0): void => {
    const ref = store.seriesRef(labelsOfRecord(labels));
    for (const minute of [2, 1, 0]) {
      batch.add(ref, nowMs - minute * 60_000 - 1000, base + perMinute * (2 - minute));
    }
  };
  const http = { __name__: 'http_requests_total', namespace: 'shop', ingress: 'front' };
  add({ ...http, pod: 'web-1.a', code: '200' }, 60);
  add({ ...http, pod: 'web-2', code: '200' }, 6);
  add({ ...http, pod: 'web-2', code: '500' }, 120);
  add({ ...http, pod: 'web-1.a', namespace: 'other' }, 6000);
  add({ ...http, __name__: 'http_size_bucket', pod: 'web-1' }, 1);
  add({ __name__: 'load', kube_node: 'n1' }, 0, 2500);
  add({ __name__: 'queue_depth', namespace: 'shop', queue: 'mail' }, 0, 7);
  add({ __name__: 'queue_depth', namespace: 'other', queue: 'mail' }, 0, 9);
  add({ __name__: 'everywhere', region: 'a' }, 0, 1.5);
  add({ __name__: 'everywhere', region: 'b' }, 0, 2);
  const used = { namespace: 'shop', pod: 'p', container: 'c', instance: 'n1' };
  add({ __name__: 'cpu', ...used }, 30);
  add({ __name__: 'memory', ...used }, 0, 1024);
  await store.append(batch);
  const config = parseAdapterConfig('rules.yaml', rules);
  const selectors: string[] = [];
  const api = new AdapterApi({
    config: () => config,
    engine,
    store,
    clock,
    discovery: {
      lookUp: async (name, group) =>
        types.find(
          (type) =>
            [type.resource, type.singular].includes(name) && (group ?? type.group) === type.group,
        ),
    },
    objects: async (_type, { labelSelector }) => {
      selectors.push(labelSelector);
      return labelSelector === 'app=none' ? [] : ['web-1.a', 'web-2', 'web-3'];
    },
  });
  return {
    api,
    config,
    engine,
    clock,
    selectors,
    ask: async (text: string) => {
      const url = new URL(text, 'https://x');
      const path = apiPathOf(url.pathname);
      assert.ok(path !== undefined);
      return await api.answer({ path, url, signal });
    },
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

interface Item {
  readonly describedObject: Readonly<Record<string, string>>;
  readonly metricName?: string;
  readonly metric?: { readonly name: string };
  readonly value: string;
}
const custom = '/apis/custom.metrics.k8s.io/v1beta2';
const external = '/apis/external.metrics.k8s.io/v1beta1';
const itemsOf = ({ body }: { readonly body: unknown }) =>
  (body as { items: readonly Item[] }).items;

describe('custom.metrics.k8s.io', () => {
  it('tells of the pods that a selector chooses', async () => {
    await using rig = await open();
    const answer = await rig.ask(
      `${custom}/namespaces/shop/pods/*/http_requests_per_second?labelSelector=app%3Dweb`,
    );
    assert.deepEqual(rig.selectors, ['app=web']);
    assert.deepEqual(
      itemsOf(answer)
        .map(({ describedObject: { name }, value }) => [name, value])
        .sort(),
      [
        ['web-1.a', '1'],
        ['web-2', '2100m'],
      ],
    );
    const [first] = itemsOf(answer);
    assert.deepEqual(
      { ...first, value: '' },
      {
        describedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1.a', apiVersion: 'v1' },
        metric: { name: 'http_requests_per_second', selector: null },
        timestamp: '2026-01-15T12:00:00Z',
        value: '',
      },
    );
  });

  it('v1beta1 names the metric in its own way', async () => {
    await using rig = await open();
    const answer = await rig.ask(
      '/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/web-2/http_requests_per_second?metricLabelSelector=code+in+(500)',
    );
    const [item] = itemsOf(answer);
    assert.equal(item?.metricName, 'http_requests_per_second');
    assert.equal(item?.value, '2');
    assert.equal((answer.body as { kind: string }).kind, 'MetricValueList');
  });

  for (const [path, wanted] of [
    ['/namespaces/shop/metrics/http_requests_per_second', [['shop', '3100m']]],
    ['/namespaces/other/metrics/http_requests_per_second', [['other', '100']]],
    [
      '/namespaces/shop/ingresses.networking.k8s.io/front/http_requests_per_second',
      [['front', '3100m']],
    ],
    ['/nodes/n1/load', [['n1', '2500']]],
    ['/namespaces/shop/pods/*/http_requests_per_second?labelSelector=app%3Dnone', []],
  ] as const) {
    it(`answers ${path}`, async () => {
      await using rig = await open();
      const answer = await rig.ask(custom + path);
      assert.deepEqual(
        itemsOf(answer).map(({ describedObject: { name }, value }) => [name, value]),
        wanted,
      );
    });
  }

  for (const [path, status, message] of [
    [
      '/namespaces/shop/pods/*/nothing',
      404,
      'the server could not find the metric nothing for pods',
    ],
    [
      '/namespaces/shop/pods/x/http_requests_per_second',
      404,
      'the server could not find the metric http_requests_per_second for pods x',
    ],
    [
      '/namespaces/shop/pods/*/http_requests_per_second?metricLabelSelector=%3D',
      400,
      'unable to parse requirement: "="',
    ],
    ['/namespaces/shop/pods', 404, 'the server could not find the requested resource'],
  ] as const) {
    it(`says ${status} to ${path}`, async () => {
      await using rig = await open();
      const answer = await rig.ask(custom + path);
      assert.equal(answer.status, status);
      assert.equal((answer.body as { message: string }).message, message);
    });
  }

  it('lists what there is', async () => {
    await using rig = await open();
    const list = (await adapterDocument(custom, rig.api, signal)) as {
      resources: { name: string; namespaced: boolean }[];
    };
    assert.deepEqual(
      list.resources.map(({ name, namespaced }) => [name, namespaced]),
      [
        ['ingresses.networking.k8s.io/http_requests_per_second', true],
        ['namespaces/http_requests_per_second', false],
        ['nodes/load', false],
        ['pods/http_requests_per_second', true],
      ],
    );
    assert.equal(
      await adapterDocument('/apis/custom.metrics.k8s.io/v1', rig.api, signal),
      undefined,
    );
  });
});

describe('external.metrics.k8s.io', () => {
  for (const [path, wanted] of [
    ['/namespaces/shop/queue', ['7']],
    ['/namespaces/shop/queue?labelSelector=queue+notin+(mail,print)', []],
    ['/namespaces/shop/everywhere', ['3500m']],
    ['/namespaces/shop/everywhere?labelSelector=region%3Db', ['2']],
  ] as const) {
    it(`answers ${path}`, async () => {
      await using rig = await open();
      assert.deepEqual(
        itemsOf(await rig.ask(external + path)).map(({ value }) => value),
        wanted,
      );
    });
  }
});

it('resourceRules say what pods and nodes use', async () => {
  await using rig = await open();
  const usage = rig.config.usage;
  assert.ok(usage !== undefined);
  const { nodes, pods } = await ruledUsage(usage, rig)(signal);
  const used = { cpuCores: 0.5, memoryBytes: 1024 };
  const measured = { timeMs: nowMs, windowMs: 180_000 };
  assert.deepEqual([...nodes.values()], [{ name: 'n1', ...measured, usage: used }]);
  assert.deepEqual(
    [...pods.values()],
    [{ namespace: 'shop', name: 'p', ...measured, containers: [{ name: 'c', usage: used }] }],
  );
});

describe('parseAdapterConfig()', () => {
  const f = (text: string, ...problems: readonly string[]): void =>
    void it(`refuses ${text.slice(0, 60).replaceAll('\n', ' ')}`, () =>
      assert.throws(
        () => parseAdapterConfig('a.yaml', text, 5),
        (error) => {
          assert.ok(isAppError(error, 'METRICS_ADAPTER_INVALID'));
          assert.deepEqual(error.message.split('\n'), problems);
          return true;
        },
      ));
  f('rule: []', 'a.yaml:5: rule: unknown key (did you mean "rules"?)');
  f('rules: 1', 'a.yaml:5: rules: must be a list');
  f(
    'rules:\n- seriesQuery: "{"\n  resources: {template: "<<.Resource"}\n  metricsQuery: "x"',
    'a.yaml:6: rules[0].seriesQuery: 1:2: parse error: unexpected end of input inside braces',
    'a.yaml:7: rules[0].resources.template: template: template:1: unclosed action',
  );
  f(
    'rules:\n- seriesQuery: up\n  name: {matches: "(a)(b)"}\n',
    'a.yaml:6: rules[0].resources: needs "template" or "overrides": labels must name objects',
    'a.yaml:7: rules[0].name.as: is needed where "matches" has several groups',
    'a.yaml:6: rules[0].metricsQuery: is missing',
  );
});

describe('paths', () => {
  const f = (path: string, want: Record<string, string | undefined> | undefined): void =>
    void it(path, () => {
      const found = apiPathOf(path);
      if (want === undefined) assert.equal(found, undefined);
      else assert.partialDeepStrictEqual(found, want);
    });
  f('/apis/g/v/namespaces/a/pods/*/m', {
    ...{ namespace: 'a', resource: 'pods', name: '*', subresource: 'm' },
  });
  f('/apis/g/v/namespaces/a', { resource: 'namespaces', name: 'a' });
  f('/apis/g/v/namespaces/a/m', { namespace: 'a', resource: 'm' });
  f('/apis/g/v/nodes/n/a%2Fb', { resource: 'nodes', name: 'n', subresource: 'a/b' });
  f('/apis/g/v', undefined);
  f('/metrics', undefined);

  it('ask for the right that the API server asks for', () => {
    const path = apiPathOf('/apis/custom.metrics.k8s.io/v1beta1/namespaces/a/pods/*/m');
    assert.ok(path !== undefined);
    assert.deepEqual(questionOfPath(path, 'GET'), {
      kind: 'resource',
      verb: 'get',
      group: 'custom.metrics.k8s.io',
      version: 'v1beta1',
      namespace: 'a',
      resource: 'pods',
      name: '*',
      subresource: 'm',
    });
  });
});

it('milliText() writes quantities', () => {
  assert.deepEqual([0, 1, 1.5, 0.0004, 2100, 1000, 3e6, Number.NaN, -0.25].map(milliText), [
    ...['0', '1', '1500m', '0', '2100', '1k', '3M', '0', '-250m'],
  ]);
});
