import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import type { Panel } from '../../../src/dashboards/model/contract.ts';
import { readDashboard } from '../../../src/dashboards/model/read.ts';
import {
  firstOf,
  optionOf,
  parseMetricFind,
  rangeLookup,
  resolveVariables,
  variablesLookup,
} from '../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../api/dashboards.ts';
import { layOut } from './layout.ts';
import { panelRequest, type RequestContext } from './panel-request.ts';

const folder = process.env['NUNCHI_TEST_DATA'] ?? '';
const files = folder === '' ? [] : globSync(join(folder, 'dashboards/*/*.json')).sort();
const skip = files.length === 0 && 'NUNCHI_TEST_DATA names no folder of published dashboards';

const toMs = Date.parse('2026-11-24T01:00:00Z');
const range = { fromMs: toMs - 3_600_000, toMs, from: 'now-1h', to: 'now', zone: 'Asia/Seoul' };
const dataSources: readonly DataSource[] = [
  {
    uid: 'prometheus',
    name: 'Prometheus',
    type: 'prometheus',
    url: '',
    isDefault: true,
    jsonData: { timeInterval: '15s' },
    secureJsonFields: {},
    readOnly: true,
    version: 1,
  },
];

/** Values that would break a query that is put together without care. */
const values = ['kube-system', 'a.b*c', "it's", 'back\\slash'].map(optionOf);

const isPromql = (expr: string): boolean => {
  let isClean = true;
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) isClean = false;
    },
  });
  return isClean;
};

describe('published dashboards', { skip }, () => {
  for (const file of files) {
    it(`${file.slice(folder.length)} is laid out, its variables found, its queries PromQL`, async () => {
      const { dashboard } = readDashboard(JSON.parse(readFileSync(file, 'utf8')));
      const builtIns = rangeLookup(range);
      const states = await resolveVariables({
        variables: dashboard.templating.list,
        wanted: new Map(),
        fromMs: range.fromMs,
        toMs,
        builtIns,
        sources: {
          dataSources,
          query: async ({ query }) => {
            const text = typeof query === 'string' ? query : (query as { query: string }).query;
            const plan = parseMetricFind(text);
            assert.equal(plan?.kind, 'labelValues');
            if (plan?.kind === 'labelValues' && plan.selector !== undefined) {
              assert.ok(isPromql(plan.selector), plan.selector);
            }
            return values;
          },
        },
        signal: new AbortController().signal,
      });
      for (const [name, { error }] of states) assert.equal(error, undefined, name);
      const context: RequestContext = {
        range: { fromMs: range.fromMs, toMs, nowMs: toMs, text: { from: 'now-1h', to: 'now' } },
        zone: range.zone,
        lookup: firstOf(variablesLookup(states, toMs - range.fromMs), builtIns),
        dataSources,
        filtersOf: () => [],
        noDataSource: (name) => `no ${name}`,
      };
      const closed = (panel: Panel): boolean => panel.type === 'row' && panel.collapsed === true;
      const toggledRows = new Set(dashboard.panels.filter(closed).map(({ id }) => id));
      const { items } = layOut({ panels: dashboard.panels, variables: states, toggledRows });
      const panels = items.filter((item) => item.kind === 'panel');
      assert.ok(panels.length > 0);
      for (const { panel, scopedVars } of panels) {
        const request = panelRequest(panel, scopedVars, 800, context);
        assert.deepEqual(request.errors, [], panel.title ?? '');
        for (const { expr } of request.queries) {
          assert.ok(isPromql(String(expr)), `${panel.title}: ${String(expr)}`);
          assert.doesNotMatch(String(expr), /\$\w|\$\{|\[\[/, panel.title ?? '');
        }
      }
    });
  }
});
