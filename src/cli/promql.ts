import { AppError } from '#base';
import { parsePrometheusDurationMs } from '#metrics/config';
import { renderChart } from './chart.ts';
import { type ClientFlags, callServer, parseWhen } from './client.ts';
import { csvCell, printable } from './query.ts';
import { formatTable } from './table.ts';

export interface PromqlFlags extends ClientFlags {
  readonly time?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly step?: string | undefined;
  readonly output: 'table' | 'graph' | 'json' | 'csv';
}

interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
  readonly histogram?: readonly [number, ApiHistogram];
  readonly histograms?: readonly (readonly [number, ApiHistogram])[];
}

type ApiData =
  | { readonly resultType: 'vector'; readonly result: readonly ApiSeries[] }
  | { readonly resultType: 'matrix'; readonly result: readonly ApiSeries[] }
  | { readonly resultType: 'scalar'; readonly result: readonly [number, string] }
  | { readonly resultType: 'string'; readonly result: readonly [number, string] };

/** Steps of a range when none are asked for: about one for each dot of a wide terminal. */
const defaultSteps = 240;
const defaultRange = '1h';
/** A terminal that does not tell its size. */
const defaultColumns = 80;
const chartRows = 16;

/** `nunchi promql`: asks a server (ours or any Prometheus) and prints its answer. */
export async function runPromql(query: string, flags: PromqlFlags): Promise<void> {
  const nowMs = Date.now();
  const wantsRange = flags.output === 'graph' || [flags.start, flags.end, flags.step].some(Boolean);
  if (wantsRange && flags.time !== undefined) {
    throw new AppError('INVALID_FLAGS', '--time is for a query at one time', {
      hint: 'Give --start, --end and --step for a range',
    });
  }
  const form = new URLSearchParams({ query });
  const window = wantsRange ? windowOf(flags, nowMs) : undefined;
  if (window === undefined) form.set('time', String(whenMs(flags.time ?? '0', nowMs) / 1000));
  else for (const key of keysOfWindow) form.set(key, String(window[`${key}Ms`] / 1000));
  const path = window === undefined ? '/api/v1/query' : '/api/v1/query_range';
  const response = await callServer(flags, path, { method: 'POST', form });
  const {
    data,
    warnings = [],
    infos = [],
  } = (await response.json()) as {
    readonly data: ApiData;
    readonly warnings?: readonly string[];
    readonly infos?: readonly string[];
  };
  for (const text of [...warnings, ...infos]) process.stderr.write(`${printable(text)}\n`);
  if (flags.output === 'graph' && data.resultType === 'matrix' && window !== undefined) {
    process.stdout.write(graphOf(data.result, window));
  } else process.stdout.write(textOf(data, flags.output));
}

const keysOfWindow = ['start', 'end', 'step'] as const;

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

function windowOf({ start, end, step }: PromqlFlags, nowMs: number): Window {
  const endMs = whenMs(end ?? '0', nowMs);
  const startMs = whenMs(start ?? defaultRange, start === undefined ? endMs : nowMs);
  if (startMs > endMs) throw new AppError('INVALID_TIME', '--start is after --end');
  const wanted = Math.ceil((endMs - startMs) / defaultSteps / 1000) * 1000;
  return { startMs, endMs, stepMs: step === undefined ? Math.max(1000, wanted) : stepMs(step) };
}

function whenMs(text: string, nowMs: number): number {
  return /^\d{1,12}\.\d+$/.test(text) ? Math.round(Number(text) * 1000) : parseWhen(text, nowMs);
}

function stepMs(text: string): number {
  let ms = Number(text) * 1000;
  try {
    if (Number.isNaN(ms)) ms = parsePrometheusDurationMs(text);
  } catch {
    // Told below.
  }
  if (ms > 0) return ms;
  throw new AppError('INVALID_STEP', `"${text}" is not a step`, {
    hint: 'Write a duration (15s, 5m) or seconds',
  });
}

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly timeSeconds: number;
  readonly value: string;
}

function rowsOf(series: readonly ApiSeries[]): Row[] {
  return series.flatMap(({ metric, value, values, histogram, histograms }) => {
    const row = ([timeSeconds, text]: readonly [number, string]): Row => ({
      metric,
      timeSeconds,
      value: text,
    });
    const floats = [...(value === undefined ? [] : [value]), ...(values ?? [])].map(row);
    const others = [...(histogram === undefined ? [] : [histogram]), ...(histograms ?? [])].map(
      ([time, each]) => row([time, histogramText(each)]),
    );
    if (others.length === 0) return floats;
    return [...floats, ...others].sort((a, b) => a.timeSeconds - b.timeSeconds);
  });
}

/** Whether the lower and the upper bound belong to a bucket, by the API's number. */
const brackets = ['(]', '[)', '()', '[]'] as const;

function histogramText({ count, sum, buckets = [] }: ApiHistogram): string {
  const parts = buckets.map(([kind, lower, upper, number]) => {
    const [open, close] = brackets[kind] ?? '()';
    return `${open}${lower},${upper}${close}:${number}`;
  });
  return `{${[`count:${count}`, `sum:${sum}`, ...parts].join(', ')}}`;
}

function textOf(data: ApiData, output: PromqlFlags['output']): string {
  if (output === 'json') return `${JSON.stringify(data)}\n`;
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    return `${printable(String(data.result[1]))}\n`;
  }
  const hasTimes = data.resultType === 'matrix' || data.result.some((one) => one.values);
  const rows = rowsOf(data.result);
  const names = [...new Set(data.result.flatMap(({ metric }) => Object.keys(metric)))].sort(
    (a, b) => Number(b === '__name__') - Number(a === '__name__') || (a < b ? -1 : 1),
  );
  const header = [
    ...names.map((name) => (name === '__name__' ? 'metric' : name)),
    ...(hasTimes ? ['time'] : []),
    'value',
  ];
  const lines = rows.map(({ metric, timeSeconds, value }) => [
    ...names.map((name) => metric[name] ?? ''),
    ...(hasTimes ? [new Date(timeSeconds * 1000).toISOString()] : []),
    value,
  ]);
  if (output === 'csv') {
    return [header, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
  }
  return formatTable(
    header.map(printable),
    lines.map((line) => line.map(printable)),
  );
}

function graphOf(series: readonly ApiSeries[], { startMs, endMs, stepMs: step }: Window): string {
  const { stdout } = process;
  const columns = stdout.columns ?? Number(process.env['COLUMNS'] ?? defaultColumns);
  return renderChart(
    series.map(({ metric, values = [] }) => ({
      label: printable(nameOf(metric)),
      timesMs: values.map(([time]) => time * 1000),
      values: values.map(([, text]) => numberOf(text)),
    })),
    {
      startMs,
      endMs,
      stepMs: step,
      columns: Number.isFinite(columns) && columns > 0 ? columns : defaultColumns,
      rows: chartRows,
      hasColor: stdout.isTTY === true && !process.env['NO_COLOR'],
    },
  );
}

/** `up{job="node"}`, as the reference prints a series. */
function nameOf(metric: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
