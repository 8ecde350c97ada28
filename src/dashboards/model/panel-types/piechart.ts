/** `grafana-piechart-panel`, the pie chart before there was one. */
import { objectOf, objectsOf, setDefined, stringOf } from '../json.ts';
import { aliasColorOverrides, calculationOf, deleteKeys, textOrNone } from './angular.ts';
import type { PanelMigration } from './index.ts';

const oldKeys = [
  'aliasColors',
  'breakPoint',
  'combine',
  'fontSize',
  'format',
  'legend',
  'legendType',
  'nullPointMode',
  'pieType',
  'strokeWidth',
  'valueName',
  'decimals',
];

export const migratePieChart: PanelMigration = (panel) => {
  const config = objectOf(panel['fieldConfig']);
  const defaults = objectOf(config['defaults']);
  const legend = objectOf(panel['legend']);
  setDefined(defaults, 'unit', textOrNone(panel['format']));
  const isOnGraph = panel['legendType'] === 'On graph';
  const values = [
    ...(legend['values'] === true ? ['value'] : []),
    ...(legend['percentage'] === true ? ['percent'] : []),
  ];
  panel['options'] = {
    ...objectOf(panel['options']),
    pieType: panel['pieType'] === 'donut' ? 'donut' : 'pie',
    reduceOptions: {
      values: false,
      calcs: [calculationOf(stringOf(panel['valueName']) ?? 'current')],
      fields: '',
    },
    displayLabels: isOnGraph ? ['name', ...values] : [],
    legend: {
      showLegend: legend['show'] !== false && !isOnGraph,
      displayMode: values.length > 0 ? 'table' : 'list',
      placement: panel['legendType'] === 'Right side' ? 'right' : 'bottom',
      values,
      calcs: [],
    },
  };
  panel['fieldConfig'] = {
    ...config,
    defaults,
    overrides: [...objectsOf(config['overrides']), ...aliasColorOverrides(panel['aliasColors'])],
  };
  panel['type'] = 'piechart';
  deleteKeys(panel, oldKeys);
};
