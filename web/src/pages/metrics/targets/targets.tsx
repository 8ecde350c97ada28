import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Crosshair } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { kubernetesApi } from '../../../api/kubernetes.ts';
import { type Labels, metricsApi, type WireTarget } from '../../../api/metrics.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { Tabs } from '../../../ui/tabs.tsx';
import css from '../metrics.module.css';
import { metricsWords } from '../words.ts';
import {
  countStates,
  type FoundTarget,
  foundTargets,
  healthRank,
  matchesFilter,
  scrapedMs,
  scrapeKey,
  stateOf,
} from './found-targets.ts';
import { MonitorTable } from './monitors.tsx';
import { TargetDetail } from './target-detail.tsx';

/** What is scraped is about now: fresh without asking; less often where the answer is large. */
const refreshMs = 5000;
const largeRefreshMs = 20_000;
const largeCount = 1000;
const statusOf = { up: 'ok', down: 'critical', unknown: 'unknown' } as const;

/** Targets with their state and last error; and what service discovery found, kept or dropped. */
export function Targets(): ReactNode {
  const m = useMessages(metricsWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const change = useSetView();
  const wantedTab = useTextParam('tab');
  const text = useTextParam('filter');
  const chosen = useTextParam('target');
  usePageTitle({ label: words.metrics }, { label: words.targets });
  const query = useQuery({
    queryKey: ['targets'],
    queryFn: ({ signal }) => metricsApi.targets(signal),
    refetchInterval: ({ state }) =>
      (state.data?.activeTargets.length ?? 0) > largeCount ? largeRefreshMs : refreshMs,
    placeholderData: keepPreviousData,
  });
  const samples = useQuery({
    queryKey: ['samples-scraped'],
    queryFn: async ({ signal }) => {
      const { result } = await metricsApi.instant('scrape_samples_scraped', Date.now(), signal);
      return new Map(result.map((one) => [scrapeKey(one.metric), Number(one.value?.[1])]));
    },
    refetchInterval: largeRefreshMs,
    placeholderData: keepPreviousData,
  });
  const monitors = useQuery({
    queryKey: ['monitors'],
    queryFn: ({ signal }) => kubernetesApi.monitors(signal),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const monitored = monitors.data?.enabled === true ? monitors.data : undefined;
  const tab =
    wantedTab === 'discovery' || (wantedTab === 'monitors' && monitored !== undefined)
      ? wantedTab
      : 'targets';
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
  const samplesBy = samples.data ?? noSamples;
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
                note: f.number(active),
                content: <TargetTable {...lists} samples={samplesBy} />,
              },
              {
                value: 'discovery',
                label: m.discovery,
                note: f.number(found.length),
                content: <DiscoveryTable {...lists} />,
              },
              ...(monitored !== undefined
                ? [
                    {
                      value: 'monitors',
                      label: m.monitors,
                      note: f.number(monitored.objects.length),
                      content: <MonitorTable monitors={monitored} />,
                    },
                  ]
                : []),
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

const noSamples: ReadonlyMap<string, number> = new Map();

function TargetTable({
  targets,
  search,
  onOpen,
  selectedKey,
  samples,
}: ListProps & { readonly samples: ReadonlyMap<string, number> }): ReactNode {
  const m = useMessages(metricsWords);
  const f = useFormat();
  const change = useSetView();
  const health = useTextParam('health');
  const sort = parseSort(useTextParam('sort'));
  const nowMs = Date.now();
  const rows = useMemo(() => targets.filter((one) => one.active !== undefined), [targets]);
  const shown = useMemo(
    () => rows.filter((one) => health === '' || stateOf(one) === health),
    [rows, health],
  );
  const counts = countStates(rows);
  const of = (one: FoundTarget): WireTarget => one.active as WireTarget;
  const columns: readonly Column<FoundTarget>[] = [
    {
      id: 'state',
      header: m.state,
      // Trouble comes first when sorted by it.
      value: (one) => healthRank[of(one).health],
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
      id: 'samples',
      header: m.samples,
      value: (one) => samples.get(scrapeKey(of(one).labels)) ?? null,
      cell: (one) => {
        const count = samples.get(scrapeKey(of(one).labels));
        return <span>{count === undefined ? '' : f.number(count)}</span>;
      },
      width: 100,
      kind: 'number',
    },
    {
      id: 'took',
      header: m.took,
      value: (one) => (scrapedMs(of(one)) === undefined ? null : of(one).lastScrapeDuration * 1000),
      cell: (one) => (
        <span>
          {scrapedMs(of(one)) === undefined ? '' : f.number(of(one).lastScrapeDuration * 1000, 1)}
        </span>
      ),
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
      sort={sort}
      onSort={(next) => change({ sort: sortText(next) }, { replace: true })}
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
              ...(['up', 'down', 'unknown'] as const).map((value) => ({
                value,
                label: <Counted label={m.health[value]} count={counts[value]} />,
              })),
            ]}
            onChange={(next) => change({ health: next }, { replace: true })}
          />
        </>
      }
      empty={<NoTargets isFiltered={rows.length > 0} />}
    />
  );
}

function Counted({ label, count }: { readonly label: string; readonly count: number }): ReactNode {
  const f = useFormat();
  return (
    <>
      {label} <span className={css.optionCount}>{f.number(count)}</span>
    </>
  );
}

/** What discovery found, with its labels before and after relabelling. */
function DiscoveryTable({ targets, search, onOpen, selectedKey }: ListProps): ReactNode {
  const m = useMessages(metricsWords);
  const change = useSetView();
  const fate = useTextParam('found');
  const sort = parseSort(useTextParam('dsort'));
  const shown = useMemo(
    () =>
      targets.filter((one) => fate === '' || (one.active === undefined) === (fate === 'dropped')),
    [targets, fate],
  );
  const { dropped } = countStates(targets);
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
      fixed: true,
    },
    { id: 'pool', header: m.pool, value: (one) => one.pool, width: 140 },
    {
      id: 'address',
      header: m.endpoint,
      value: (one) => one.title,
      width: 200,
      kind: 'mono',
    },
    {
      id: 'before',
      header: m.before,
      value: (one) => labelText(one.discovered),
      cell: (one) => <LabelChips isOneLine isWithInternal labels={tellingFirst(one.discovered)} />,
      width: 320,
      grow: true,
      sortable: false,
    },
    {
      id: 'after',
      header: m.after,
      value: (one) => labelText(one.active?.labels ?? {}),
      cell: (one) => <LabelChips isOneLine labels={one.active?.labels ?? {}} />,
      width: 320,
      sortable: false,
    },
  ];
  return (
    <DataTable
      id="discovery"
      label={m.discovery}
      columns={columns}
      rows={shown}
      rowKey={(one) => one.key}
      sort={sort}
      onSort={(next) => change({ dsort: sortText(next) }, { replace: true })}
      onOpen={onOpen}
      selectedKey={selectedKey}
      tools={
        <>
          {search}
          <Segmented
            label={m.state}
            value={fate}
            options={[
              { value: '', label: m.all },
              {
                value: 'kept',
                label: <Counted label={m.kept} count={targets.length - dropped} />,
              },
              { value: 'dropped', label: <Counted label={m.droppedShort} count={dropped} /> },
            ]}
            onChange={(next) => change({ found: next }, { replace: true })}
          />
        </>
      }
      empty={<NoTargets isFiltered={targets.length > 0} />}
    />
  );
}

/** The address, what discovery tells, then how it is scraped, which is the same for all. */
function tellingFirst(labels: Labels): Labels {
  const rank = (name: string): number =>
    name === '__address__' ? 0 : name.startsWith('__meta_') ? 1 : name.startsWith('__') ? 3 : 2;
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => rank(a) - rank(b)));
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

function NoTargets({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const m = useMessages(metricsWords);
  if (isFiltered) return <Empty icon={Crosshair} title={m.noMatch} />;
  return <Empty icon={Crosshair} title={m.noTargets} text={m.noTargetsText} />;
}
