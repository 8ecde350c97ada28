/** Published dashboards, whole: read, reported on, exported and imported again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Panel } from './contract.ts';
import { exportDashboard } from './export.ts';
import { importReport } from './import-report.ts';
import { applyInputs, inputsOf } from './inputs.ts';
import { panelKind } from './panel-kinds/index.ts';
import { parseDashboard, readDashboard } from './read.ts';
import { type RealFile, realFiles, skipReal } from './real-files.fixture.ts';

const dataSources = [
  { uid: 'prometheus', name: 'Prometheus', type: 'prometheus', isDefault: true },
];
const all = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const file = (name: string): RealFile => realFiles.find((entry) => entry.name === name)!;

describe('published dashboards', { skip: skipReal }, () => {
  for (const { name, text } of realFiles) {
    describe(name, () => {
      it('is read, each panel drawn, each query with an id', () => {
        const { dashboard } = parseDashboard(text, { dataSources });
        for (const panel of all(dashboard.panels)) {
          assert.equal(panelKind(panel.type)?.isDrawn, true, panel.type);
          const refIds = (panel.targets ?? []).map((target) => target.refId);
          assert.deepEqual(refIds, [...new Set(refIds)]);
        }
        const told = importReport(dashboard, { dataSourceTypes: ['prometheus'] });
        // What looks a little different is said and is no reason to refuse a file.
        assert.deepEqual(
          told.filter(({ severity, code }) => severity !== 'note' && code !== 'option-not-drawn'),
          [],
        );
      });

      it('read again is the same', () => {
        const once = parseDashboard(text, { dataSources }).dashboard;
        const twice = readDashboard(once, { dataSources });
        assert.deepEqual(plain(twice.dashboard), plain(once));
        assert.deepEqual(twice.report, []);
      });

      it('exported, imported and exported again is the same', () => {
        const first = exportDashboard(parseDashboard(text, { dataSources }).dashboard, {
          dataSources,
        });
        const answers = inputsOf(first).map(({ name: input, type, value }) => ({
          name: input,
          type,
          value: value ?? 'prometheus',
        }));
        const imported = readDashboard(applyInputs(first, answers), { dataSources });
        assert.deepEqual(imported.report, []);
        assert.deepEqual(plain(exportDashboard(imported.dashboard, { dataSources })), plain(first));
      });

      it('keeps every query and every key of the top', () => {
        const before = JSON.parse(text) as Record<string, unknown>;
        const { dashboard } = parseDashboard(text);
        const exprs = (value: unknown): string[] =>
          [...JSON.stringify(value).matchAll(/"expr":"((?:[^"\\]|\\.)*)"/g)]
            .map((m) => m[1]!)
            .sort();
        assert.deepEqual(exprs(dashboard), exprs(before));
        const gone = ['__inputs', '__requires', '__elements', 'iteration', 'style'];
        const missing = Object.keys(before).filter(
          (key) => !(key in dashboard) && !gone.includes(key),
        );
        // Only what was null or empty, and means nothing then.
        assert.deepEqual(
          missing.filter((key) => before[key] !== null && before[key] !== ''),
          [],
        );
      });
    });
  }

  it('ArgoCD: 34 graphs in collapsed rows are time series with their legends', () => {
    const { dashboard, report } = parseDashboard(file('argo-cd/dashboard.json').text);
    const migrated = report.filter((item) => item.code === 'panel-type-migrated');
    assert.equal(migrated.length, 34);
    assert.ok(
      migrated.every(
        (item) => item.params['from'] === 'graph' && item.params['to'] === 'timeseries',
      ),
    );
    const panels = all(dashboard.panels).filter((panel) => panel.type === 'timeseries');
    const legends = panels.map(
      (panel) =>
        panel.options['legend'] as { displayMode?: string; calcs?: string[]; placement?: string },
    );
    assert.ok(
      legends.filter((legend) => legend.displayMode === 'table' && (legend.calcs ?? []).length > 0)
        .length >= 10,
    );
    assert.ok(
      panels.every((panel) => panel['yaxes'] === undefined && panel['lines'] === undefined),
    );
  });

  it('nginx: one question, a repeated stat, three time series', () => {
    const { text } = file('nginx/dashboard.json');
    const input = JSON.parse(text) as object;
    assert.deepEqual(
      inputsOf(input).map(({ name, pluginId }) => [name, pluginId]),
      [['DS_PROMETHEUS', 'prometheus']],
    );
    const { dashboard } = readDashboard(
      applyInputs(input, [
        { name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus', value: 'p' },
      ]),
    );
    assert.deepEqual(
      dashboard.panels.map((panel) => [panel.type, panel.datasource]),
      [
        ['row', { uid: 'p' }],
        ['stat', { uid: 'p' }],
        ['row', { uid: 'p' }],
        ['timeseries', { uid: 'p' }],
        ['timeseries', { uid: 'p' }],
        ['timeseries', { uid: 'p' }],
      ],
    );
    const stat = dashboard.panels[1]!;
    assert.deepEqual(
      [stat.repeat, stat.repeatDirection, stat.options['colorMode']],
      ['instance', 'h', 'background'],
    );
    assert.deepEqual(stat.fieldConfig.defaults.thresholds?.steps, [
      { value: null, color: '#E02F44' },
      { value: 1, color: '#FF9830' },
      { value: 1, color: '#299c46' },
    ]);
    assert.deepEqual(stat.fieldConfig.defaults.mappings, [
      { type: 'value', options: { 0: { text: 'Down' }, 1: { text: 'Up' } } },
    ]);
    const connections = dashboard.panels[3]!;
    assert.deepEqual(
      [
        connections.fieldConfig.defaults.unit,
        connections.fieldConfig.defaults.decimals,
        connections.fieldConfig.defaults.custom?.['axisLabel'],
      ],
      ['short', 1, 'Connections (rate)'],
    );
    const raw = readDashboard(input, { dataSources });
    assert.ok(raw.dashboard.panels.every((panel) => panel.datasource?.uid === 'prometheus'));
  });
});
