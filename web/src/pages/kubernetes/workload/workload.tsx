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
import { healthKind, NamespaceLink } from '../lists/cells.tsx';
import { PodTable } from '../lists/pods.tsx';
import { podQuery } from '../pod/pod-streams.ts';
import { AgeFact, Fact, SubjectHeader } from '../subject/fact.tsx';
import { chartGrid, rangeSecondsOf } from '../subject/grid.ts';
import { both, matchersOf } from '../subject/promql.ts';
import { scopeCharts } from '../subject/scope-charts.ts';
import { ScopeLogs } from '../subject/scope-logs.tsx';
import css from '../subject/subject.module.css';
import { SubjectFrame } from '../subject/subject-frame.tsx';
import { useSubjectTabs } from '../subject/subject-tabs.tsx';
import { happeningsOf, useAlertsOf, useTimeline } from '../subject/use-timeline.ts';
import { YamlTab } from '../subject/yaml-tab.tsx';
import { kubernetesWords } from '../words.ts';
import { podPatternOf, replicaChart } from './workload-queries.ts';

const refreshMs = 10_000;

/** Everything about a Deployment and its like: replicas, its pods' usage, changes, logs. */
export function WorkloadPage(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const subjectTabs = useSubjectTabs();
  const namespace = useTextParam('namespace');
  const kind = useTextParam('kind') || 'Deployment';
  const name = useTextParam('name');
  usePageTitle(
    { label: words.kubernetes, to: '/kubernetes' },
    { label: words.workloads, to: '/kubernetes/workloads' },
    { label: name },
  );
  const { fromMs, toMs } = useSharedRange();
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const row = useQuery({
    queryKey: ['kubernetes-workload', namespace, kind, name],
    queryFn: ({ signal }) =>
      kubernetesApi.list('workloads', { namespace, kind, search: name, limit: 100 }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  }).data?.items.find((one) => one.name === name);
  const timeline = useTimeline({ namespace, kind, name });
  const happenings = useMemo(
    () => happeningsOf(timeline.items, name, m),
    [timeline.items, name, m],
  );
  const alerts = useAlertsOf({ namespace, [kind.toLowerCase()]: name });
  const charts = useMemo(() => {
    const matchers = both(matchersOf({ namespace }), podPatternOf(kind, name));
    const usage = scopeCharts(
      matchers,
      { by: 'pod', stepMs: grid.stepMs, rangeSeconds: rangeSecondsOf(grid), isTotal: false },
      m,
    );
    const replicas = replicaChart({ namespace, kind, name }, m);
    return replicas === undefined ? usage : [replicas, ...usage];
  }, [namespace, kind, name, grid, m]);
  const of = useMemo(() => ({ namespace, pod: `${name}-*` }), [namespace, name]);
  const logs = useMemo(() => ({ q: podQuery(of) }), [of]);
  const scope = useMemo(
    () => ({ namespace, workload: name, workloadKind: kind }),
    [namespace, name, kind],
  );
  const isShort = row !== undefined && row.ready < row.desired;
  return (
    <ClusterGate hasData>
      <SubjectFrame
        header={
          <SubjectHeader
            kind={kind}
            name={name}
            status={row === undefined ? undefined : healthKind[row.health]}
            state={row === undefined ? '' : (row.reason ?? m.health[row.health])}
          >
            <Fact name={m.namespace}>
              <NamespaceLink namespace={namespace} />
            </Fact>
            {row !== undefined && (
              <>
                <Fact name={m.replicas}>
                  <span className={isShort ? css.short : undefined}>
                    {m.readyOf(f.number(row.ready), f.number(row.desired))}
                  </span>
                  {row.updated < row.desired && `, ${m.updated(f.number(row.updated))}`}
                </Fact>
                <Fact name={m.restarts}>{f.number(row.restarts)}</Fact>
                {row.autoscaler !== undefined && (
                  <Fact name={m.autoscaler}>
                    <span className={css.mono}>{row.autoscaler}</span>
                  </Fact>
                )}
                <Fact name={m.image}>
                  <span className={css.mono} title={row.images.join('\n')}>
                    {row.images.join(', ')}
                  </span>
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
            value: 'pods',
            label: words.pods,
            note: row === undefined ? undefined : f.number(row.pods),
            content: <PodTable scope={scope} leaveOut={['namespace', 'workload']} />,
          },
          { value: 'logs', label: m.logs, content: <ScopeLogs of={of} /> },
          subjectTabs.events(happenings),
          {
            value: 'spec',
            label: m.spec,
            content: <YamlTab kind={kind} namespace={namespace} name={name} />,
          },
          subjectTabs.alerts(alerts),
        ]}
      />
    </ClusterGate>
  );
}
