import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  type Dashboard,
  importReport,
  isUid,
  type Panel,
  panelKind,
  readDashboard,
  slugOf,
} from '#dashboards/model';
import { interpolate, referencesIn } from '#dashboards/variables';
import { builtinRuleGroups } from '#kubernetes/rules';
import { checkQuery } from '#logs/insights';
import { parseQuery, selectorsOf } from '#metrics/promql';
import { bundledDashboard, shippedByCatalogueId, shippedDashboards } from './index.ts';

const all = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What is there without a variable of the dashboard. */
const builtIn = /^__(rate_interval|interval|range|url_time_range|data|field|value|series|all)$/;

const texts = (dashboard: Dashboard): string[] =>
  [...JSON.stringify(dashboard).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(
    (match) => JSON.parse(`"${match[1]}"`) as string,
  );

/** PromQL of a dashboard as it is sent, with something for each variable. */
function queriesOf(dashboard: Dashboard): { readonly panel: string; readonly text: string }[] {
  const values: Readonly<Record<string, string>> = { __rate_interval: '1m0s', __range: '3600s' };
  return all(dashboard.panels).flatMap((panel) =>
    (panel.targets ?? [])
      .filter((target) => typeof target['expr'] === 'string')
      .map((target) => ({
        panel: panel.title ?? '',
        text: interpolate(target['expr'] as string, ({ name }) => {
          const text = values[name] ?? 'x';
          return { value: text, text };
        }),
      })),
  );
}

/** Names of series that the rules which come with the program record. */
const recorded = new Set(
  builtinRuleGroups({ isKubernetes: true, disabledGroups: [] }).flatMap((group) =>
    group.rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
  ),
);

/** Names that state metrics write, as their own tests have them. */
const stateMetrics = new Set(
  globSync(join(import.meta.dirname, '../../kubernetes/state-metrics/testdata/*.prom')).flatMap(
    (file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(kube_\w+)[{ ]/gm)].map((match) => match[1]!),
  ),
);

describe('shipped dashboards', () => {
  it('have uids, titles and slugs of their own', () => {
    for (const of of [
      (dashboard: Dashboard) => dashboard.uid,
      (dashboard: Dashboard) => dashboard.title,
      (dashboard: Dashboard) => slugOf(dashboard.title),
    ]) {
      const values = shippedDashboards.map(of);
      assert.deepEqual(values, [...new Set(values)]);
    }
  });

  for (const dashboard of shippedDashboards) {
    describe(dashboard.uid ?? '', () => {
      it('is in its present form, with nothing to say about it', () => {
        const { dashboard: read, report } = readDashboard(dashboard);
        assert.deepEqual(plain(read), plain(dashboard));
        assert.deepEqual(report, []);
        assert.deepEqual(
          importReport(dashboard, { dataSourceTypes: ['prometheus', 'cloudwatch'] }),
          [],
        );
        assert.ok(isUid(dashboard.uid!) && dashboard.uid!.startsWith('nunchi-'));
      });

      it('says of every panel what it is, and of every unit what it counts', () => {
        for (const panel of all(dashboard.panels)) {
          assert.ok(panel.title, JSON.stringify(panel.gridPos));
          assert.ok(panelKind(panel.type)?.isDrawn, panel.title);
        }
      });

      it('has the variables that it refers to, and refers to those it has', () => {
        const names = dashboard.templating.list.map((variable) => variable.name);
        const referred = new Set(texts(dashboard).flatMap((text) => [...referencesIn(text)]));
        for (const name of referred) assert.ok(names.includes(name) || builtIn.test(name), name);
        for (const name of names) assert.ok(referred.has(name), `${name} is used nowhere`);
      });

      it('asks what can be parsed, of series that there are', () => {
        for (const { panel, text } of queriesOf(dashboard)) {
          const selectors = selectorsOf(parseQuery(text));
          for (const matchers of selectors) {
            const name = matchers.find((matcher) => matcher.name === '__name__')?.value ?? '';
            if (name.includes(':')) assert.ok(recorded.has(name), `${panel}: ${name}`);
            if (name.startsWith('kube_')) assert.ok(stateMetrics.has(name), `${panel}: ${name}`);
          }
        }
      });

      it('asks logs what can be compiled', () => {
        for (const panel of all(dashboard.panels)) {
          for (const target of panel.targets ?? []) {
            const { expression } = target;
            if (typeof expression !== 'string') continue;
            const wrong = checkQuery(expression).filter((found) => found.severity === 'error');
            assert.deepEqual(wrong, []);
          }
        }
      });

      it('leads to dashboards that are there, with variables that they have', () => {
        for (const url of texts(dashboard).filter((text) => text.startsWith('/d/'))) {
          const [, uid] = /^\/d\/([\w-]+)\?/.exec(url) ?? [];
          const target = shippedDashboards.find((candidate) => candidate.uid === uid);
          assert.ok(target !== undefined, url);
          const names = target.templating.list.map((variable) => variable.name);
          for (const [, name] of url.matchAll(/&var-(\w+)=/g)) {
            assert.ok(names.includes(name!), `${url}: ${name}`);
          }
        }
      });
    });
  }
});

describe('bundledDashboard()', () => {
  it('is one of ours under a number of the catalogue, beside the shipped one', () => {
    for (const [id, uid] of shippedByCatalogueId) {
      const bundled = bundledDashboard(id)!;
      const shipped = shippedDashboards.find((dashboard) => dashboard.uid === uid)!;
      assert.deepEqual([bundled['title'], bundled['gnetId']], [shipped.title, id]);
      assert.notEqual(bundled['uid'], shipped.uid);
      assert.deepEqual(readDashboard(bundled).report, []);
    }
    assert.equal(bundledDashboard(1), undefined);
  });
});
