import { formatGeneral, quoteText } from './parser/go-text.ts';
import { formatPosition, type Span } from './parser/position.ts';

/** At most so many texts of each kind go into an answer. */
const maxTexts = 10;
/** What many series cause is kept once; beyond this nothing more is looked at. */
const maxKept = 1_000;

/** Buckets of a classic histogram that had to be made monotonic, and how much. */
export interface ForcedMonotonicity {
  minBucket: number;
  maxBucket: number;
  maxDiff: number;
  fromMs: number;
  toMs: number;
  count: number;
}

interface Kept {
  readonly text: string;
  readonly span: Span;
  /** More than the text says: occurrences of overlapping start times. */
  count: number;
  readonly forced: ForcedMonotonicity | undefined;
}

export interface AnnotationTexts {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/**
 * What a query's reader should know about its answer, each text once, with the place of the expression.
 *
 * Source: `util/annotations` of Prometheus.
 */
export class Annotations {
  readonly #warnings = new Map<string, Kept>();
  readonly #infos = new Map<string, Kept>();
  readonly #ofStore = new Set<string>();

  warn(text: string, span: Span): void {
    keep(this.#warnings, text, span);
  }

  /** What the store could not answer; it has no place in the query. */
  warnOfStore(text: string): void {
    if (this.#ofStore.size < maxTexts) this.#ofStore.add(text);
  }

  inform(text: string, span: Span): void {
    keep(this.#infos, text, span);
  }

  /** A sample that says it began before the one before it ended. */
  startTimeOverlap(metric: string, span: Span): void {
    const text = `sample has start time that overlaps with previous sample timestamp for metric ${quoteText(metric)}`;
    const kept = this.#warnings.get(text);
    if (kept === undefined) keep(this.#warnings, text, span);
    else kept.count++;
  }

  forcedMonotonicity(metric: string, span: Span, forced: ForcedMonotonicity): void {
    const text = `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(metric)}`;
    const kept = this.#infos.get(text)?.forced;
    if (kept === undefined) {
      if (this.#infos.size < maxKept) {
        this.#infos.set(text, { text, span, count: 1, forced: { ...forced } });
      }
      return;
    }
    kept.minBucket = Math.min(kept.minBucket, forced.minBucket);
    kept.maxBucket = Math.max(kept.maxBucket, forced.maxBucket);
    kept.maxDiff = Math.max(kept.maxDiff, forced.maxDiff);
    kept.fromMs = Math.min(kept.fromMs, forced.fromMs);
    kept.toMs = Math.max(kept.toMs, forced.toMs);
    kept.count += forced.count;
  }

  /** What was kept, to be taken over elsewhere: plain data. */
  export(): AnnotationData {
    return { warnings: [...this.#warnings.values()], infos: [...this.#infos.values()] };
  }

  import(data: AnnotationData): void {
    for (const { text, span } of data.warnings) this.warn(text, span);
    for (const { text, span } of data.infos) this.inform(text, span);
  }

  texts(query: string): AnnotationTexts {
    return {
      warnings: [...this.#ofStore, ...format(this.#warnings, 'warning', query)],
      infos: format(this.#infos, 'info', query),
    };
  }
}

export interface AnnotationData {
  readonly warnings: readonly { readonly text: string; readonly span: Span }[];
  readonly infos: readonly { readonly text: string; readonly span: Span }[];
}

/** ` for metric name "m"`, or nothing without a name. */
export const forMetric = (metric: string): string =>
  metric === '' ? '' : ` for metric name ${quoteText(metric)}`;

function keep(into: Map<string, Kept>, text: string, span: Span): void {
  if (into.has(text) || into.size >= maxKept) return;
  into.set(text, { text, span, count: 1, forced: undefined });
}

function format(kept: ReadonlyMap<string, Kept>, kind: string, query: string): string[] {
  const texts = [...kept.values()]
    .slice(0, maxTexts)
    .map(
      (each) =>
        `PromQL ${kind}: ${each.text}${details(each)} (${formatPosition(query, each.span)})`,
    );
  const more = kept.size - texts.length;
  if (more > 0) texts.push(`${more} more ${kind} annotations omitted`);
  return texts;
}

function details({ count, forced }: Kept): string {
  if (forced !== undefined) {
    const { minBucket, maxBucket, maxDiff, fromMs, toMs } = forced;
    const buckets = `from buckets ${formatGeneral(minBucket)} to ${formatGeneral(maxBucket)}`;
    const diff = `with a max diff of ${twoDigits(maxDiff)}`;
    return `, ${buckets}, ${diff}, over ${forced.count} samples from ${seconds(fromMs)} to ${seconds(toMs)}`;
  }
  return count > 1 ? ` (${count} occurrences)` : '';
}

const seconds = (ms: number): string =>
  new Date(Math.trunc(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

/** `%.2g` of Go. */
function twoDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGeneral(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -4 || exponent >= 2) {
    const [mantissa, power] = value.toExponential(1).split('e') as [string, string];
    const sign = power[0] === '-' ? '-' : '+';
    return `${Number(mantissa)}e${sign}${power.slice(1).padStart(2, '0')}`;
  }
  return String(Number(value.toPrecision(2)));
}
