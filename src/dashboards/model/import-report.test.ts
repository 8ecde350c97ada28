import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importReport } from './import-report.ts';
import { readDashboard } from './read.ts';
import { describeReportItem } from './report-items.ts';

describe('importReport()', () => {
  const f = (name: string, panel: object, want: string[], options?: object): void =>
    void it(name, () => {
      const { dashboard } = readDashboard({
        title: 'x',
        schemaVersion: 42,
        panels: [{ type: 'timeseries', title: 'P', ...panel }],
      });
      const items = importReport(dashboard, options);
      assert.deepEqual(
        items.map((item) => `${item.severity} ${item.path}: ${describeReportItem(item, 'en')}`),
        want,
      );
      assert.ok(
        items.every(
          (item) => item.panel?.title === 'P' && !describeReportItem(item, 'ko').includes('{'),
        ),
      );
    });
  f(
    'nothing to say',
    { options: { legend: { showLegend: true }, tooltip: { mode: 'multi' } } },
    [],
  );
  f('an unknown panel', { type: 'acme-panel', options: { whatever: 1 } }, [
    'warning panels[0]: Panel type acme-panel is not known: its query result is shown as a table',
  ]);
  f('a panel that is not drawn', { type: 'traces' }, [
    'warning panels[0]: Panel type traces is not drawn: its query result is shown as a table',
  ]);
  f('an unknown option, however deep', { options: { legend: { acme: 1 }, acme: { deep: [1] } } }, [
    'note panels[0].options.legend.acme: Option legend.acme of timeseries is not known: kept, without effect',
    'note panels[0].options.acme.deep: Option acme.deep of timeseries is not known: kept, without effect',
  ]);
  f(
    'an unknown custom field',
    { fieldConfig: { defaults: { custom: { acme: 1 } }, overrides: [] } },
    [
      'note panels[0].fieldConfig.defaults.custom.acme: Option acme of timeseries is not known: kept, without effect',
    ],
  );
  f(
    'a value that is not allowed; a variable is',
    { options: { tooltip: { mode: 'sideways', sort: '$sort' } } },
    [
      'note panels[0].options.tooltip.mode: tooltip.mode of timeseries is "sideways": allowed is single, multi, none',
    ],
  );
  f(
    'an option without effect, unless it is the default',
    { options: { annotations: { multiLane: true } } },
    [
      'warning panels[0].options.annotations.multiLane: Option annotations.multiLane of timeseries has no effect: annotations share one lane',
    ],
  );
  f('the default of one', { options: { annotations: { multiLane: false } } }, []);
  f(
    'overrides',
    {
      fieldConfig: {
        defaults: { acme: 1, color: { mode: 'acme' } },
        overrides: [
          {
            matcher: { id: 'byAcme' },
            properties: [
              { id: 'unit', value: 's' },
              { id: 'acme', value: 1 },
              { id: 'custom.stacking', value: { mode: 'normal', acme: 1 } },
            ],
          },
        ],
      },
    },
    [
      'note panels[0].fieldConfig.defaults.acme: Field option acme is not known: kept, without effect',
      'warning panels[0].fieldConfig.defaults.color: Color mode acme is not known: the panel’s own is used',
      'warning panels[0].fieldConfig.overrides[0].matcher: An override matches by byAcme, which is not known: it changes nothing',
      'note panels[0].fieldConfig.overrides[0].properties[1]: Field option acme is not known: kept, without effect',
      'note panels[0].fieldConfig.overrides[0].properties[2].stacking.acme: Option stacking.acme of timeseries is not known: kept, without effect',
    ],
  );
  f(
    'transformations',
    { transformations: [{ id: 'organize' }, { id: 'spatial' }, { id: 'acme', disabled: true }] },
    ['warning panels[0].transformations[1]: Transformation spatial is not known: it is left out'],
  );
  f(
    'data sources',
    {
      datasource: { type: 'mysql', uid: 'm' },
      targets: [
        { datasource: { type: 'prometheus', uid: 'p' } },
        { datasource: { type: 'datasource', uid: '-- Dashboard --' } },
      ],
    },
    ['problem panels[0].datasource: No data source of type mysql can be asked'],
    { dataSourceTypes: ['prometheus'] },
  );
  f('an alert inside', { alert: {} }, [
    'warning panels[0].alert: The alert rule inside the panel is kept but never evaluated',
  ]);
  it('variables', () => {
    const list = [
      { name: 'a', type: 'query' },
      { name: 'g', type: 'groupby' },
      { name: 's', type: 'switch' },
      { name: 'o', type: 'other' },
    ];
    const { dashboard } = readDashboard({ title: 'x', schemaVersion: 42, templating: { list } });
    assert.deepEqual(
      importReport(dashboard).map((item) => describeReportItem(item, 'en')),
      ['Variables of type other are not supported: o keeps its stored value'],
    );
  });
});
