import { formatBytes } from '#base';
import { shortNumber, type ThemeName, timeSeriesSvg } from '#picture';
import { sortableTime } from '#time';
import type { ChartPlan, ChartUnit } from './plan.ts';

export const chartSize = { width: 720, height: 260 } as const;

export interface ChartSeries {
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface ChartWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface ChartSources {
  readonly queryRange: (
    query: string,
    window: ChartWindow,
    signal: AbortSignal,
  ) => Promise<readonly ChartSeries[]>;
  readonly renderPng: (
    svg: string,
    size: { readonly width: number; readonly height: number },
    signal: AbortSignal,
  ) => Promise<Buffer>;
  /** Keeps it where messages find it, and says where others do. */
  readonly keep: (
    png: Buffer,
  ) => Promise<{ readonly id: string; readonly url?: string | undefined }>;
  readonly pictureOf: (id: string) => Promise<Buffer | undefined>;
  readonly theme: () => ThemeName;
  /** IANA name. */
  readonly zone: () => string;
}

const points = 240;
const minStepMs = 15_000;
/** Fewer points are no line. */
const minPoints = 3;

const format: Readonly<Record<ChartUnit, (value: number) => string>> = {
  bytes: (value) => formatBytes(Math.round(value)),
  cores: (value) => (value < 1 ? `${Math.round(value * 1000)}m` : `${shortNumber(value)} cores`),
  ratio: (value) => `${Math.round(value * 100)}%`,
};

/** Around the moment, and no further than now. */
export function chartWindow(plan: ChartPlan, atMs: number, nowMs: number): ChartWindow {
  const stepMs = Math.max(minStepMs, Math.ceil(plan.rangeMs / points / 5000) * 5000);
  const endMs = Math.ceil(Math.min(nowMs, atMs + plan.rangeMs / 4) / stepMs) * stepMs;
  return { startMs: endMs - plan.rangeMs, endMs, stepMs };
}

/** Undefined: nothing was measured. */
export async function drawChart(
  plan: ChartPlan,
  moment: { readonly atMs: number; readonly label: string; readonly nowMs: number },
  sources: ChartSources,
  signal: AbortSignal,
): Promise<{ readonly png: Buffer; readonly altText: string } | undefined> {
  const window = chartWindow(plan, moment.atMs, moment.nowMs);
  const ask = (query: string): Promise<ChartSeries | undefined> =>
    sources.queryRange(query, window, signal).then(([first]) => first);
  const { limit, unit } = plan;
  const [asked, ...found] = await Promise.all([
    limit !== undefined && 'query' in limit ? ask(limit.query) : undefined,
    ...plan.lines.map(({ query }) => ask(query)),
  ]);
  const main = found[0];
  if (main === undefined || main.values.length < minPoints) return undefined;
  const limitValue =
    limit === undefined ? undefined : 'value' in limit ? limit.value : lastOf(asked);
  const zone = sources.zone();
  const label = `${moment.label} ${sortableTime(zone, moment.atMs, 'minute').slice(-5)}`;
  const svg = timeSeriesSvg({
    ...chartSize,
    theme: sources.theme(),
    title: plan.title,
    fromMs: window.startMs,
    toMs: window.endMs,
    zone,
    formatValue: format[unit],
    isBinary: unit === 'bytes',
    min: 0,
    series: plan.lines.flatMap(({ name }, at) => {
      const series = found[at];
      return series === undefined ? [] : [{ name, ...series }];
    }),
    thresholds:
      limitValue === undefined
        ? []
        : [{ value: limitValue, label: `${limit?.label ?? ''} ${format[unit](limitValue)}` }],
    marks: [{ timeMs: moment.atMs, label }],
  });
  const png = await sources.renderPng(svg, chartSize, signal);
  const of = limitValue === undefined ? '' : ` of ${format[unit](limitValue)}`;
  // What fills up stays so; what is used goes up and down.
  const isStock = plan.kind === 'volume' || plan.kind === 'disk';
  const told = isStock
    ? format[unit](lastOf(main) ?? 0)
    : `up to ${format[unit](Math.max(...finite(main)))}`;
  return { png, altText: `${plan.title}: ${told}${of}` };
}

const finite = ({ values }: ChartSeries): readonly number[] =>
  Array.from(values).filter(Number.isFinite);

const lastOf = (series: ChartSeries | undefined): number | undefined =>
  series === undefined || series.values.length === 0
    ? undefined
    : series.values[series.values.length - 1];
