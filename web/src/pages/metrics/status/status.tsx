import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FileCog } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { DropRule } from '../../../api/drop-rules.ts';
import { metricsApi, type WireCount } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { DropDialog } from './drop-dialog.tsx';
import { dropRule } from './drop-rule.ts';
import { DropRules } from './drop-rules.tsx';

/** A list longer than this is not read. */
const maxEntries = 20;
const refreshMs = 15_000;

const tabs = ['tsdb', 'drops', 'config', 'flags'] as const;

/** What the metric store holds and what makes it large; the configuration and flags it runs with. */
export function MetricStatus(): ReactNode {
  const m = useMessages(metricsWords);
  const words = useMessages(frameWords);
  const change = useSetView();
  const tabText = useTextParam('tab');
  const [drop, setDrop] = useState<DropRule>();
  usePageTitle({ label: words.metrics }, { label: words.metricStore });
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.store}</h1>
      <div className={css.main}>
        <Tabs
          value={tabs.find((tab) => tab === tabText) ?? 'tsdb'}
          onChange={(tab) => change({ tab: tab === 'tsdb' ? undefined : tab })}
          tabs={[
            { value: 'tsdb', label: m.tabs.tsdb, content: <Cardinality onDrop={setDrop} /> },
            { value: 'drops', label: m.dropRules.tab, content: <DropRules /> },
            { value: 'config', label: m.tabs.config, content: <Config /> },
            { value: 'flags', label: m.tabs.flags, content: <Flags /> },
          ]}
        />
      </div>
      {drop !== undefined && <DropDialog rule={drop} onClose={() => setDrop(undefined)} />}
    </div>
  );
}

function Cardinality({ onDrop }: { readonly onDrop: (rule: DropRule) => void }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const query = useQuery({
    queryKey: ['tsdb-status'],
    queryFn: ({ signal }) => metricsApi.tsdb(maxEntries, signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const targets = useQuery({
    queryKey: ['samples-by-target'],
    queryFn: ({ signal }) =>
      metricsApi.instant(`topk(${maxEntries}, scrape_samples_scraped)`, Date.now(), signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={10} />;
  const { headStats, ...lists } = query.data;
  const byTarget = (targets.data?.result ?? [])
    .map(({ metric, value }) => ({
      name: `${metric['job'] ?? ''} ${metric['instance'] ?? ''}`.trim(),
      value: Number(value?.[1] ?? 0),
    }))
    .toSorted((a, b) => b.value - a.value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.tabs.tsdb}>
      <div className={css.stack}>
        <div className={css.figures}>
          <Figure label={m.seriesNow} value={f.number(headStats.numSeries)} />
          <Figure label={m.chunks} value={f.number(headStats.chunkCount)} />
          <Figure label={m.labelPairs} value={f.number(headStats.numLabelPairs)} />
          {headStats.minTime > 0 && (
            <Figure label={m.from} value={f.shortDateTime(headStats.minTime)} />
          )}
        </div>
        <div className={css.columns}>
          <Counts
            title={m.byMetric}
            entries={lists.seriesCountByMetricName}
            ruleOf={(metric) => dropRule({ metric })}
            onDrop={onDrop}
          />
          <Counts
            title={m.byPair}
            entries={lists.seriesCountByLabelValuePair}
            ruleOf={(pair) => {
              const at = pair.indexOf('=');
              return dropRule({ label: pair.slice(0, at), value: pair.slice(at + 1) });
            }}
            onDrop={onDrop}
          />
          <Counts
            title={m.byLabel}
            entries={lists.labelValueCountByLabelName}
            ruleOf={(label) => (label === '__name__' ? undefined : dropRule({ label }))}
            onDrop={onDrop}
          />
          <Counts title={m.byTarget} entries={byTarget} />
          <Counts title={m.byMemory} entries={lists.memoryInBytesByLabelName} format={f.bytes} />
        </div>
      </div>
    </section>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }): ReactNode {
  return (
    <Card>
      <div className={css.figure}>
        <span className={css.quiet}>{label}</span>
        <strong>{value}</strong>
      </div>
    </Card>
  );
}

function Counts({
  title,
  entries,
  format,
  ruleOf,
  onDrop,
}: {
  readonly title: string;
  readonly entries: readonly WireCount[];
  readonly format?: (value: number) => string;
  readonly ruleOf?: (name: string) => DropRule | undefined;
  readonly onDrop?: (rule: DropRule) => void;
}): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  return (
    <Card title={title}>
      <table className={css.counts}>
        <tbody>
          {entries.map(({ name, value }) => {
            const rule = ruleOf?.(name);
            return (
              <tr key={name}>
                <td>{name}</td>
                <td className={css.number}>{(format ?? f.number)(value)}</td>
                {ruleOf !== undefined && (
                  <td className={css.action}>
                    {rule !== undefined && (
                      <Button
                        look="quiet"
                        aria-label={`${m.dropRule} ${name}`}
                        onClick={() => onDrop?.(rule)}
                      >
                        {m.dropRule}
                      </Button>
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}

function Config(): ReactNode {
  const m = useMessages(metricsWords);
  const query = useQuery({
    queryKey: ['metrics-config'],
    queryFn: ({ signal }) => metricsApi.config(signal),
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={12} />;
  if (query.data.yaml === '') {
    return <Empty icon={FileCog} title={m.noConfig} text={m.noConfigText} />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.tabs.config}>
      <pre className={css.code}>{query.data.yaml}</pre>
    </section>
  );
}

function Flags(): ReactNode {
  const m = useMessages(metricsWords);
  const query = useQuery({
    queryKey: ['metrics-flags'],
    queryFn: ({ signal }) => metricsApi.flags(signal),
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={12} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={m.tabs.flags}>
      <dl className={page.facts}>
        {Object.entries(query.data).map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
