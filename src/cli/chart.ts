/** A line of a chart. Columns of equal length, times ascending; what is not finite is a gap. */
export interface ChartSeries {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

export interface ChartOptions {
  readonly startMs: number;
  readonly endMs: number;
  /** Points farther apart than a step and a half are not joined. */
  readonly stepMs: number;
  /** Of the terminal. */
  readonly columns: number;
  /** Of the plot, without axis and legend. */
  readonly rows: number;
  /** With colours all lines are of braille dots; without, more than one line are letters. */
  readonly hasColor: boolean;
}

/** Beyond this nobody can tell the lines apart. */
const maxLines = 12;
const minPlotColumns = 10;
/** Larger values are drawn at this one: differences of a few of them are still numbers. */
const maxDrawn = 5e306;
/** Of the 256 colours of terminals, those that can be read on black and on white. */
const colors = [33, 208, 35, 197, 141, 44, 172, 205, 70, 99, 131, 67];
const letters = 'abcdefghijkl';
/** Bits of the dots of a braille character, by column and row. */
const dotBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A chart of lines for terminals, with its axes and legend. */
export function renderChart(all: readonly ChartSeries[], options: ChartOptions): string {
  const series = all.slice(0, maxLines);
  const range = rangeOf(series);
  if (range === undefined) return 'no data\n';
  const { rows, columns } = options;
  const axis = Array.from({ length: rows }, (_, row) =>
    isLabelled(row, rows)
      ? numberText(range.max - ((range.max - range.min) * row) / (rows - 1))
      : '',
  );
  const axisWidth = Math.max(...axis.map((text) => text.length));
  const width = Math.max(minPlotColumns, columns - axisWidth - 2);
  const isDotted = options.hasColor || series.length === 1;
  const canvas = new Canvas(width, rows, isDotted);
  for (const [index, one] of series.entries()) drawLine(canvas, index, one, range, options);
  const lines = axis.map(
    (text, row) =>
      `${text.padStart(axisWidth)} ${text === '' ? '│' : '┤'}${canvas.row(row, options.hasColor)}`,
  );
  const indent = ' '.repeat(axisWidth + 1);
  return [
    ...lines,
    `${indent}└${'─'.repeat(width)}`,
    `${indent} ${timeAxis(options, width)}`,
    ...legend(series, options, isDotted),
    ...(all.length > series.length ? [`${all.length - series.length} more series: try topk`] : []),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Of all finite values, never empty; undefined: there are none. */
function rangeOf(series: readonly ChartSeries[]): Range | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { values } of series) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      min = Math.min(min, drawn(value));
      max = Math.max(max, drawn(value));
    }
  }
  if (min > max) return undefined;
  if (min < max) return { min, max };
  const room = Math.abs(min) / 2 || 1;
  return { min: min - room, max: max + room };
}

const drawn = (value: number): number => Math.min(maxDrawn, Math.max(-maxDrawn, value));

/** Every fourth row, and the ends. */
const isLabelled = (row: number, rows: number): boolean =>
  row === rows - 1 || (row % 4 === 0 && rows - 1 - row >= 2);

function drawLine(
  canvas: Canvas,
  index: number,
  { timesMs, values }: ChartSeries,
  { min, max }: Range,
  { startMs, endMs, stepMs }: ChartOptions,
): void {
  const spanMs = Math.max(1, endMs - startMs);
  let before: { readonly x: number; readonly y: number; readonly timeMs: number } | undefined;
  for (const [at, value] of values.entries()) {
    const timeMs = timesMs[at]!;
    if (!Number.isFinite(value)) {
      before = undefined;
      continue;
    }
    const x = Math.round(((timeMs - startMs) / spanMs) * (canvas.dotColumns - 1));
    const y = Math.round(((max - drawn(value)) / (max - min)) * (canvas.dotRows - 1));
    const isJoined = before !== undefined && timeMs - before.timeMs <= stepMs * 1.5;
    const from = isJoined ? before! : { x, y };
    const steps = Math.max(1, Math.abs(x - from.x), Math.abs(y - from.y));
    for (let each = 0; each <= steps; each++) {
      canvas.set(
        Math.round(from.x + ((x - from.x) * each) / steps),
        Math.round(from.y + ((y - from.y) * each) / steps),
        index,
      );
    }
    before = { x, y, timeMs };
  }
}

