import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Variable } from '#dashboards/model';
import { allVariablesText, placeLookup, rangeLookup } from './built-ins.ts';
import type { VariableStates } from './contract.ts';
import { interpolate } from './interpolate.ts';
import { variablesLookup } from './lookup.ts';
import { optionOf } from './options.ts';
import { type ResolveRequest, resolveVariables } from './resolve.ts';
import { readPanelId, readTimeWindow, readVariables, writeVariables } from './url-state.ts';

const range = {
  fromMs: 1_764_000_000_000,
  toMs: 1_764_003_600_000,
  from: 'now-1h',
  to: 'now',
  zone: 'Asia/Seoul',
};

/** A Prometheus in which pods are named after their namespaces. */
class FixtureSource {
  readonly asked: string[] = [];
  readonly answers: Readonly<Record<string, readonly string[]>> = {
    'label_values(ns)': ['kube-system', 'prod'],
    'label_values(pod{ns="kube-system"}, pod)': ['dns-1', 'dns-2'],
    'label_values(pod{ns="prod"}, pod)': ['web-1', 'web-2'],
    'label_values(c{pod=~"(dns-1|dns-2)"}, c)': ['coredns'],
  };
  query = async ({ query }: { readonly query: unknown }) => {
    this.asked.push(String(query));
    const answer = this.answers[String(query)];
    if (answer === undefined) throw new Error(`no answer to ${String(query)}`);
    return answer.map(optionOf);
  };
}

const variables: readonly Variable[] = [
  { name: 'c', type: 'query', query: 'label_values(c{pod=~"$pod"}, c)' },
  {
    name: 'pod',
    type: 'query',
    query: 'label_values(pod{ns="$ns"}, pod)',
    multi: true,
    includeAll: true,
    current: { value: '$__all' },
  },
  { name: 'ns', type: 'query', query: 'label_values(ns)', sort: 1 },
];

const ask = (
  source: FixtureSource,
  link: Readonly<Record<string, string | readonly string[]>>,
  change: Partial<ResolveRequest> = {},
): Promise<VariableStates> =>
  resolveVariables({
    variables,
    wanted: readVariables(link),
    fromMs: range.fromMs,
    toMs: range.toMs,
    builtIns: rangeLookup(range),
    sources: {
      dataSources: [
        { uid: 'prometheus', name: 'Prometheus', type: 'prometheus', isDefault: true },
        { uid: 'other', name: 'Other', type: 'prometheus', isDefault: false },
      ],
      query: source.query,
    },
    signal: new AbortController().signal,
    ...change,
  });

const values = (states: VariableStates): Record<string, unknown> =>
  Object.fromEntries([...states].map(([name, state]) => [name, state.value]));

