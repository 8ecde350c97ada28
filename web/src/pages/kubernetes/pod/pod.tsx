import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bell, SearchX } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { kubernetesApi, type ObjectName, type PodRow } from '../../../api/kubernetes.ts';
import { metricsApi, type WireAlert } from '../../../api/metrics.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import type { Format } from '../../../i18n/format.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Select } from '../../../ui/select.tsx';
import { Empty, ErrorState, SkeletonLines, StatusIcon } from '../../../ui/states.tsx';
import { ClusterGate } from '../gate.tsx';
import { ObjectLink } from '../lists/cells.tsx';
import { EventTab } from '../subject/event-tab.tsx';
import { Fact } from '../subject/fact.tsx';
import { chartGrid } from '../subject/grid.ts';
import type { Happening } from '../subject/happening.ts';
import { StateLanes } from '../subject/state-lanes.tsx';
import css from '../subject/subject.module.css';
import { SubjectFrame } from '../subject/subject-frame.tsx';
import { happeningsOf, useAlertsOf, useTimeline } from '../subject/use-timeline.ts';
import { YamlTab } from '../subject/yaml-tab.tsx';
import { kubernetesWords } from '../words.ts';
import { containerHistories, historyExpr, type Restart } from './container-history.ts';
import { podCharts } from './pod-charts.ts';
import { factsExpr, type PodFacts, podFacts } from './pod-facts.ts';
import { PodLogs } from './pod-logs.tsx';
import { type PodReason, podState } from './pod-state.ts';
import { podQuery } from './pod-streams.ts';
import { RelatedTab } from './related-tab.tsx';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

const rowRefreshMs = 15_000;
/** Two looks at the same restart are no farther apart. */
const sameRestartMs = 90_000;

/** Everything about one pod, over one time axis. All of the view is in the link. */
export function PodPage(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const namespace = useTextParam('namespace');
  const pod = useTextParam('pod');
  usePageTitle(
    { label: words.kubernetes, to: '/kubernetes' },
    { label: words.pods, to: '/kubernetes/pods' },
    { label: pod },
  );
  const shared = useSharedRange();
  const { fromMs, toMs } = shared;
  const query = useQuery({
    queryKey: ['pod-facts', namespace, pod, fromMs, toMs],
    queryFn: async ({ signal }) => {
      const expr = factsExpr(namespace, pod, Math.max(600, Math.ceil((toMs - fromMs) / 1000)));
      const { result } = await metricsApi.instant(expr, toMs, signal);
      return podFacts(result) ?? null;
    },
    placeholderData: keepPreviousData,
    enabled: pod !== '',
  });
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.data === undefined) return <SkeletonLines count={10} />;
  return (
    <ClusterGate hasData={query.data !== null}>
      {query.data === null ? (
        <Empty icon={SearchX} title={m.noPod(pod)} text={m.noPodText} />
      ) : (
        <Loaded facts={query.data} />
      )}
    </ClusterGate>
  );
}

function Loaded({ facts }: { readonly facts: PodFacts }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const { fromMs, toMs } = useSharedRange();
  const container = useTextParam('container');
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const { namespace, pod } = facts;
  const history = useQuery({
    queryKey: ['pod-history', namespace, pod, grid.fromMs, grid.toMs, grid.stepMs],
    queryFn: async ({ signal }) => {
      const expr = historyExpr(namespace, pod);
      const { result } = await metricsApi.range({ expr, ...grid }, signal);
      return containerHistories(result, grid.stepMs);
    },
    placeholderData: keepPreviousData,
  });
  const charts = useMemo(
    () => podCharts(facts, container, grid.stepMs, m),
    [facts, container, grid.stepMs, m],
  );
  const timeline = useTimeline({ namespace, kind: 'Pod', name: pod });
  const happenings = useMemo(() => {
    const told = happeningsOf(timeline.items, pod, m);
    const recorded = timeline.items.filter(({ type }) => type === 'restart');
    const counted = (history.data ?? [])
      .flatMap(({ restarts }) => restarts)
      // What the recorder has seen it has seen more exactly.
      .filter(({ atMs }) => !recorded.some(({ time }) => Math.abs(time - atMs) < sameRestartMs))
      .map((restart) => restartHappening(restart, facts, m, f));
    return [...told, ...counted];
  }, [timeline.items, history.data, facts, pod, m, f]);
  const alerts = useAlertsOf({ namespace, pod });
  const row = useQuery({
    queryKey: ['kubernetes-pod', namespace, pod],
    queryFn: ({ signal }) => kubernetesApi.list('pods', { namespace, name: pod }, signal),
    refetchInterval: rowRefreshMs,
    retry: retryWhenAway,
  }).data?.items[0];
  const owners = useMemo(() => ownersOf(facts, row), [facts, row]);
  const logs = useMemo(() => logsLink(facts, container), [facts, container]);
  return (
    <SubjectFrame
      header={<Header facts={facts} owners={owners} alerts={alerts} atMs={toMs} />}
      happenings={happenings}
      isLoadingHappenings={history.data === undefined}
      lanes={
        <StateLanes
          title={m.containerStates}
          lanes={(history.data ?? []).map(({ container: name, spans }) => ({ name, spans }))}
        />
      }
      charts={charts}
      logs={logs}
      tabs={[
        { value: 'logs', label: m.logs, content: <PodLogs facts={facts} /> },
        {
          value: 'events',
          label: m.happened,
          note: happenings.length === 0 ? undefined : f.number(happenings.length),
          content: <EventTab happenings={happenings} />,
        },
        {
          value: 'spec',
          label: m.spec,
          content: <YamlTab kind="Pod" namespace={namespace} name={pod} />,
        },
        {
          value: 'related',
          label: m.related,
          note: alerts.length === 0 ? undefined : m.alertCount(f.number(alerts.length)),
          content: <RelatedTab facts={facts} row={row} owners={owners} alerts={alerts} />,
        },
      ]}
    />
  );
}

