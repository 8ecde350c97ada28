import {
  type DataFrame,
  type Field,
  FieldType,
  fieldMatchers,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
} from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { choiceAt, maybeNumberAt, numberAt, objectAt, textAt } from '../read.ts';
import { type ChartSeries, type Column, scaleKeyOf } from './series-model.ts';
import { seriesOptions } from './series-options.ts';

type Json = Readonly<Record<string, unknown>>;

/** One set of points: a field over another of the same frame. */
export interface XySeries extends ChartSeries {
  readonly x: Field;
  readonly xName: string;
  /** As they come; null is no point. */
  readonly xs: Column;
  readonly hasPoints: boolean;
  readonly hasLines: boolean;
  readonly isSquare: boolean;
  readonly strokePx: number;
  /** Diameter of the point of each row; undefined: all have `options.pointSizePx`. */
  readonly sizesPx: readonly number[] | undefined;
  readonly sizeField: Field | undefined;
  /** Colour of each row; undefined: all have the series'. */
  readonly colors: readonly string[] | undefined;
  readonly colorField: Field | undefined;
}

/** More points than this are drawn from the first rows on. */
export const maxPoints = 200_000;

/** Which fields are drawn over which, by `mapping` and `series` of the options, or by themselves. */
export function xyModel(
  frames: readonly DataFrame[],
  options: Json,
  theme: GrafanaTheme2,
): readonly XySeries[] {
  const tables = frames.filter((frame) => !isExemplars(frame) && frame.length > 0);
  const configs = seriesConfigs(options);
  // Files before version 11 have another word for it.
  const mapping = textAt(options, 'mapping', textAt(options, 'seriesMapping', 'auto'));
  const context: Context = { frames: tables, theme };
  if (mapping === 'manual') {
    return configs.flatMap((config) => {
      const frame = tables.find((one, at) => isFrame(config.frame, one, at));
      return frame === undefined ? [] : seriesOf(frame, config, context);
    });
  }
  const config = configs[0] ?? automatic(options);
  return tables
    .filter((frame, at) => isFrame(config.frame, frame, at))
    .flatMap((frame) => seriesOf(frame, config, context));
}

interface Context {
  readonly frames: readonly DataFrame[];
  readonly theme: GrafanaTheme2;
}

interface SeriesConfig {
  readonly name: string;
  readonly frame: Json;
  readonly x: Json;
  readonly y: Json;
  readonly size: Json;
  readonly color: Json;
}

function seriesConfigs(options: Json): readonly SeriesConfig[] {
  const list = Array.isArray(options['series']) ? options['series'] : [];
  return list.map((one: unknown) => {
    const config = objectAt(one);
    return {
      name: textAt(config, 'name', textAt(objectAt(config, 'name'), 'fixed', '')),
      frame: matcherAt(config, 'frame'),
      x: matcherAt(config, 'x'),
      y: matcherAt(config, 'y'),
      size: matcherAt(config, 'size', 'pointSize'),
      color: matcherAt(config, 'color', 'pointColor'),
    };
  });
}

/** How files before version 11 name the x axis of all series. */
function automatic(options: Json): SeriesConfig {
  const dims = objectAt(options, 'dims');
  return {
    name: '',
    frame: maybeNumberAt(dims, 'frame') === undefined ? {} : byIndex(numberAt(dims, 'frame', 0)),
    x: textAt(dims, 'x', '') === '' ? {} : byName(textAt(dims, 'x', '')),
    y: {},
    size: {},
    color: {},
  };
}

const byName = (name: string): Json => ({ id: 'byName', options: name });
const byIndex = (index: number): Json => ({ id: 'byIndex', options: index });

/** A matcher; older files have a field's name, or an object with it, in the same or another place. */
function matcherAt(config: Json, key: string, oldKey = key): Json {
  const matcher = objectAt(objectAt(config, key), 'matcher');
  if (textAt(matcher, 'id', '') !== '') return matcher;
  const old = config[oldKey];
  if (typeof old === 'number') return byIndex(old);
  const name = typeof old === 'string' ? old : textAt(objectAt(old), 'field', '');
  return name === '' ? {} : byName(name);
}

