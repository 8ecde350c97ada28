import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Crosshair } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { metricsApi, type WireTarget } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { LabelList } from '../label-list.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import { type FoundTarget, foundTargets, matchesFilter, scrapedMs } from './found-targets.ts';
import { TargetDetail } from './target-detail.tsx';

/** What is scraped is about now: fresh without asking. */
const refreshMs = 5000;
const statusOf = { up: 'ok', down: 'critical', unknown: 'unknown' } as const;

/** Targets with their state and last error; and what service discovery found, kept or dropped. */
export function Targets(): ReactNode {
  const m = useMessages(metricsWords);
  const words = useMessages(frameWords);
  const change = useSetView();
  const tab = useTextParam('tab') === 'discovery' ? 'discovery' : 'targets';
  const text = useTextParam('filter');
  const chosen = useTextParam('target');
  usePageTitle({ label: words.metrics }, { label: words.targets });
  const query = useQuery({
    queryKey: ['targets'],
    queryFn: ({ signal }) => metricsApi.targets(signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const found = useMemo(
    () => (query.data === undefined ? [] : foundTargets(query.data)),
    [query.data],
  );
  const shown = useMemo(() => found.filter((one) => matchesFilter(one, text)), [found, text]);
  const open = (target: FoundTarget): void =>
    change({ target: chosen === target.key ? undefined : target.key }, { replace: true });
  const selected = found.find((one) => one.key === chosen);
  const search = (
    <SearchInput
      className={css.filter}
      label={m.filter}
      value={text}
      onSearch={(filter) => change({ filter }, { replace: true })}
    />
  );
  if (query.isError && query.data === undefined) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  const lists = { targets: shown, search, onOpen: open, selectedKey: chosen };
  const active = found.filter((one) => one.active !== undefined).length;
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.targets}</h1>
      <div className={css.main}>
        {query.data === undefined ? (
          <SkeletonLines count={8} />
        ) : (
          <Tabs
            value={tab}
            onChange={(next) => change({ tab: next === 'targets' ? undefined : next })}
            tabs={[
              {
                value: 'targets',
                label: m.targets,
                note: String(active),
                content: <TargetTable {...lists} />,
              },
              {
                value: 'discovery',
                label: m.discovery,
                note: String(found.length),
                content: <DiscoveryTable {...lists} />,
              },
            ]}
          />
        )}
      </div>
      {selected !== undefined && (
        <SidePanel title={selected.title} onClose={() => open(selected)}>
          <TargetDetail key={selected.key} target={selected} />
        </SidePanel>
      )}
    </div>
  );
}

interface ListProps {
  readonly targets: readonly FoundTarget[];
  readonly search: ReactNode;
  readonly onOpen: (target: FoundTarget) => void;
  readonly selectedKey: string;
}

function TargetTable({ targets, search, onOpen, selectedKey }: ListProps): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const change = useSetView();
  const health = useTextParam('health');
  const nowMs = Date.now();
  const rows = targets.flatMap((one) => (one.active === undefined ? [] : [one]));
  const shown = rows.filter((one) => health === '' || one.active?.health === health);
  const of = (one: FoundTarget): WireTarget => one.active as WireTarget;
  const columns: readonly Column<FoundTarget>[] = [
    {
      id: 'state',
      header: m.state,
      value: (one) => of(one).health,
      cell: (one) => <Status kind={statusOf[of(one).health]}>{m.health[of(one).health]}</Status>,
      width: 130,
      fixed: true,
    },
    { id: 'pool', header: m.pool, value: (one) => one.pool, width: 140 },
    {
      id: 'endpoint',
      header: m.endpoint,
      value: (one) => of(one).scrapeUrl,
      width: 280,
      kind: 'mono',
      grow: true,
    },
    {
      id: 'error',
      header: m.lastError,
      value: (one) => of(one).lastError,
      cell: (one) => <span title={of(one).lastError}>{of(one).lastError}</span>,
      width: 300,
    },
    {
      id: 'last',
      header: m.lastScrape,
      value: (one) => scrapedMs(of(one)) ?? null,
      cell: (one) => {
        const ms = scrapedMs(of(one));
        return <span>{ms === undefined ? '' : f.ago(ms, nowMs)}</span>;
      },
      width: 120,
      kind: 'number',
    },
    {
      id: 'took',
      header: m.took,
      value: (one) => of(one).lastScrapeDuration * 1000,
      cell: (one) => <span>{f.number(of(one).lastScrapeDuration * 1000, 1)}</span>,
      width: 100,
      kind: 'number',
    },
  ];
  return (
    <DataTable
      id="targets"
      label={m.targets}
      columns={columns}
      rows={shown}
      rowKey={(one) => one.key}
      sort={undefined}
      onSort={() => {}}
      onOpen={onOpen}
      selectedKey={selectedKey}
      tools={
        <>
          {search}
          <Segmented
            label={m.state}
            value={health}
            options={[
              { value: '', label: m.all },
              { value: 'up', label: m.health.up },
              { value: 'down', label: m.health.down },
            ]}
            onChange={(next) => change({ health: next }, { replace: true })}
          />
        </>
      }
      empty={<NoTargets isFiltered={rows.length > 0} />}
    />
  );
}

function DiscoveryTable({ targets, search, onOpen, selectedKey }: ListProps): ReactNode {
  const m = useMessages(metricsWords);
  const columns: readonly Column<FoundTarget>[] = [
    {
      id: 'state',
      header: m.state,
      value: (one) => (one.active === undefined ? m.dropped : m.kept),
      cell: (one) =>
        one.active === undefined ? (
          <Status kind="unknown">{m.dropped}</Status>
        ) : (
          <Status kind="ok">{m.kept}</Status>
        ),
      width: 190,
    },
    { id: 'pool', header: m.pool, value: (one) => one.pool, width: 140 },
    {
      id: 'address',
      header: m.endpoint,
      value: (one) => one.title,
      width: 220,
      kind: 'mono',
    },
    {
      id: 'labels',
      header: m.labels,
      value: (one) => JSON.stringify(one.active?.labels ?? one.discovered),
      cell: (one) => <LabelList labels={one.active?.labels ?? one.discovered} />,
      width: 320,
      grow: true,
    },
  ];
  return (
    <DataTable
      id="discovery"
      label={m.discovery}
      columns={columns}
      rows={targets}
      rowKey={(one) => one.key}
      sort={undefined}
      onSort={() => {}}
      onOpen={onOpen}
      selectedKey={selectedKey}
      tools={search}
      empty={<NoTargets isFiltered={false} />}
    />
  );
}

function NoTargets({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const m = useMessages(metricsWords);
  if (isFiltered) return <Empty icon={Crosshair} title={m.noMatch} />;
  return <Empty icon={Crosshair} title={m.noTargets} text={m.noTargetsText} />;
}