function Header({
  facts,
  owners,
  alerts,
  atMs,
}: {
  readonly facts: PodFacts;
  readonly owners: readonly ObjectName[];
  readonly alerts: readonly WireAlert[];
  readonly atMs: number;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const container = useTextParam('container');
  const state = podState(facts, atMs);
  const restarts = facts.containers.reduce((sum, one) => sum + one.restarts, 0);
  const owner = owners.at(-1);
  const [main] = facts.containers.filter(({ isInit }) => !isInit);
  return (
    <header className={css.header}>
      <div className={css.titleLine}>
        <h1 className={css.title}>{facts.pod}</h1>
        <StatusIcon kind={state.kind} />
        <span>
          <span className={css.stateWord}>{state.word}</span>
          {state.why !== undefined && (
            <span className={css.why}>: {reasonText(state.why, m as Words, f)}</span>
          )}
        </span>
        {alerts.length > 0 && (
          <button
            type="button"
            className={css.alertBadge}
            onClick={() => setView({ tab: 'related' })}
          >
            <Bell size={14} strokeWidth={1.5} aria-hidden />
            {m.alertCount(f.number(alerts.length))}
          </button>
        )}
      </div>
      <dl className={css.facts}>
        <Fact name={m.namespace}>
          <Link
            to={'/kubernetes/namespace' as string}
            search={{ namespace: facts.namespace } as never}
          >
            {facts.namespace}
          </Link>
        </Fact>
        {owner !== undefined && (
          <Fact name={owner.kind}>
            <ObjectLink namespace={facts.namespace} kind={owner.kind} name={owner.name} />
          </Fact>
        )}
        {facts.node !== undefined && (
          <Fact name={m.node}>
            <Link to={'/kubernetes/node' as string} search={{ node: facts.node } as never}>
              {facts.node}
            </Link>
          </Fact>
        )}
        {main !== undefined && (
          <Fact name={m.image}>
            <span className={css.mono} title={main.image}>
              {main.image}
            </span>
          </Fact>
        )}
        {facts.createdMs !== undefined && (
          <Fact name={m.age}>
            <span title={f.exactTime(facts.createdMs)}>{f.duration(atMs - facts.createdMs)}</span>
          </Fact>
        )}
        <Fact name={m.restarts}>{f.number(restarts)}</Fact>
        {facts.podIp !== undefined && (
          <Fact name="IP">
            <span className={css.mono}>{facts.podIp}</span>
          </Fact>
        )}
        {facts.qosClass !== undefined && <Fact name="QoS">{facts.qosClass}</Fact>}
        {facts.containers.length > 1 && (
          <Fact name={m.container}>
            <Select
              label={m.container}
              value={container}
              options={[
                { value: '', label: m.allContainers(f.number(facts.containers.length)) },
                ...facts.containers.map(({ name, isInit }) => ({
                  value: name,
                  label: isInit ? m.initContainer(name) : name,
                })),
              ]}
              onChange={(next) => setView({ container: next })}
            />
          </Fact>
        )}
      </dl>
    </header>
  );
}

/** The chain as the series and the cluster tell it: the nearest first. */
function ownersOf({ owner }: PodFacts, row: PodRow | undefined): readonly ObjectName[] {
  const workload = row === undefined || row.workload.kind === 'Pod' ? undefined : row.workload;
  if (owner === undefined) return workload === undefined ? [] : [workload];
  const isSame = workload === undefined || workload.name === owner.name;
  return isSame ? [owner] : [owner, workload];
}

/** Why, in a sentence: `exit 137, killed for memory (limit 64 MiB)`. */
export function reasonText(why: PodReason, m: Words, f: Format): string {
  switch (why.type) {
    case 'ended': {
      const parts = [
        ...(why.exitCode === undefined ? [] : [m.exit(String(why.exitCode))]),
        ...(why.isOutOfMemory
          ? [
              why.memoryLimit === undefined
                ? m.outOfMemory
                : m.outOfMemoryLimit(f.bytes(why.memoryLimit)),
            ]
          : []),
        ...(why.restarts > 0 ? [m.restarted(f.number(why.restarts))] : []),
      ];
      return m.inContainer(parts.join(', ') || m.ended, why.container);
    }
    case 'image':
      return m.imageProblem(why.image);
    case 'config':
      return m.configProblem(why.container);
    case 'unscheduled':
      return m.unscheduled;
    case 'starting':
      return m.starting(why.container);
    case 'unready':
      return m.unreadyContainers(why.containers.join(', '));
    case 'evicted':
      return m.evicted;
    default:
      return why satisfies never;
  }
}

function restartHappening(restart: Restart, facts: PodFacts, m: Words, f: Format): Happening {
  const { container, atMs, count, reason, exitCode } = restart;
  const isOutOfMemory = reason === 'OOMKilled';
  const memoryLimit = facts.containers.find(({ name }) => name === container)?.memoryLimit;
  const why = {
    type: 'ended',
    container,
    exitCode,
    isOutOfMemory,
    memoryLimit,
    restarts: 0,
  } as const;
  return {
    key: `restart ${container} ${atMs}`,
    atMs,
    severity: isOutOfMemory ? 'critical' : exitCode === 0 ? 'info' : 'warning',
    title: isOutOfMemory ? 'OOMKilled' : m.restart,
    text: reasonText(why, m, f),
    count,
  };
}

function logsLink(facts: PodFacts, container: string): Readonly<Record<string, unknown>> {
  const { namespace, pod } = facts;
  return { q: podQuery({ namespace, pod, container }) };
}
