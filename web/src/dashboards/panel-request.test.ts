import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Panel } from '../../../src/dashboards/model/contract.ts';
import { firstOf, type Lookup, rangeLookup } from '../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../api/dashboards.ts';
import { panelRequest, type RequestContext } from './panel-request.ts';

const source = (
  uid: string,
  type: string,
  isDefault: boolean,
  timeInterval?: string,
): DataSource => ({
  uid,
  name: uid.toUpperCase(),
  type,
  url: '',
  isDefault,
  jsonData: timeInterval === undefined ? {} : { timeInterval },
  secureJsonFields: {},
  readOnly: true,
  version: 1,
});

const dataSources = [
  source('prometheus', 'prometheus', true, '15s'),
  source('other', 'prometheus', false, '30s'),
  source('cloudwatch', 'cloudwatch', false),
];

const toMs = Date.parse('2026-11-24T01:00:00Z');
const range = { fromMs: toMs - 3_600_000, toMs, from: 'now-1h', to: 'now', zone: 'Asia/Seoul' };
const values: Readonly<Record<string, unknown>> = {
  pod: ['web-1', 'api.x'],
  resolution: '30s',
  ds: 'other',
};
const variables: Lookup = ({ name }) =>
  Object.hasOwn(values, name)
    ? { value: values[name], isMany: Array.isArray(values[name]) }
    : undefined;

const context: RequestContext = {
  range: { fromMs: range.fromMs, toMs, nowMs: toMs, text: { from: 'now-1h', to: 'now' } },
  zone: 'Asia/Seoul',
  lookup: firstOf(variables, rangeLookup(range)),
  dataSources,
  filtersOf: () => [],
  noDataSource: (name) => `no ${name}`,
};

const panel = (more: object): Panel => ({
  id: 1,
  type: 'timeseries',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  options: {},
  fieldConfig: { defaults: {}, overrides: [] },
  ...more,
});

const ask = (more: object, change: Partial<RequestContext> = {}, scoped = {}) =>
  panelRequest(panel(more), scoped, 1000, { ...context, ...change });
const target = (expr: string, more: object = {}) => ({ refId: 'A', expr, ...more });

describe('panelRequest()', () => {
  const expr = (name: string, more: object, want: string, change: Partial<RequestContext> = {}) =>
    it(name, () => assert.equal(ask(more, change).queries[0]?.['expr'], want));
  expr(
    'puts variables into PromQL',
    { targets: [target('up{pod=~"$pod"}')] },
    'up{pod=~"(web-1|api\\\\.x)"}',
  );
  expr(
    'knows the step',
    { targets: [target('rate(x[$__rate_interval]) + $__interval_ms')] },
    'rate(x[1m0s]) + 15000',
  );
  expr(
    'takes the least step of the panel',
    { interval: '1m', targets: [target('x[$__rate_interval]')] },
    'x[1m15s]',
  );
  expr(
    'takes the least step of a query',
    { targets: [target('x[$__rate_interval]', { interval: '$resolution' })] },
    'x[2m0s]',
  );
  expr('knows the range', { targets: [target('x[$__range]')] }, 'x[3600s]');
  expr(
    'adds filters to every selector',
    { targets: [target('sum(up{a="b"}) / sum(node)')] },
    'sum(up{a="b", pod="x", ns=~"p\\\\.q|r"}) / sum(node{pod="x", ns=~"p\\\\.q|r"})',
    {
      filtersOf: () => [
        { key: 'pod', operator: '=', value: 'x' },
        { key: 'ns', operator: '=|', value: 'p.q', values: ['p.q', 'r'] },
        { key: 'size', operator: '<', value: '3' },
      ],
    },
  );

  it('lets the values of a repeated panel win', () => {
    const scoped = { pod: { value: 'only', text: 'only' } };
    const request = ask({ targets: [target('up{pod=~"$pod"}')] }, {}, scoped);
    assert.equal(request.queries[0]?.['expr'], 'up{pod=~"only"}');
  });

  it('finds data sources by uid, name and variable, and the default one', () => {
    const uidOf = (datasource: unknown): unknown => {
      const [query] = ask({ datasource, targets: [target('up')] }).queries;
      return (query?.['datasource'] as { uid?: string } | undefined)?.uid;
    };
    assert.equal(uidOf(undefined), 'prometheus');
    assert.equal(uidOf(null), 'prometheus');
    assert.equal(uidOf({ uid: '$ds' }), 'other');
    assert.equal(uidOf({ uid: 'OTHER' }), 'other');
    assert.equal(uidOf({ type: 'prometheus', uid: '${DS_PROMETHEUS}' }), 'prometheus');
    assert.deepEqual(ask({ datasource: { uid: 'gone' }, targets: [target('up')] }).errors, [
      { refId: 'A', message: 'no gone' },
    ]);
  });

  it('asks each target of a mixed panel where it belongs, and none that is hidden', () => {
    const request = ask({
      datasource: { uid: '-- Mixed --' },
      targets: [
        { ...target('a'), datasource: { uid: 'other' } },
        { ...target('b'), refId: 'B', hide: true },
        {
          refId: 'C',
          datasource: { uid: 'cloudwatch' },
          expression: 'fields @message | filter p = "$ds"',
        },
      ],
    });
    assert.deepEqual(
      request.queries.map((one) => [one.refId, one['datasource']]),
      [
        ['A', { uid: 'other', type: 'prometheus' }],
        ['C', { uid: 'cloudwatch', type: 'cloudwatch' }],
      ],
    );
    assert.equal(request.queries[1]?.['expression'], 'fields @message | filter p = "other"');
  });

  it('shares the data of another panel', () => {
    const request = ask({
      datasource: { uid: '-- Dashboard --' },
      targets: [{ refId: 'A', panelId: 7 }],
    });
    assert.equal(request.sharedPanelId, 7);
    assert.deepEqual(request.queries, []);
  });

  it('has a range of its own', () => {
    const day = 86_400_000;
    const own = ask({ timeFrom: '2h', timeShift: '1d' });
    assert.deepEqual([own.fromMs, own.toMs], [toMs - 7_200_000 - day, toMs - day]);
    assert.equal(own.rangeNote, '2h −1d');
    assert.equal(ask({ timeFrom: '2h', hideTimeOverride: true }).rangeNote, '');
    const fixed = {
      ...context.range,
      text: { from: '2026-11-24T00:00:00Z', to: '2026-11-24T01:00:00Z' },
    };
    assert.equal(ask({ timeFrom: '2h' }, { range: fixed }).fromMs, context.range.fromMs);
  });

  it('tells the server the width, the step and the zone', () => {
    const [query] = ask({ targets: [target('up', { legendFormat: '{{pod}} $ds' })] }).queries;
    assert.equal(query?.['maxDataPoints'], 1000);
    assert.equal(query?.['intervalMs'], 15_000);
    assert.equal(query?.['utcOffsetSec'], 9 * 3600);
    assert.equal(query?.['legendFormat'], '{{pod}} other');
  });
});
