import {
  type DataFrame,
  type DataTransformerInfo,
  type Field,
  FieldType,
  getFieldDisplayName,
} from '@grafana/data';
import { choiceAt, numberAt, textAt } from '../read.ts';
import { ownTransformer } from './own-transformer.ts';

/** Higher ones follow every bump, and the equations lose their digits. */
const maxDegree = 5;
const maxPredictions = 5000;

/** The curve that comes nearest to the points, as a frame of its own. */
export const regression: DataTransformerInfo = ownTransformer('regression', (frames, options) => {
  const type = choiceAt(options, 'modelType', ['linear', 'polynomial'], 'linear');
  const degree =
    type === 'linear' ? 1 : Math.min(maxDegree, Math.max(1, numberAt(options, 'degree', 2)));
  const [xName, yName] = [textAt(options, 'xFieldName', ''), textAt(options, 'yFieldName', '')];
  for (const frame of frames) {
    const x = named(frame, xName) ?? frame.fields.find((field) => field.type === FieldType.time);
    const y = named(frame, yName) ?? frame.fields.find((field) => field.type === FieldType.number);
    if (x === undefined || y === undefined) continue;
    const points = x.values.flatMap((at: number, row: number) => {
      const value = y.values[row] as unknown;
      return typeof value === 'number' && Number.isFinite(value) ? [[at, value] as const] : [];
    });
    const curve = fitted(points, degree);
    if (curve === undefined) continue;
    const xs = points.map(([at]) => at);
    const [min, max] = [Math.min(...xs), Math.max(...xs)];
    const count = Math.min(maxPredictions, Math.max(2, numberAt(options, 'predictionCount', 100)));
    const at = Array.from({ length: count }, (_, step) => min + ((max - min) * step) / (count - 1));
    const title = type === 'linear' ? 'Linear regression' : 'Polynomial regression';
    return [
      ...frames,
      {
        name: title,
        length: count,
        fields: [
          { name: x.name, type: x.type, config: { ...x.config }, values: at },
          {
            name: title,
            type: FieldType.number,
            config: { ...y.config, displayName: title },
            values: at.map(curve),
          },
        ],
      },
    ];
  }
  return frames;
});

function named(frame: DataFrame, name: string): Field | undefined {
  return name === ''
    ? undefined
    : frame.fields.find(
        (field) => field.name === name || getFieldDisplayName(field, frame) === name,
      );
}

/** Least squares; undefined: the points do not say which curve. */
function fitted(
  points: readonly (readonly [x: number, y: number])[],
  degree: number,
): ((x: number) => number) | undefined {
  if (points.length <= degree) return undefined;
  const xs = points.map(([x]) => x);
  const [min, max] = [Math.min(...xs), Math.max(...xs)];
  if (max === min) return undefined;
  // Times are large numbers: powers of them would leave no digits.
  const scaled = (x: number): number => (2 * (x - min)) / (max - min) - 1;
  const size = degree + 1;
  const rows = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const [x, y] of points) {
    const powers = Array.from({ length: size }, (_, power) => scaled(x) ** power);
    for (const [row, left] of powers.entries()) {
      const own = rows[row] as Float64Array;
      for (const [column, right] of powers.entries()) {
        own[column] = (own[column] as number) + left * right;
      }
      own[size] = (own[size] as number) + left * y;
    }
  }
  const factors = solved(rows);
  return (
    factors && ((x) => factors.reduce((sum, factor, power) => sum + factor * scaled(x) ** power, 0))
  );
}

/** Gauss with the largest pivot; the last column is the right side. */
function solved(rows: Float64Array[]): readonly number[] | undefined {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    }
    const lead = rows[pivot] as Float64Array;
    if (Math.abs(lead[column] as number) < 1e-12) return undefined;
    rows[pivot] = rows[column] as Float64Array;
    rows[column] = lead;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const own = rows[row] as Float64Array;
      const factor = (own[column] as number) / (lead[column] as number);
      for (let at = column; at <= size; at++)
        own[at] = (own[at] as number) - factor * (lead[at] as number);
    }
  }
  return rows.map((row, at) => (row[size] as number) / (row[at] as number));
}
