import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Field } from '@grafana/data';
import { legendOptions, tooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { heatOptions } from '../../../../src/dashboards/fields/models/heat-options.ts';
import { seriesOptions } from '../../../../src/dashboards/fields/models/series-options.ts';
import { statOptions } from '../../../../src/dashboards/fields/models/stat-options.ts';
import { stateOptions } from '../../../../src/dashboards/fields/models/state-options.ts';
import {
  columnOptions,
  tableOptions,
} from '../../../../src/dashboards/fields/models/table-options.ts';
import type { Panel } from '../../../../src/dashboards/model/contract.ts';
import { defaultsOf, panelKind } from '../../../../src/dashboards/model/panel-kinds/index.ts';

/** What a panel does where a document says nothing is what editors and reports say that it does. */
describe('options that are left out', () => {
  const kindOf = (type: string) => {
    const kind = panelKind(type);
    assert.ok(kind !== undefined);
    return kind;
  };
  const f = (type: string, read: (options: Panel['options']) => unknown): void =>
    void it(`of ${type} are those that its kind declares`, () =>
      assert.deepEqual(read({}), read(defaultsOf(kindOf(type).options))));
  f('stat', statOptions);
  f('heatmap', heatOptions);
  f('state-timeline', stateOptions);
  f('status-history', stateOptions);
  f('table', (options) => ({ ...tableOptions(options) }));
  for (const type of ['timeseries', 'piechart', 'barchart', 'histogram', 'state-timeline']) {
    f(type, (options) => legendOptions({ type, options } as Panel));
    f(type, (options) => tooltipOptions({ options } as Panel));
  }

  const custom = (type: string, read: (field: Field) => unknown): void =>
    void it(`of fields of ${type} are those that its kind declares`, () => {
      const fieldOf = (own: object): Field => ({ config: { custom: own } }) as unknown as Field;
      assert.deepEqual(read(fieldOf({})), read(fieldOf(defaultsOf(kindOf(type).custom))));
    });
  custom('timeseries', seriesOptions);
  custom('trend', seriesOptions);
  // Columns are as wide as their words; the declared least width is Grafana's.
  custom('table', (field) => ({ ...columnOptions(field, true), minWidthPx: 0 }));
});
