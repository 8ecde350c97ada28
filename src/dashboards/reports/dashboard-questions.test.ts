import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataSources, FramesResult } from '#dashboards/data-sources';
import { marksFor } from '#dashboards/marks';
import { type Panel, readDashboard } from '#dashboards/model';
import type { Annotation } from '#dashboards/store';
import { sourceFilters } from '#dashboards/variables';
import { findMarks } from './annotations.ts';
import { askPanel, sourceOf } from './panel-queries.ts';
import { dashboardValues } from './variable-values.ts';

const [fromMs, toMs] = [1_700_000_000_000, 1_700_003_600_000];
const metrics = { uid: 'prom', type: 'prometheus', name: 'Metrics', isDefault: true, jsonData: {} };
const other = { ...metrics, uid: 'other', name: 'Other', isDefault: false };
const signal = new AbortController().signal;

/** Data sources that keep what they were asked. */
function fakeSources(answer: (expr: string) => FramesResult) {
  const asked: string[] = [];
  const sources = {
    list: () => [metrics, other],
    resolve: ({ uid }: { uid?: string }) =>
      uid === undefined ? metrics : [metrics, other].find((one) => one.uid === uid),
    query: async ({ queries }: { queries: readonly { refId: string; expr: string }[] }) =>
      new Map(
        queries.map(({ refId, expr }) => {
          asked.push(expr);
          return [refId, answer(expr)];
        }),
      ),
  };
  return { asked, sources: sources as unknown as DataSources };
}

const panel = (uid: string, expr: string) => ({
  id: 1,
  type: 'timeseries',
  title: 'P',
  datasource: { type: 'prometheus', uid },
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [{ refId: 'A', expr }],
});

describe('filters of a dashboard in pictures', () => {
  const f = (
    name: string,
    variable: object,
    uid: string,
    want: string,
    wanted: Readonly<Record<string, readonly string[]>> = {},
  ): void =>
    void it(name, async () => {
      const { asked, sources } = fakeSources(() => ({ status: 200, frames: [] }));
      const { dashboard } = readDashboard({
        title: 'T',
        schemaVersion: 42,
        panels: [panel(uid, 'sum(rate(x[5m]))')],
        templating: { list: [{ name: 'f', datasource: { uid: 'prom' }, ...variable }] },
      });
      const place = { dashboard, fromMs, toMs, from: 'a', to: 'b', zone: 'UTC', wanted };
      const { lookup, states } = await dashboardValues(place, sources, signal);
      const question = {
        ...{ panel: dashboard.panels[0] as Panel, dashboard, widthPx: 500, fromMs, toMs },
        ...{ zone: 'UTC', lookup },
        filtersOf: (source: { uid: string }) =>
          sourceFilters(states, (ref) => sourceOf(ref, sources, lookup)?.uid === source.uid),
      };
      await askPanel(question, sources, signal);
      assert.equal(asked.at(-1), want);
    });
  const filters = [{ key: 'pod', operator: '=~', value: 'web-.*' }];
  f(
    'stand in each selector',
    { type: 'adhoc', filters },
    'prom',
    'sum(rate(x{pod=~"web-.*"}[5m]))',
  );
  f('are of their data source alone', { type: 'adhoc', filters }, 'other', 'sum(rate(x[5m]))');
  f('come from the link', { type: 'adhoc', filters }, 'prom', 'sum(rate(x{ns!="a"}[5m]))', {
    f: ['ns|!=|a'],
  });
  f(
    'may be one of several',
    { type: 'adhoc', filters: [{ key: 'ns', operator: '=|', value: 'a', values: ['a', 'b.c'] }] },
    'prom',
    'sum(rate(x{ns=~"a|b\\\\.c"}[5m]))',
  );
  f(
    'group by labels as well',
    { type: 'groupby', current: { value: ['pod'], text: ['pod'] } },
    'prom',
    'sum by (pod) (rate(x[5m]))',
  );
});

