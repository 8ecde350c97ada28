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
import { healthKind } from '../lists/cells.tsx';
import { nodeStateText } from '../lists/nodes.tsx';
import { PodTable } from '../lists/pods.tsx';
import { podQuery } from '../pod/pod-streams.ts';
import { coresText } from '../subject/chart-spec.ts';
import { AgeFact, Fact, SubjectHeader } from '../subject/fact.tsx';
import { chartGrid } from '../subject/grid.ts';
import { ScopeLogs } from '../subject/scope-logs.tsx';
import css from '../subject/subject.module.css';
import { SubjectFrame } from '../subject/subject-frame.tsx';
import { useSubjectTabs } from '../subject/subject-tabs.tsx';
import { happeningsOf, useAlertsOf, useTimeline } from '../subject/use-timeline.ts';
import { YamlTab } from '../subject/yaml-tab.tsx';
import { kubernetesWords } from '../words.ts';
import { nodeCharts } from './node-charts.ts';

const refreshMs = 10_000;

/** Everything about one node, over one time axis. */
export function NodePage(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const subjectTabs = useSubjectTabs();
  const node = useTextParam('node');
  usePageTitle(
    { label: words.kubernetes, to: '/kubernetes' },
    { label: words.nodes, to: '/kubernetes/nodes' },
    { label: node },
  );
  const { fromMs, toMs } = useSharedRange();
  const grid = useMemo(() => chartGrid({ fromMs, toMs }), [fromMs, toMs]);
  const row = useQuery({
    queryKey: ['kubernetes-node', node],
    queryFn: ({ signal }) => kubernetesApi.list('nodes', { name: node }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  }).data?.items[0];
  const timeline = useTimeline({ kind: 'Node', name: node });
  const happenings = useMemo(
    () => happeningsOf(timeline.items, node, m),
    [timeline.items, node, m],
  );
  const alerts = useAlertsOf({ node });
  const charts = useMemo(() => nodeCharts(node, grid, m), [node, grid, m]);
  const logs = useMemo(() => ({ q: podQuery({ node }) }), [node]);
  const scope = useMemo(() => ({ node }), [node]);
  return (
    <ClusterGate hasData>
      <SubjectFrame
        header={
          <SubjectHeader
            kind={m.node}
            name={node}
            status={row === undefined ? undefined : healthKind[row.health]}
            state={row === undefined ? '' : nodeStateText(row, m)}
          >
            {row !== undefined && (
              <>
                <Fact name={m.cpu}>
                  {coresText(row.capacity.cpuCores, f)},{' '}
                  {m.requestedShare(f.percent(row.cpuRequestCores / row.allocatable.cpuCores))}
                </Fact>
                <Fact name={m.memory}>
                  {f.bytes(row.capacity.memoryBytes)},{' '}
                  {m.requestedShare(
                    f.percent(row.memoryRequestBytes / row.allocatable.memoryBytes),
                  )}
                </Fact>
                <Fact name={words.pods}>
                  {f.number(row.pods)}/{f.number(row.allocatable.pods)}
                </Fact>
                {row.instanceType !== undefined && (
                  <Fact name={m.instanceType}>{row.instanceType}</Fact>
                )}
                {row.zone !== undefined && <Fact name={m.zone}>{row.zone}</Fact>}
                <Fact name="kubelet">{row.version}</Fact>
                <Fact name="OS">
                  {row.os} {row.architecture}
                </Fact>
                {row.ip !== undefined && (
                  <Fact name="IP">
                    <span className={css.mono}>{row.ip}</span>
                  </Fact>
                )}
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
            content: <PodTable scope={scope} leaveOut={['node', 'workload']} />,
          },
          subjectTabs.events(happenings),
          { value: 'logs', label: m.logs, content: <ScopeLogs of={scope} /> },
          { value: 'spec', label: m.spec, content: <YamlTab kind="Node" name={node} /> },
          subjectTabs.alerts(alerts),
        ]}
      />
    </ClusterGate>
  );
}
