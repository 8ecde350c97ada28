import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import {
  kubernetesApi,
  type MapPod,
  type NodeRow,
  type Page,
  type TimelineItem,
  type WorkloadRow,
} from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Card, ErrorState, Skeleton, StatusIcon } from '../../../ui/states.tsx';
import { ClusterGate, useKubernetesStatus } from '../gate.tsx';
import { PodLink, UsageBar, WorkloadLink } from '../lists/cells.tsx';
import { coresText } from '../subject/chart-spec.ts';
import { EventLane } from '../subject/event-lane.tsx';
import { chartGrid } from '../subject/grid.ts';
import { marksOf } from '../subject/happening.ts';
import { windowOf } from '../subject/promql.ts';
import { SubjectChart } from '../subject/subject-chart.tsx';
import { happeningsOf, useTimeline } from '../subject/use-timeline.ts';
import { kubernetesWords } from '../words.ts';
import { clusterCharts, topQueries } from './cluster-queries.ts';
import type { MapColor } from './draw-map.ts';
import { NodeMap } from './node-map.tsx';
import css from './overview.module.css';
import { TopList } from './top-list.tsx';

const refreshMs = 10_000;
const mapRefreshMs = 15_000;
const maxNodes = 500;
const maxTroubles = 8;

/** Container Insights: how the cluster is, what it uses, who uses most, and where everything runs. */
export function ClusterOverview(): ReactNode {
  const words = useMessages(frameWords);
  usePageTitle({ label: words.kubernetes }, { label: words.clusterOverview });
  return (
    <ClusterGate>
      <Loaded />
    </ClusterGate>
  );
}

