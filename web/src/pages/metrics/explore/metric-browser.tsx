import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { type Labels, metricsApi, type WireMetadata } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { labelCounts, selectorFor, suggestedQuery } from './metric-choice.ts';
import { exploreWords } from './words.ts';

export interface MetricBrowserProps {
  /** `isNew`: beside the queries that are there. */
  readonly onPick: (expr: string, isNew: boolean) => void;
}

/** More rows than these are scrolled past; typing finds the rest. */
const maxShownMetrics = 200;
const maxNames = 20_000;
/** Enough to count labels by; a metric with more says so. */
const maxCountedSeries = 5000;
const maxShownValues = 100;

type Metadata = Readonly<Record<string, readonly WireMetadata[]>>;

/** Metrics with their help, type and series; the labels of one, and the values of a label. */
export function MetricBrowser({ onPick }: MetricBrowserProps): ReactNode {
  const m = useMessages(exploreWords);
  const [search, setSearch] = useState('');
  const [metric, setMetric] = useState('');
  const names = useQuery({
    queryKey: ['metric-names'],
    queryFn: ({ signal }) => metricsApi.labelValues('__name__', [], maxNames, signal),
  });
  const metadata = useQuery({
    queryKey: ['metric-metadata'],
    queryFn: ({ signal }) => metricsApi.metadata(signal),
  });
  if (names.isError) return <ErrorState error={names.error} onRetry={() => void names.refetch()} />;
  if (names.data === undefined) return <SkeletonLines count={10} />;
  if (names.data.length === 0) return <Empty title={m.noMetrics} text={m.noMetricsText} />;
  if (metric !== '') {
    return (
      <MetricDetail
        key={metric}
        metric={metric}
        metadata={metadataOf(metadata.data, metric)}
        onBack={() => setMetric('')}
        onPick={onPick}
      />
    );
  }
  return (
    <div className={css.browser}>
      <SearchInput label={m.searchMetrics} value={search} onSearch={setSearch} mono />
      <MetricList names={names.data} metadata={metadata.data} search={search} onOpen={setMetric} />
    </div>
  );
}

function metadataOf(all: Metadata | undefined, metric: string): WireMetadata | undefined {
  return (all?.[metric] ?? all?.[metric.replace(/_(?:bucket|sum|count|total)$/, '')])?.[0];
}

function MetricList({
  names,
  metadata,
  search,
  onOpen,
}: {
  readonly names: readonly string[];
  readonly metadata: Metadata | undefined;
  readonly search: string;
  readonly onOpen: (metric: string) => void;
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return names.filter((name) => {
      const text = `${name} ${metadataOf(metadata, name)?.help ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [names, metadata, search]);
  return (
    <>
      <ul className={css.metrics}>
        {found.slice(0, maxShownMetrics).map((name) => {
          const entry = metadataOf(metadata, name);
          return (
            <li key={name}>
              <button type="button" className={css.metric} onClick={() => onOpen(name)}>
                <span className={css.metricName}>{name}</span>
                {entry !== undefined && (
                  <span className={css.metricType}>{typeWord(m.type, entry.type)}</span>
                )}
                <span className={css.metricHelp}>{entry?.help || m.noHelp}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length > maxShownMetrics && (
        <p className={css.note}>{m.moreMetrics(f.number(found.length - maxShownMetrics))}</p>
      )}
    </>
  );
}

const typeWord = (words: Readonly<Record<string, string>>, type: string): string =>
  words[type] ?? type;

function MetricDetail({
  metric,
  metadata,
  onBack,
  onPick,
}: {
  readonly metric: string;
  readonly metadata: WireMetadata | undefined;
  readonly onBack: () => void;
  readonly onPick: MetricBrowserProps['onPick'];
}): ReactNode {
  const m = useMessages(exploreWords);
  const f = useFormat();
  const [chosen, setChosen] = useState<Labels>({});
  const series = useQuery({
    queryKey: ['metric-series', metric],
    queryFn: ({ signal }) => metricsApi.series([selectorFor(metric, {})], maxCountedSeries, signal),
  });
  const labels = useMemo(() => labelCounts(series.data ?? []), [series.data]);
  const selector = selectorFor(metric, chosen);
  const expr = suggestedQuery(selector, metric, metadata?.type);
  const toggle = (name: string, value: string): void =>
    setChosen((before) => {
      const { [name]: current, ...rest } = before;
      return current === value ? rest : { ...rest, [name]: value };
    });
  return (
    <div className={css.browser}>
      <div>
        <Button icon={ArrowLeft} look="quiet" onClick={onBack}>
          {m.backToList}
        </Button>
      </div>
      <div className={css.metricHead}>
        <h2>{metric}</h2>
        <p>
          {metadata !== undefined && (
            <span className={css.metricType}>{typeWord(m.type, metadata.type)}</span>
          )}{' '}
          {series.data !== undefined && m.series(f.number(series.data.length))}
        </p>
        <p className={css.metricText}>{metadata?.help || m.noHelp}</p>
      </div>
      <pre className={css.suggested}>{expr}</pre>
      <div className={css.pickBar}>
        <Button look="primary" onClick={() => onPick(expr, false)}>
          {m.insert}
        </Button>
        <Button onClick={() => onPick(expr, true)}>{m.insertNew}</Button>
      </div>
      {series.isError ? (
        <ErrorState error={series.error} onRetry={() => void series.refetch()} />
      ) : series.data === undefined ? (
        <SkeletonLines count={6} />
      ) : (
        <section aria-label={m.labelsOf(metric)}>
          {series.data.length >= maxCountedSeries && (
            <p className={css.note}>{m.cut(f.number(maxCountedSeries))}</p>
          )}
          {labels.map(({ name, values }) => (
            <details key={name} className={css.label}>
              <summary>
                <ChevronRight className={css.chevron} size={14} strokeWidth={1.5} aria-hidden />
                <span className={css.labelName}>{name}</span>
                <span className={css.count}>{m.values(f.number(values.length))}</span>
              </summary>
              <ul>
                {values.slice(0, maxShownValues).map(({ value, count }) => (
                  <li key={value}>
                    <button
                      type="button"
                      className={css.value}
                      aria-pressed={chosen[name] === value}
                      onClick={() => toggle(name, value)}
                    >
                      <span>{value}</span>
                      <span className={css.count}>{f.number(count)}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {values.length > maxShownValues && (
                <p className={css.note}>
                  {m.moreMetrics(f.number(values.length - maxShownValues))}
                </p>
              )}
            </details>
          ))}
        </section>
      )}
    </div>
  );
}