describe('resolveVariables()', () => {
  it('follows dependencies, whatever the order of the list', async () => {
    const source = new FixtureSource();
    const states = await ask(source, {});
    assert.deepEqual(values(states), { c: 'coredns', pod: ['$__all'], ns: 'kube-system' });
    assert.deepEqual([...states.keys()], ['c', 'pod', 'ns']);
    assert.equal(source.asked.length, 3);
  });

  it('asks again only for what a change concerns, and drops values that are gone', async () => {
    const source = new FixtureSource();
    const link = { 'var-ns': 'kube-system', 'var-pod': ['dns-1'] };
    const only = variables.filter(({ name }) => name !== 'c');
    const first = await ask(source, link, { variables: only });
    const next = { ...link, 'var-ns': 'prod' };
    const previous = { states: first, wanted: readVariables(link) };
    const second = await ask(source, next, { variables: only, previous });
    assert.deepEqual(values(second), { pod: ['web-1'], ns: 'prod' });
    assert.deepEqual(source.asked.slice(2), ['label_values(pod{ns="prod"}, pod)']);
  });

  it('keeps what a link names, also when it is no option', async () => {
    const source = new FixtureSource();
    const only = variables.filter(({ name }) => name === 'ns');
    const link = { 'var-ns': 'typed' };
    const first = await ask(source, link, { variables: only });
    assert.equal(first.get('ns')?.value, 'typed');
    const previous = { states: first, wanted: readVariables(link) };
    const again = await ask(source, link, { variables: only, previous });
    assert.equal(again.get('ns')?.value, 'typed');
    assert.equal(source.asked.length, 1);
  });

  it('goes on when a query fails', async () => {
    const source = new FixtureSource();
    const states = await ask(source, { 'var-ns': 'nowhere', 'var-pod': 'x' });
    assert.match(states.get('pod')?.error ?? '', /no answer/);
    assert.equal(states.get('ns')?.value, 'nowhere');
    assert.deepEqual(states.get('pod')?.value, ['x']);
  });

  it('says who waits in a circle', async () => {
    const circle: readonly Variable[] = [
      { name: 'a', type: 'query', query: 'label_values(x{b="$b"}, a)' },
      { name: 'b', type: 'query', query: 'label_values(x{a="$a"}, b)' },
      { name: 'ns', type: 'query', query: 'label_values(ns)' },
    ];
    const states = await ask(new FixtureSource(), {}, { variables: circle });
    assert.match(states.get('a')?.error ?? '', /wait for each other: a, b|b, a/);
    assert.equal(states.get('ns')?.error, undefined);
  });

  it('asks independent ones at the same time', async () => {
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const query = async () => {
      running++;
      if (running === 2) gate.resolve();
      await gate.promise;
      return [];
    };
    const pair: readonly Variable[] = [
      { name: 'a', type: 'query', query: 'label_values(a)' },
      { name: 'b', type: 'query', query: 'label_values(b)' },
    ];
    await ask(new FixtureSource(), {}, { variables: pair, sources: { dataSources: [], query } });
    assert.equal(running, 2);
  });

  it('ends with its signal', async () => {
    const abort = new AbortController();
    const query = async ({ signal }: { readonly signal: AbortSignal }) => {
      abort.abort(new Error('left'));
      signal.throwIfAborted();
      return [];
    };
    await assert.rejects(
      ask(new FixtureSource(), {}, { sources: { dataSources: [], query }, signal: abort.signal }),
      /left/,
    );
  });

  const one = async (variable: Variable, link: Readonly<Record<string, string>> = {}) =>
    (await ask(new FixtureSource(), link, { variables: [variable] })).get(variable.name)!;
  it('chooses the default data source', async () => {
    const variable: Variable = { name: 'ds', type: 'datasource', query: 'prometheus' };
    assert.equal((await one(variable)).value, 'prometheus');
    assert.equal((await one({ ...variable, current: { value: 'default' } })).value, 'prometheus');
    assert.equal((await one({ ...variable, current: { value: 'Other' } })).value, 'other');
    assert.equal((await one(variable, { 'var-ds': 'other' })).value, 'other');
    assert.equal((await one({ ...variable, regex: '/^Oth/' })).value, 'other');
  });
  it('reads intervals of old links', async () => {
    const variable: Variable = { name: 'i', type: 'interval', query: '1m,10m', auto: true };
    const states = await ask(
      new FixtureSource(),
      { 'var-i': '$__auto_interval_i' },
      { variables: [variable] },
    );
    const lookup = variablesLookup(states, 3_600_000);
    assert.equal(interpolate('$i ${i:text}', lookup), '2m Auto');
  });
  it('takes texts, constants and filters', async () => {
    assert.equal((await one({ name: 't', type: 'textbox', query: 'x' })).value, 'x');
    assert.equal(
      (await one({ name: 't', type: 'textbox', query: 'x' }, { 'var-t': 'y' })).value,
      'y',
    );
    assert.equal(
      (await one({ name: 'k', type: 'constant', query: 'x' }, { 'var-k': 'y' })).value,
      'x',
    );
    const onOff = { name: 's', type: 'switch', enabledValue: 'log', disabledValue: '' };
    assert.equal((await one(onOff, {})).value, '');
    assert.equal((await one({ ...onOff, current: { value: 'log' } }, {})).value, 'log');
    assert.equal((await one(onOff, { 'var-s': 'log' })).value, 'log');
    assert.equal((await one(onOff, { 'var-s': 'else' })).value, '');
    const listed = ['1', '0'].map((value) => ({ value, text: value }));
    const saved = { name: 's', type: 'switch', options: listed, current: 'true' } as never;
    assert.equal((await one(saved, {})).value, '0');
    const filters = (await one({ name: 'f', type: 'adhoc' }, { 'var-f': 'pod|=|a' })).filters;
    assert.deepEqual(filters, [{ key: 'pod', operator: '=', value: 'a' }]);
  });
});

