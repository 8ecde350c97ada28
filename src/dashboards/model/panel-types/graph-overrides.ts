/** `seriesOverrides` of graphs as overrides of fields. */
import { type JsonObject, numberOf, objectsOf, stringOf } from '../json.ts';
import { fixedColor, matcherOf } from './angular.ts';

export interface SecondAxis {
  readonly fields: JsonObject;
  readonly custom: JsonObject;
}

const rightAxis = 2;

export function seriesOverrides(panel: JsonObject, second: SecondAxis): JsonObject[] {
  const made: JsonObject[] = [];
  for (const old of objectsOf(panel['seriesOverrides'])) {
    const alias = stringOf(old['alias']);
    if (!alias) continue;
    const properties = propertiesOf(old, second);
    if (properties.length > 0) made.push({ matcher: matcherOf(alias), properties });
  }
  return made;
}

function propertiesOf(old: JsonObject, second: SecondAxis): JsonObject[] {
  const properties: JsonObject[] = [];
  const put = (id: string, value: unknown): void => void properties.push({ id, value });
  const number = (key: string): number | undefined => numberOf(old[key]);
  const color = stringOf(old['color']);
  if (color) put('color', fixedColor(color));
  if (old['bars'] === true) put('custom.drawStyle', 'bars');
  else if (old['lines'] === true) put('custom.drawStyle', 'line');
  else if (old['points'] === true && old['lines'] === false) put('custom.drawStyle', 'points');
  const fill = number('fill');
  if (fill !== undefined) put('custom.fillOpacity', fill * 10);
  else if (old['bars'] === true) put('custom.fillOpacity', 100);
  const gradient = number('fillGradient') ?? 0;
  if (gradient > 0) {
    put('custom.gradientMode', 'opacity');
    put('custom.fillOpacity', gradient * 10);
  }
  if (typeof old['fillBelowTo'] === 'string') put('custom.fillBelowTo', old['fillBelowTo']);
  const width = number('linewidth');
  if (old['lines'] === false && old['points'] !== true) put('custom.lineWidth', 0);
  else if (width !== undefined) put('custom.lineWidth', width);
  if (typeof old['points'] === 'boolean') {
    put('custom.showPoints', old['points'] ? 'always' : 'never');
  }
  const radius = number('pointradius');
  if (radius !== undefined) put('custom.pointSize', 2 + 2 * radius);
  if (typeof old['steppedLine'] === 'boolean') {
    put('custom.lineInterpolation', old['steppedLine'] ? 'stepAfter' : 'linear');
  }
  if (old['stack'] !== undefined && old['stack'] !== null) {
    put('custom.stacking', stackingOf(old['stack']));
  }
  if (old['dashes'] === true) {
    const dash = [number('dashLength') ?? 10, number('spaceLength') ?? 10];
    put('custom.lineStyle', { fill: 'dash', dash });
  } else if (old['dashes'] === false) {
    put('custom.lineStyle', { fill: 'solid' });
  }
  if (old['nullPointMode'] === 'connected') put('custom.spanNulls', true);
  if (old['nullPointMode'] === 'null as zero') put('nullValueMode', 'null as zero');
  if (old['transform'] === 'negative-Y') put('custom.transform', 'negative-Y');
  const hidden = {
    viz: old['hiddenSeries'] === true,
    legend: old['legend'] === false,
    tooltip: old['hideTooltip'] === true || old['hiddenSeries'] === true,
  };
  if (Object.values(hidden).includes(true)) put('custom.hideFrom', hidden);
  if (number('yaxis') === rightAxis) {
    for (const [id, value] of Object.entries(second.fields)) put(id, value);
    if (second.custom['axisPlacement'] === undefined) put('custom.axisPlacement', 'right');
    for (const [id, value] of Object.entries(second.custom)) put(`custom.${id}`, value);
  }
  return properties;
}

/** `false` takes a series out of the stack; a letter names another stack. */
const stackingOf = (stack: unknown): JsonObject =>
  stack === false
    ? { mode: 'none', group: 'A' }
    : { mode: 'normal', group: typeof stack === 'string' ? stack : 'A' };
