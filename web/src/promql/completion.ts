import type {
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import { newCompleteStrategy, type PrometheusClient } from '@prometheus-io/codemirror-promql';
import { EqlRegex, EqlSingle, Neq, NeqRegex } from '@prometheus-io/lezer-promql';
import { metricsApi, type WireMetadata } from '../api/metrics.ts';
import { explain } from './vocabulary.ts';

/** Names and values are asked for at every step of typing: what was just read is read from here. */
const maxAgeMs = 60_000;
/** A list of completions longer than this is no help, and slow to show. */
const maxNames = 10_000;
/** Bounds the cache, not its use: a person looks at fewer labels in a minute. */
const maxCached = 200;

const cache = new Map<string, { readonly atMs: number; readonly value: Promise<unknown> }>();

function cached<T>(key: string, read: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined && Date.now() - known.atMs < maxAgeMs) return known.value as Promise<T>;
  if (cache.size >= maxCached) cache.clear();
  const value = read();
  cache.set(key, { atMs: Date.now(), value });
  value.catch(() => cache.delete(key));
  return value;
}

type Matchers = NonNullable<Parameters<PrometheusClient['labelValues']>[2]>;

/** The grammar's numbers of the match operators. */
const operators: ReadonlyMap<number, string> = new Map([
  [EqlSingle, '='],
  [Neq, '!='],
  [EqlRegex, '=~'],
  [NeqRegex, '!~'],
]);

/** What the selector at the cursor says already: only values that go with it are offered. */
function selectorOf(metric = '', matchers: Matchers = []): readonly string[] {
  const parts = metric === '' ? [] : [`__name__=${JSON.stringify(metric)}`];
  for (const { type, name, value } of matchers) {
    const operator = operators.get(type);
    if (operator === undefined || value === '' || name === '__name__') continue;
    parts.push(`${JSON.stringify(name)}${operator}${JSON.stringify(value)}`);
  }
  return parts.length === 0 ? [] : [`{${parts.join(',')}}`];
}

/** Metric names that anything reports, each with its type and help. */
export function metricMetadata(): Promise<Readonly<Record<string, readonly WireMetadata[]>>> {
  return cached(' metadata', () => metricsApi.metadata());
}

/** Where names and values come from: this server, or another that is a data source. */
export interface LabelSource {
  metadata(): Promise<Readonly<Record<string, readonly WireMetadata[]>>>;
  labelNames(match: readonly string[]): Promise<readonly string[]>;
  labelValues(name: string, match: readonly string[], limit: number): Promise<readonly string[]>;
}

/** What the completion asks; a failure means no completion, not an error on the page. */
function clientOf(source: LabelSource, id: string): PrometheusClient {
  const values = (name: string, selector: readonly string[]): Promise<string[]> =>
    orNone(
      cached(`${id} values ${name} ${selector.join()}`, () =>
        source.labelValues(name, selector, maxNames),
      ),
    );
  return {
    labelNames: (metric) =>
      orNone(cached(`${id} labels ${metric ?? ''}`, () => source.labelNames(selectorOf(metric)))),
    labelValues: (name, metric, matchers) => {
      const others = matchers?.filter((matcher) => matcher.name !== name);
      return values(name, selectorOf(metric, others));
    },
    metricMetadata: async () => {
      const read = (): ReturnType<LabelSource['metadata']> => source.metadata();
      const found = await cached(`${id} metadata`, read).catch(() => ({}));
      return Object.fromEntries(
        Object.entries(found).map(([name, entries]) => [name, [...entries]]),
      );
    },
    series: async () => [],
    metricNames: () => values('__name__', []),
    flags: async () => ({}),
  };
}

const orNone = async (values: Promise<readonly string[]>): Promise<string[]> => [
  ...(await values.catch(() => [])),
];

/**
 * Metrics, labels, values, functions and the rest of the language, at the cursor.
 * @param id tells the answers of sources apart
 */
export function promqlCompletion(source: LabelSource, id: string): CompletionSource {
  const strategy = newCompleteStrategy({ remote: clientOf(source, id) });
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const found = await strategy.promQL(context);
    if (found === null) return null;
    return {
      ...found,
      options: found.options.map((option) => {
        const words = option.type === 'variable' ? undefined : explain(option.label);
        return words === undefined ? option : { ...option, info: words.text };
      }),
    };
  };
}

/** The same over this server. */
export const completePromql: CompletionSource = promqlCompletion(metricsApi, '');