/** Cells of a terminal, each of one character or of eight braille dots. */
class Canvas {
  readonly dotColumns: number;
  readonly dotRows: number;
  readonly #columns: number;
  readonly #isDotted: boolean;
  /** Braille dots by cell. */
  readonly #dots: Uint8Array;
  /** Line drawn last in a cell, counted from 1. */
  readonly #lines: Uint8Array;

  constructor(columns: number, rows: number, isDotted: boolean) {
    this.#columns = columns;
    this.#isDotted = isDotted;
    this.dotColumns = isDotted ? columns * 2 : columns;
    this.dotRows = isDotted ? rows * 4 : rows;
    this.#dots = new Uint8Array(columns * rows);
    this.#lines = new Uint8Array(columns * rows);
  }

  set(x: number, y: number, line: number): void {
    if (x < 0 || y < 0 || x >= this.dotColumns || y >= this.dotRows) return;
    const [column, row] = this.#isDotted ? [x >> 1, y >> 2] : [x, y];
    const cell = row * this.#columns + column;
    if (this.#isDotted) this.#dots[cell]! |= dotBits[x & 1]![y & 3]!;
    this.#lines[cell] = line + 1;
  }

  row(row: number, hasColor: boolean): string {
    let text = '';
    for (let column = 0; column < this.#columns; column++) {
      const cell = row * this.#columns + column;
      const line = this.#lines[cell]! - 1;
      if (line < 0) text += ' ';
      else if (!this.#isDotted) text += letters[line]!;
      else {
        const char = String.fromCharCode(0x2800 + this.#dots[cell]!);
        text += hasColor ? colored(char, line) : char;
      }
    }
    return text;
  }
}

const colored = (text: string, line: number): string =>
  `\u001b[38;5;${colors[line % colors.length]}m${text}\u001b[0m`;

function timeAxis({ startMs, endMs }: ChartOptions, width: number): string {
  const dayMs = 86_400_000;
  const isLong = endMs - startMs >= dayMs;
  const text = (ms: number): string =>
    new Date(ms).toISOString().slice(...(isLong ? ([0, 16] as const) : ([11, 19] as const)));
  const [start, end] = [text(startMs), `${text(endMs)}Z`];
  const middle = text((startMs + endMs) / 2);
  const gap = width - start.length - middle.length - end.length;
  if (gap < 2) return `${start.padEnd(Math.max(0, width - end.length) || start.length + 1)}${end}`;
  const left = Math.floor(gap / 2);
  return `${start}${' '.repeat(left)}${middle}${' '.repeat(gap - left)}${end}`;
}

function legend(
  series: readonly ChartSeries[],
  { hasColor, columns }: ChartOptions,
  isDotted: boolean,
): string[] {
  return series.map(({ label, values }, line) => {
    const mark = isDotted ? '━' : letters[line]!;
    const last = values.findLast((value) => Number.isFinite(value));
    const tail = last === undefined ? '' : `  ${numberText(last)}`;
    const room = Math.max(8, columns - tail.length - 2);
    const name = label.length > room ? `${label.slice(0, room - 1)}…` : label;
    return `${hasColor ? colored(mark, line) : mark} ${name}${tail}`;
  });
}

const scales = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Four digits, thousands as k, M, G, T. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(2);
  const scale = scales.find(([least]) => size >= least);
  const short = (number: number): string => String(Number(number.toPrecision(4)));
  return scale === undefined ? short(value) : `${short(value / scale[0])}${scale[1]}`;
}