function isFrame(matcher: Json, frame: DataFrame, index: number): boolean {
  const id = textAt(matcher, 'id', '');
  const wanted = matcher['options'];
  if (id === '') return true;
  if (id === 'byIndex') return Number(wanted) === index;
  return frame.refId === wanted || frame.name === wanted;
}

function fieldsBy(matcher: Json, frame: DataFrame, { frames }: Context): readonly Field[] {
  const found = fieldMatchers.getIfExists(textAt(matcher, 'id', ''));
  if (found === undefined) return [];
  const matches = found.get(matcher['options'] as never);
  return frame.fields.filter((field) => matches(field, frame, [...frames]));
}

const isNumeric = ({ type }: Field): boolean => type === FieldType.number;

function seriesOf(frame: DataFrame, config: SeriesConfig, context: Context): readonly XySeries[] {
  const x =
    fieldsBy(config.x, frame, context)[0] ??
    frame.fields.find((field) => isNumeric(field) || field.type === FieldType.time);
  if (x === undefined) return [];
  const [size] = fieldsBy(config.size, frame, context).filter(isNumeric);
  const [color] = fieldsBy(config.color, frame, context);
  const wanted = fieldsBy(config.y, frame, context);
  const ys = (wanted.length > 0 ? wanted : frame.fields).filter(
    (field) => isNumeric(field) && field !== x && (wanted.length > 0 || !isSpare(field)),
  );
  function isSpare(field: Field): boolean {
    return field === size || field === color;
  }
  return ys.map((y) => oneSeries(y, { frame, x, size, color, name: config.name, context }));
}

function oneSeries(
  y: Field,
  given: {
    readonly frame: DataFrame;
    readonly x: Field;
    readonly size: Field | undefined;
    readonly color: Field | undefined;
    readonly name: string;
    readonly context: Context;
  },
): XySeries {
  const { frame, x, size, color, context } = given;
  const frames = [...context.frames];
  const own = objectAt(y.config.custom);
  const pointSize = objectAt(own, 'pointSize');
  const show = choiceAt(own, 'show', ['points', 'lines', 'points+lines'], 'points');
  const options = {
    ...seriesOptions(y),
    fillOpacity: numberAt(own, 'fillOpacity', 50),
    pointSizePx: Math.max(1, numberAt(pointSize, 'fixed', numberAt(own, 'pointSize', 5))),
  };
  const count = Math.min(frame.length, maxPoints);
  return {
    name: given.name === '' ? getFieldDisplayName(y, frame, frames) : given.name,
    color: getFieldSeriesColor(y, context.theme).color,
    options,
    field: y,
    frame,
    scaleKey: scaleKeyOf(y, options),
    values: (y.values as Column).slice(0, count),
    x,
    xName: getFieldDisplayName(x, frame, frames),
    xs: (x.values as Column).slice(0, count),
    hasPoints: show !== 'lines',
    hasLines: show !== 'points',
    isSquare: own['pointShape'] === 'square',
    strokePx: numberAt(own, 'pointStrokeWidth', 1),
    sizeField: size,
    sizesPx: size === undefined ? undefined : sizesOf(size, pointSize, count),
    colorField: color,
    colors: colorsOf(color ?? y, color !== undefined, count),
  };
}

/** Diameters between the smallest and the largest, by value. */
function sizesOf(field: Field, options: Json, count: number): readonly number[] {
  const least = Math.max(1, numberAt(options, 'min', 5));
  const most = Math.max(least, numberAt(options, 'max', 50));
  const values = (field.values as Column).slice(0, count).map((value) => value ?? Number.NaN);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low;
  return values.map((value) =>
    Number.isNaN(value) || range <= 0 ? least : least + ((value - low) / range) * (most - least),
  );
}

/** Undefined: its colour does not depend on the value. */
function colorsOf(field: Field, isOther: boolean, count: number): readonly string[] | undefined {
  const mode = field.config.color?.mode ?? '';
  const isByValue = mode === 'thresholds' || mode.startsWith('continuous-');
  const { display } = field;
  if (display === undefined || !(isByValue || isOther)) return undefined;
  return Array.from({ length: count }, (_, row) => display(field.values[row]).color ?? '');
}
