import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { kubernetesApi } from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useTextParam } from '../../../state/view.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { ClusterGate } from '../gate.tsx';
import { PodTable } from '../lists/pods.tsx';
import { VolumeTable } from '../lists/volumes.tsx';
import { WorkloadTable } from '../lists/workloads.tsx';
import { podQuery } from '../pod/pod-streams.ts';
import { coresText } from '../subject/chart-spec.ts';
import { AgeFact, Fact, SubjectHeader } from '../subject/fact.tsx';
import { chartGrid, rangeSecondsOf } from '../subject/grid.ts';
import { matchersOf } from '../subject/promql.ts';
import { scopeCharts } from '../subject/scope-charts.ts';
import { ScopeLogs } from '../subject/scope-logs.tsx';
import { SubjectFrame } from '../subject/subject-frame.tsx';
import { useSubjectTabs } from '../subject/subject-tabs.tsx';
import { happeningsOf, useAlertsOf, useTimeline } from '../subject/use-timeline.ts';
import { kubernetesWords } from '../words.ts';

const refreshMs = 10_000;

/** Everything about one namespace: what its pods use together, its workloads, events and logs. */
export function NamespacePage(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const subjectTabs = useSubjectTabs();
  const namespace = useTextParam('namespace');
  usePageTitle({ label: words.kubernetes, to: '/kubernetes' }, { label: namespace });
  const { fromMs, toMs } = useSharedRange();
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const row = useQuery({
    queryKey: ['kubernetes-namespace', namespace],
    queryFn: ({ signal }) =>
      kubernetesApi.list('namespaces', { search: namespace, limit: 500 }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  }).data?.items.find(({ name }) => name === namespace);
  const timeline = useTimeline({ namespace });
  const happenings = useMemo(() => happeningsOf(timeline.items, undefined, m), [timeline.items, m]);
  const alerts = useAlertsOf({ namespace });
  const charts = useMemo(
    () =>
      scopeCharts(
        matchersOf({ namespace }),
        { by: 'pod', stepMs: grid.stepMs, rangeSeconds: rangeSecondsOf(grid), isTotal: true },
        m,
      ),
    [namespace, grid, m],
  );
  const scope = useMemo(() => ({ namespace }), [namespace]);
  const logs = useMemo(() => ({ q: podQuery({ namespace }) }), [namespace]);
  const troubled = row?.troubledPods ?? 0;
  return (
    <ClusterGate hasData>
      <SubjectFrame
        header={
          <SubjectHeader
            kind={m.namespace}
            name={namespace}
            status={row === undefined ? undefined : troubled > 0 ? 'critical' : 'ok'}
            state={
              row === undefined
                ? ''
                : troubled > 0
                  ? m.troubledPods(f.number(troubled))
                  : m.health.healthy
            }
          >
            {row !== undefined && (
              <>
                <Fact name={words.workloads}>{f.number(row.workloads)}</Fact>
                <Fact name={words.pods}>
                  {m.runningOf(f.number(row.runningPods), f.number(row.pods))}
                </Fact>
                <Fact name={m.restarts}>{f.number(row.restarts)}</Fact>
                <Fact name={m.cpu}>
                  {row.cpuCores === undefined ? '' : `${coresText(row.cpuCores, f)}, `}
                  {m.requestedAmount(coresText(row.cpuRequestCores ?? 0, f))}
                </Fact>
                <Fact name={m.memory}>
                  {row.memoryBytes === undefined ? '' : `${f.bytes(row.memoryBytes)}, `}
                  {m.requestedAmount(f.bytes(row.memoryRequestBytes ?? 0))}
                </Fact>
                <AgeFact createdAtMs={row.createdAt} />
              </>
            )}
          </SubjectHeader>
        }
        happenings={happenings}
        isLoadingHappenings={timeline.isLoading}
        charts={charts}
        logs={logs}
        tabs={[
          {
            value: 'workloads',
            label: words.workloads,
            note: row === undefined ? undefined : f.number(row.workloads),
            content: <WorkloadTable scope={scope} />,
          },
          {
            value: 'pods',
            label: words.pods,
            note: row === undefined ? undefined : f.number(row.pods),
            content: <PodTable scope={scope} leaveOut={['namespace']} />,
          },
          { value: 'logs', label: m.logs, content: <ScopeLogs of={scope} /> },
          subjectTabs.events(happenings),
          { value: 'volumes', label: words.volumes, content: <VolumeTable scope={scope} /> },
          subjectTabs.alerts(alerts),
        ]}
      />
    </ClusterGate>
  );
}