describe('labels to group by', () => {
  const by: Variable = { name: 'by', type: 'groupby', datasource: { uid: 'p' } };
  const asked: unknown[] = [];
  const sources = {
    dataSources: [],
    query: async ({ query, dataSource }: { query: unknown; dataSource: unknown }) => {
      asked.push([query, dataSource]);
      return ['job', 'pod'].map(optionOf);
    },
  };
  const one = async (variable: Variable, link: Readonly<Record<string, readonly string[]>>) =>
    (await ask(new FixtureSource(), link, { variables: [variable], sources })).get('by');
  it('are those of the data source, none at first, several when chosen', async () => {
    const none = await one(by, {});
    assert.deepEqual(none?.value, []);
    assert.deepEqual(
      none?.options.map(({ value }) => value),
      ['job', 'pod'],
    );
    assert.deepEqual(asked, [['label_names()', { uid: 'p' }]]);
    assert.deepEqual((await one(by, { 'var-by': ['pod', 'x'] }))?.value, ['pod', 'x']);
    const saved = { ...by, current: { value: ['job'] } };
    assert.deepEqual((await one(saved, {}))?.value, ['job']);
    assert.deepEqual((await one(saved, { 'var-by': [''] }))?.value, []);
  });
});

describe('links', () => {
  it('tell all variables', async () => {
    const states = await ask(new FixtureSource(), {});
    assert.deepEqual(writeVariables(states), {
      'var-c': ['coredns'],
      'var-pod': ['$__all'],
      'var-ns': ['kube-system'],
    });
    assert.equal(allVariablesText(states), 'var-c=coredns&var-pod=%24__all&var-ns=kube-system');
    const lookup = variablesLookup(states, 0);
    assert.equal(
      interpolate('${pod:queryparam} ${pod} ${pod:text}', lookup),
      'var-pod=%24__all {dns-1,dns-2} All',
    );
  });
  it('name instants and panels in several ways', () => {
    assert.deepEqual(readTimeWindow({ time: '1764000000000', 'time.window': '10m' }), {
      fromMs: 1_763_999_700_000,
      toMs: 1_764_000_300_000,
    });
    assert.deepEqual(readTimeWindow({ time: '2025-11-24T16:00:00Z', 'time.window': '2000' }), {
      fromMs: 1_763_999_999_000,
      toMs: 1_764_000_001_000,
    });
    assert.equal(readTimeWindow({ time: '1764000000000' }), undefined);
    assert.deepEqual(['panel-12', '12', 'panel-x', ''].map(readPanelId), [
      12,
      12,
      undefined,
      undefined,
    ]);
  });
  it('have built-in names', () => {
    const lookup = placeLookup({
      user: { login: 'kim', email: 'kim@example.com', id: '1' },
      organization: { name: 'Main', id: '1' },
      dashboard: { title: 'Nodes', uid: 'n1' },
      url: { path: '/d/n1', search: '?var-a=1&var-b=2&from=now-1h' },
    });
    const text =
      '${__user.login} ${__org.id} $__dashboard ${__dashboard.uid} ${__url.path} ${__url.params:exclude:var-a,from}';
    assert.equal(interpolate(text, lookup), 'kim 1 Nodes n1 /d/n1 ?var-b=2');
    const ranges = rangeLookup(range);
    assert.equal(
      interpolate(
        '$__range $__range_ms ${__from:date:YYYY-MM-DD HH} $__timezone $__url_time_range',
        ranges,
      ),
      '3600s 3600000 2025-11-25 01 Asia/Seoul from=now-1h&to=now',
    );
  });
});
