import { isObject, type JsonObject, numberOf, objectAt, objectsOf, valueAt } from '../json.ts';
import { gridColumns } from '../layout.ts';
import { panelsOf } from '../walk.ts';

const transformationsOf = (panel: JsonObject): JsonObject[] => objectsOf(panel['transformations']);

/** 17: how many repeated panels stand side by side, said by their least width before. */
export function minSpanToMaxPerRow(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    const span = numberOf(panel['minSpan']);
    delete panel['minSpan'];
    if (span === undefined || span <= 0) continue;
    let perRow = Math.max(1, Math.floor(gridColumns / span));
    while (gridColumns % perRow !== 0) perRow--;
    panel['maxPerRow'] ??= perRow;
  }
}

/** 30 */
export function tooltipOptionsToTooltip(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    const options = panel['options'];
    if (!isObject(options) || options['tooltipOptions'] === undefined) continue;
    options['tooltip'] ??= options['tooltipOptions'];
    delete options['tooltipOptions'];
  }
}

/** 31: labels became columns of one table each; since then the tables are merged by a step of their own. */
export function mergeAfterLabelsToFields(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    const steps = transformationsOf(panel);
    if (!steps.some((step) => step['id'] === 'labelsToFields')) continue;
    panel['transformations'] = steps.flatMap((step) =>
      step['id'] === 'labelsToFields' ? [step, { id: 'merge', options: {} }] : [step],
    );
  }
}

/** 35: hiding "the axis" meant the axis of values; the time axis has its own since then. */
export function timeAxisStaysVisible(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    if (panel['type'] !== 'timeseries') continue;
    if (valueAt(panel, 'fieldConfig.defaults.custom.axisPlacement') !== 'hidden') continue;
    const config = objectAt(panel, 'fieldConfig');
    config['overrides'] = [
      ...objectsOf(config['overrides']),
      {
        matcher: { id: 'byType', options: 'time' },
        properties: [{ id: 'custom.axisPlacement', value: 'auto' }],
      },
    ];
  }
}

/** 37: whether a legend is shown was one of its modes. */
export function legendsSayWhetherShown(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    const legend = valueAt(panel, 'options.legend');
    if (!isObject(legend)) continue;
    const isHidden = legend['displayMode'] === 'hidden' || legend['showLegend'] === false;
    legend['showLegend'] = !isHidden;
    if (isHidden) legend['displayMode'] = 'list';
  }
}

/** 39: each query's own settings, of which there was one. */
export function statsByRefId(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    for (const step of transformationsOf(panel)) {
      const options = step['options'];
      if (step['id'] !== 'timeSeriesTable' || !isObject(options)) continue;
      const stats = options['refIdToStat'];
      if (!isObject(stats)) continue;
      step['options'] = Object.fromEntries(
        Object.entries(stats).map(([refId, stat]) => [refId, { stat }]),
      );
    }
  }
}

/** 40 */
export function refreshIsText(dashboard: JsonObject): void {
  if (typeof dashboard['refresh'] !== 'string') dashboard['refresh'] = '';
}

/** 41 */
export function withoutTimeOptions(dashboard: JsonObject): void {
  if (isObject(dashboard['timepicker'])) delete dashboard['timepicker']['time_options'];
}

/** 42: a series hidden in the chart was hidden in the tooltip too. */
export function hideFromTooltipToo(dashboard: JsonObject): void {
  for (const { panel } of panelsOf(dashboard)) {
    for (const override of objectsOf(valueAt(panel, 'fieldConfig.overrides'))) {
      for (const property of objectsOf(override['properties'])) {
        const value = property['value'];
        if (property['id'] !== 'custom.hideFrom' || !isObject(value)) continue;
        if (value['viz'] === true) value['tooltip'] = true;
      }
    }
  }
}
