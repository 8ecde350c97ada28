/** Axes and thresholds of graphs before schema version 13, spread over a panel's keys. */
import { isObject, type JsonObject, numberOf, objectOf, stringOf } from '../json.ts';
import { deleteKeys } from './angular.ts';

const oldKeys = ['grid', 'leftYAxisLabel', 'rightYAxisLabel', 'x-axis', 'y-axis', 'y_formats'];

/** `yaxes` and `thresholds` out of `y_formats`, `grid` and their like, where there are such; in place. */
export function readFirstAxes(panel: JsonObject): void {
  const formats = panel['y_formats'];
  const grid = objectOf(panel['grid']);
  if (!Array.isArray(panel['yaxes']) && (Array.isArray(formats) || isObject(panel['grid']))) {
    panel['yaxes'] = (['left', 'right'] as const).map((side, index) => ({
      show: panel['y-axis'] !== false,
      format: Array.isArray(formats) ? formats[index] : undefined,
      label: stringOf(panel[`${side}YAxisLabel`]),
      min: grid[`${side}Min`],
      max: grid[`${side}Max`],
      logBase: grid[`${side}LogBase`],
    }));
  }
  if (!Array.isArray(panel['thresholds'])) {
    const bounds = thresholdsOf(grid);
    if (bounds.length > 0) panel['thresholds'] = bounds;
  }
  deleteKeys(panel, oldKeys);
}

/** Two bounds at most; the order of their values says to which side they lie. */
function thresholdsOf(grid: JsonObject): JsonObject[] {
  const values = [numberOf(grid['threshold1']), numberOf(grid['threshold2'])];
  const isFalling = values[0] !== undefined && values[1] !== undefined && values[0] > values[1];
  const hasLine = grid['thresholdLine'] === true;
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const color = stringOf(grid[`threshold${index + 1}Color`]) ?? (index === 0 ? 'orange' : 'red');
    return [
      {
        op: isFalling ? 'lt' : 'gt',
        value,
        colorMode: 'custom',
        fill: !hasLine,
        line: hasLine,
        fillColor: color,
        lineColor: color,
      },
    ];
  });
}