describe('variables of a dashboard in pictures', () => {
  const f = (query: string, want: string, labels: Record<string, string>, first: string): void =>
    void it(query, async () => {
      const { asked, sources } = fakeSources(() => ({
        status: 200,
        frames: [
          {
            fields: [
              { name: 'Time', type: 'time', values: [toMs] },
              { name: 'Value', type: 'number', labels, values: [7] },
            ],
          },
        ] as never,
      }));
      const list = [{ name: 'v', type: 'query', query, includeAll: true }];
      const { dashboard } = readDashboard({ title: 'T', panels: [], templating: { list } });
      const place = { fromMs, toMs, from: 'a', to: 'b', zone: 'UTC', wanted: {} };
      const { states } = await dashboardValues({ dashboard, ...place }, sources, signal);
      assert.deepEqual(asked, [want]);
      assert.equal(states.get('v')?.options[0]?.value, first);
    });
  f(
    'label_values(up{job="a"}, pod)',
    'group by (pod) (last_over_time(up{job="a"}[3600s]))',
    { pod: 'web' },
    'web',
  );
  f('label_values(pod)', 'group by (pod) (last_over_time({pod!=""}[3600s]))', { pod: 'x' }, 'x');
  f(
    'metrics(node_.*)',
    'group by (__name__) (last_over_time({__name__=~"node_.*"}[3600s]))',
    { __name__: 'node_load1' },
    'node_load1',
  );
  f('query_result(topk(1, up))', 'topk(1, up)', { __name__: 'up', a: 'b' }, `up{a="b"} 7 ${toMs}`);
  f('up{job="a"}', 'last_over_time(up{job="a"}[3600s])', { __name__: 'up' }, 'up');
});

describe('annotations of a dashboard in pictures', () => {
  const { dashboard } = readDashboard({
    uid: 'd',
    title: 'T',
    schemaVersion: 42,
    panels: [panel('prom', 'x')],
    annotations: {
      list: [
        { name: 'Notes', enable: true, builtIn: 1, datasource: { uid: '-- Grafana --' } },
        { name: 'Deploys', enable: true, expr: 'deploys', filter: { exclude: false, ids: [1] } },
        { name: 'Off', enable: false, expr: 'off' },
        { name: 'Broken', enable: true, expr: 'broken' },
      ],
    },
  });
  const answer = (expr: string): FramesResult =>
    expr === 'broken'
      ? { status: 400, frames: [], error: 'no such metric' }
      : {
          status: 200,
          frames: [
            {
              fields: [
                { name: 'Time', type: 'time', values: [fromMs, fromMs + 60_000, fromMs + 600_000] },
                { name: 'Value', type: 'number', values: [1, 1, 1] },
              ],
            },
          ] as never,
        };
  const note: Annotation = {
    ...{ id: 1, dashboardUid: 'd', panelId: undefined, timeMs: fromMs, timeEndMs: fromMs },
    ...{ text: 'hello', tags: [], data: undefined, createdMs: 0, updatedMs: 0, by: 'me' },
  };

  it('are those that are switched on, each for its panels, and failures are told', async () => {
    const { asked, sources } = fakeSources(answer);
    const lookup = () => undefined;
    const request = { dashboard, fromMs, toMs, lookup };
    const wanted: unknown[] = [];
    const stored = (query: unknown): readonly Annotation[] => {
      wanted.push(query);
      return [note];
    };
    const { sources: found, errors } = await findMarks(request, sources, stored, signal);
    assert.deepEqual(asked, ['deploys', 'broken']);
    assert.deepEqual(wanted, [{ fromMs, toMs, dashboardUid: 'd', limit: 1000 }]);
    assert.deepEqual(errors, ['Broken: no such metric']);
    assert.deepEqual(
      marksFor(found, 1).map((mark) => [mark.source, mark.fromMs - fromMs, mark.toMs - fromMs]),
      [
        ['Notes', 0, 0],
        ['Deploys', 0, 60_000],
        ['Deploys', 600_000, 600_000],
      ],
    );
    assert.equal(marksFor(found, 2).length, 1);
  });
});
