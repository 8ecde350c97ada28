import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { choiceAt, flagAt, objectAt, textAt } from '../read.ts';

type Json = Readonly<Record<string, unknown>>;
type Values = readonly (number | null | undefined)[];

export interface CandleOptions {
  readonly mode: 'candles' | 'candles+volume' | 'volume';
  readonly style: 'candles' | 'ohlcbars';
  /** What a candle's colour compares its end with: its own beginning, or the end before. */
  readonly strategy: 'open-close' | 'close-close';
  readonly colors: { readonly up: string; readonly down: string; readonly flat: string };
  readonly showsOthers: boolean;
}

export function candleOptions(options: Json): CandleOptions {
  const colors = objectAt(options, 'colors');
  return {
    mode: choiceAt(options, 'mode', ['candles', 'candles+volume', 'volume'], 'candles+volume'),
    style: choiceAt(options, 'candleStyle', ['candles', 'ohlcbars'], 'candles'),
    strategy: choiceAt(options, 'colorStrategy', ['open-close', 'close-close'], 'open-close'),
    colors: {
      up: textAt(colors, 'up', 'green'),
      down: textAt(colors, 'down', 'red'),
      flat: textAt(colors, 'flat', 'gray'),
    },
    showsOthers: flagAt(options, 'includeAllFields', false),
  };
}

/** Fields of a frame over time with a part in a candle. */
export interface CandleFields {
  readonly frame: DataFrame;
  readonly open: Field | undefined;
  readonly high: Field | undefined;
  readonly low: Field | undefined;
  readonly close: Field | undefined;
  readonly volume: Field | undefined;
  readonly others: readonly Field[];
}

/** Names that fields have by themselves; what options name comes before. */
const usualNames = {
  open: ['open', 'o'],
  high: ['high', 'h', 'max'],
  low: ['low', 'l', 'min'],
  close: ['close', 'c'],
  volume: ['volume', 'v'],
} as const;

type Part = keyof typeof usualNames;

/**
 * Which field is which, of the first frame with a time: by the options, then by name. Where nothing
 * is called open, the first number is, and the close of a row is the open of the next.
 */
export function candleFields(
  frames: readonly DataFrame[],
  options: Json,
): CandleFields | undefined {
  const frame = frames.find(({ fields }) => fields.some(({ type }) => type === FieldType.time));
  if (frame === undefined) return undefined;
  const numbers = frame.fields.filter(({ type }) => type === FieldType.number);
  const named = objectAt(options, 'fields');
  const find = (part: Part): Field | undefined => {
    const wanted = textAt(named, part, '');
    const nameOf = (field: Field): string => getFieldDisplayName(field, frame, [...frames]);
    if (wanted !== '') {
      return numbers.find((field) => field.name === wanted || nameOf(field) === wanted);
    }
    const usual: readonly string[] = usualNames[part];
    return numbers.find((field) =>
      [field.name, nameOf(field)].some((name) => usual.includes(name.toLowerCase())),
    );
  };
  const volume = find('volume');
  const open = find('open') ?? numbers.find((field) => field !== volume);
  if (open === undefined && volume === undefined) return undefined;
  const close = find('close');
  const parts = { open, high: find('high'), low: find('low'), close, volume };
  const taken = new Set(Object.values(parts));
  return { frame, ...parts, others: numbers.filter((field) => !taken.has(field)) };
}

/** One candle for each row; null where there is nothing to draw. */
export interface Candles {
  readonly open: Values;
  readonly high: Values;
  readonly low: Values;
  readonly close: Values;
  readonly volume: Values;
  /** 1 up, -1 down, 0 neither. */
  readonly trend: readonly (1 | 0 | -1)[];
}

export function candlesOf(fields: CandleFields, options: CandleOptions): Candles {
  const { length } = fields.frame;
  const values = (field: Field | undefined): Values => (field?.values as Values) ?? [];
  const open = values(fields.open ?? fields.close);
  // Without a close of its own, a candle ends where the next begins.
  const close =
    fields.close === undefined
      ? Array.from({ length }, (_, row) => open[row + 1] ?? open[row] ?? null)
      : values(fields.close);
  const edge = (field: Field | undefined, of: (...all: number[]) => number): Values =>
    Array.from({ length }, (_, row) => {
      const [from, to] = [open[row], close[row]];
      if (from == null || to == null) return null;
      return field?.values[row] ?? of(from, to);
    });
  const trend = Array.from({ length }, (_, row): 1 | 0 | -1 => {
    const from = options.strategy === 'close-close' ? close[row - 1] : open[row];
    const to = close[row];
    if (from == null || to == null || from === to) return 0;
    return to > from ? 1 : -1;
  });
  return {
    open,
    close,
    high: edge(fields.high, Math.max),
    low: edge(fields.low, Math.min),
    volume: values(fields.volume),
    trend,
  };
}