function Loaded(): ReactNode {
  const m = useMessages(kubernetesWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  const { fromMs, toMs } = useSharedRange();
  const nodes = useQuery({
    queryKey: ['kubernetes-overview-nodes'],
    queryFn: ({ signal }) => kubernetesApi.list('nodes', { limit: maxNodes }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  const troubles = useQuery({
    queryKey: ['kubernetes-overview-troubles'],
    queryFn: ({ signal }) =>
      kubernetesApi.list('workloads', { health: 'degraded', limit: maxTroubles }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  const pods = useQuery({
    queryKey: ['kubernetes-overview-pods'],
    queryFn: ({ signal }) =>
      kubernetesApi.list('pods', { health: 'degraded', limit: maxTroubles }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const charts = useMemo(() => clusterCharts(grid.stepMs, m), [grid.stepMs, m]);
  const tops = useMemo(
    () => topQueries(windowOf(grid.stepMs), Math.ceil((toMs - fromMs) / 1000)),
    [grid.stepMs, fromMs, toMs],
  );
  const timeline = useTimeline({});
  const happenings = useMemo(() => happeningsOf(timeline.items, undefined, m), [timeline.items, m]);
  const marks = useMemo(
    // Of a whole cluster only what moves its charts: the strip has the rest.
    () => marksOf(happeningsOf(timeline.items.filter(isTelling), undefined, m)),
    [timeline.items, m],
  );
  const podOf = ({ namespace = '', pod = '' }: Readonly<Record<string, string>>): ReactNode => (
    <PodLink namespace={namespace} pod={pod} />
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.page} tabIndex={0} aria-label={words.clusterOverview}>
      <h1 className="visually-hidden">{words.clusterOverview}</h1>
      {nodes.isError && <ErrorState error={nodes.error} onRetry={() => void nodes.refetch()} />}
      <Health nodes={nodes.data} pods={pods.data} workloads={troubles.data} />
      <Tiles nodes={nodes.data} pods={pods.data} />
      <Card>
        <div className={css.lane}>
          <EventLane happenings={happenings} isLoading={timeline.isLoading} />
        </div>
        <div className={css.charts}>
          {charts.map((spec) => (
            <SubjectChart key={spec.id} spec={spec} grid={grid} marks={marks} logs={noQuery} />
          ))}
        </div>
      </Card>
      <MapCard />
      <div className={css.tops}>
        <TopList title={m.topCpu} expr={tops.cpu} format={(v) => coresText(v, f)} link={podOf} />
        <TopList title={m.topMemory} expr={tops.memory} format={f.bytes} link={podOf} />
        <TopList
          title={m.topRestarts}
          expr={tops.restarts}
          format={(value) => f.number(Math.round(value))}
          link={podOf}
        />
        <TopList title={m.topNetwork} expr={tops.network} format={f.bytesPerSecond} link={podOf} />
      </div>
    </section>
  );
}

const isTelling = ({ source, type, severity }: TimelineItem): boolean =>
  severity === 'error' || (source === 'change' && type !== 'restart' && type !== 'config');

const noQuery: Readonly<Record<string, unknown>> = {};

/** A calm sentence, or what is in trouble. */
function Health({
  nodes,
  pods,
  workloads,
}: {
  readonly nodes: Page<NodeRow> | undefined;
  readonly pods: Page<unknown> | undefined;
  readonly workloads: Page<WorkloadRow> | undefined;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const status = useKubernetesStatus();
  if (nodes === undefined || pods === undefined || workloads === undefined) {
    return <Skeleton height={44} width={460} />;
  }
  const badNodes = nodes.items.filter(({ health }) => health === 'degraded');
  const podCount = Object.values(pods.health).reduce((sum, count) => sum + (count ?? 0), 0);
  const about = m.clusterAbout(
    status?.clusterName ?? '',
    status?.version ?? '',
    f.number(nodes.total),
    f.number(podCount),
  );
  if (badNodes.length === 0 && workloads.total === 0 && pods.total === 0) {
    return (
      <div className={css.well}>
        <CircleCheck size={22} strokeWidth={1.5} className={css.wellIcon} aria-hidden />
        <div>
          <div className={css.wellTitle}>{m.clusterWell}</div>
          <div className={css.muted}>{about}</div>
        </div>
      </div>
    );
  }
  return (
    <div className={css.troubles}>
      <div className={css.well}>
        <StatusIcon kind="critical" />
        <div>
          <div className={css.wellTitle}>
            {m.clusterTroubles(
              f.number(badNodes.length),
              f.number(workloads.total),
              f.number(pods.total),
            )}
          </div>
          <div className={css.muted}>{about}</div>
        </div>
      </div>
      <ul className={css.troubleList}>
        {badNodes.map((node) => (
          <li key={node.name}>
            <StatusIcon kind="critical" />
            <Link to={'/kubernetes/node' as string} search={{ node: node.name } as never}>
              {node.name}
            </Link>
            <span className={css.muted}>{node.problems.join(', ')}</span>
          </li>
        ))}
        {workloads.items.map((row) => (
          <li key={`${row.namespace}/${row.kind}/${row.name}`}>
            <StatusIcon kind="critical" />
            <WorkloadLink namespace={row.namespace} kind={row.kind} name={row.name} />
            <span className={css.muted}>
              {row.namespace}, {m.readyOf(f.number(row.ready), f.number(row.desired))}
              {row.reason !== undefined && `: ${row.reason}`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Tiles({
  nodes,
  pods,
}: {
  readonly nodes: Page<NodeRow> | undefined;
  readonly pods: Page<unknown> | undefined;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const words = useMessages(frameWords);
  const f = useFormat();
  if (nodes === undefined || pods === undefined) {
    return (
      <div className={css.tiles}>
        {[0, 1, 2, 3].map((tile) => (
          <Skeleton key={tile} height={98} />
        ))}
      </div>
    );
  }
  const { items } = nodes;
  const sum = (of: (node: NodeRow) => number | undefined): number =>
    items.reduce((total, node) => total + (of(node) ?? 0), 0);
  const ready = items.filter((node) => node.ready).length;
  const slots = sum((node) => node.allocatable.pods);
  const held = sum((node) => node.pods);
  const hasUsage = items.some((node) => node.cpuCores !== undefined);
  return (
    <div className={css.tiles}>
      <CapacityTile
        label={m.cpu}
        used={hasUsage ? sum((node) => node.cpuCores) : undefined}
        requested={sum((node) => node.cpuRequestCores)}
        whole={sum((node) => node.allocatable.cpuCores)}
        format={(value) => coresText(value, f)}
      />
      <CapacityTile
        label={m.memory}
        used={hasUsage ? sum((node) => node.memoryBytes) : undefined}
        requested={sum((node) => node.memoryRequestBytes)}
        whole={sum((node) => node.allocatable.memoryBytes)}
        format={f.bytes}
      />
      <Card>
        <div className={css.tile}>
          <span className={css.tileLabel}>{words.nodes}</span>
          <span className={css.figure}>{m.readyOf(f.number(ready), f.number(nodes.total))}</span>
          <span className={css.tileNote}>
            {items.some((node) => node.unschedulable)
              ? m.cordonedNodes(f.number(items.filter((node) => node.unschedulable).length))
              : ''}
          </span>
        </div>
      </Card>
      <Card>
        <div className={css.tile}>
          <span className={css.tileLabel}>{words.pods}</span>
          <span className={css.figure}>{f.number(held)}</span>
          <UsageBar ratio={slots === 0 ? 0 : held / slots} isBound />
          <span className={css.tileNote}>{m.ofSlots(f.number(slots))}</span>
        </div>
      </Card>
    </div>
  );
}

function CapacityTile({
  label,
  used,
  requested,
  whole,
  format,
}: {
  readonly label: string;
  readonly used: number | undefined;
  readonly requested: number;
  readonly whole: number;
  readonly format: (value: number) => string;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const share = (value: number): number => (whole === 0 ? 0 : value / whole);
  return (
    <Card>
      <div className={css.tile}>
        <span className={css.tileLabel}>{label}</span>
        <span className={css.figure}>{used === undefined ? '–' : f.percent(share(used))}</span>
        <UsageBar ratio={share(used ?? 0)} tick={share(requested)} isBound />
        <span className={css.tileNote}>
          {used === undefined ? '' : `${m.used} ${format(used)} · `}
          {m.requestedOf(format(requested), format(whole))}
        </span>
      </div>
    </Card>
  );
}

function MapCard(): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const asked = useTextParam('color');
  const by: MapColor = asked === 'cpu' || asked === 'memory' ? asked : 'state';
  const query = useQuery({
    queryKey: ['kubernetes-map'],
    queryFn: ({ signal }) => kubernetesApi.map(signal),
    refetchInterval: mapRefreshMs,
    placeholderData: keepPreviousData,
    retry: retryWhenAway,
  });
  const map = query.data;
  return (
    <Card
      title={m.mapTitle}
      actions={
        <Segmented
          label={m.colorBy}
          value={by}
          options={[
            { value: 'state', label: m.state },
            { value: 'cpu', label: m.cpu },
            { value: 'memory', label: m.memory },
          ]}
          onChange={(color) =>
            setView({ color: color === 'state' ? undefined : color }, { replace: true })
          }
        />
      }
    >
      <div className={css.mapBody}>
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : map === undefined ? (
          <Skeleton height={220} />
        ) : (
          <>
            <MapLegend by={by} />
            <NodeMap map={map} by={by} />
            {map.unscheduled.length > 0 && <Unscheduled pods={map.unscheduled} />}
            {map.left > 0 && <p className={css.muted}>{m.mapLeft(f.number(map.left))}</p>}
          </>
        )}
      </div>
    </Card>
  );
}

function MapLegend({ by }: { readonly by: MapColor }): ReactNode {
  const m = useMessages(kubernetesWords);
  if (by !== 'state') {
    return (
      <div className={css.mapLegend}>
        <span>0 %</span>
        <span className={css.ramp} aria-hidden />
        <span>{m.ofLimit}</span>
      </div>
    );
  }
  return (
    <div className={css.mapLegend}>
      {(['healthy', 'progressing', 'degraded', 'idle'] as const).map((health) => (
        <span key={health}>
          <span className={css.mapSwatch} data-health={health} aria-hidden />
          {m.health[health]}
        </span>
      ))}
    </div>
  );
}

const shownUnscheduled = 12;

function Unscheduled({ pods }: { readonly pods: readonly MapPod[] }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  return (
    <p className={css.unscheduled}>
      <StatusIcon kind="warning" />
      <span>
        {m.unscheduledPods(f.number(pods.length))}{' '}
        {pods.slice(0, shownUnscheduled).map(({ namespace, name }, index) => (
          <span key={`${namespace}/${name}`}>
            {index > 0 && ', '}
            <PodLink namespace={namespace} pod={name} />
          </span>
        ))}
        {pods.length > shownUnscheduled && ` +${f.number(pods.length - shownUnscheduled)}`}
      </span>
    </p>
  );
}
