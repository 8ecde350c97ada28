import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { kubernetesApi } from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useTextParam } from '../../../state/view.ts';
import { ClusterGate } from '../gate.tsx';
import { NamespaceLink, PodLink } from '../lists/cells.tsx';
import { volumeKind } from '../lists/volumes.tsx';
import { podQuery } from '../pod/pod-streams.ts';
import type { ChartSpec } from '../subject/chart-spec.ts';
import { Fact, SubjectHeader } from '../subject/fact.tsx';
import { matchersOf } from '../subject/promql.ts';
import css from '../subject/subject.module.css';
import { SubjectFrame } from '../subject/subject-frame.tsx';
import { useSubjectTabs } from '../subject/subject-tabs.tsx';
import { happeningsOf, useTimeline } from '../subject/use-timeline.ts';
import { YamlTab } from '../subject/yaml-tab.tsx';
import { kubernetesWords } from '../words.ts';

const refreshMs = 10_000;

/** A claim of a persistent volume: how full it is and was, who mounts it. */
export function VolumePage(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const subjectTabs = useSubjectTabs();
  const namespace = useTextParam('namespace');
  const claim = useTextParam('claim');
  usePageTitle(
    { label: words.kubernetes, to: '/kubernetes' },
    { label: words.volumes, to: '/kubernetes/volumes' },
    { label: claim },
  );
  const row = useQuery({
    queryKey: ['kubernetes-volume', namespace, claim],
    queryFn: ({ signal }) =>
      kubernetesApi.list('volumes', { namespace, search: claim, limit: 500 }, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  }).data?.items.find(({ name }) => name === claim);
  const timeline = useTimeline({ namespace, kind: 'PersistentVolumeClaim', name: claim });
  const happenings = useMemo(
    () => happeningsOf(timeline.items, claim, m),
    [timeline.items, claim, m],
  );
  const charts = useMemo((): readonly ChartSpec[] => {
    const matchers = matchersOf({ namespace, persistentvolumeclaim: claim });
    const of = (name: string): string => `max(kubelet_volume_stats_${name}{${matchers}})`;
    return [
      {
        id: 'bytes',
        title: m.used,
        unit: 'bytes',
        height: 180,
        lines: [
          { expr: of('used_bytes'), name: m.used, colorToken: '--series-1' },
          { expr: of('capacity_bytes'), name: m.capacity, colorToken: '--critical', isBound: true },
        ],
      },
      {
        id: 'inodes',
        title: m.inodes,
        unit: 'count',
        lines: [
          { expr: of('inodes_used'), name: m.used, colorToken: '--series-1' },
          { expr: of('inodes'), name: m.capacity, colorToken: '--critical', isBound: true },
        ],
      },
    ];
  }, [namespace, claim, m]);
  const logs = useMemo(() => ({ q: podQuery({ namespace, pod: row?.pods[0] }) }), [namespace, row]);
  return (
    <ClusterGate hasData>
      <SubjectFrame
        header={
          <SubjectHeader
            kind="PersistentVolumeClaim"
            name={claim}
            status={row === undefined ? undefined : volumeKind(row.phase)}
            state={row?.phase ?? ''}
          >
            <Fact name={m.namespace}>
              <NamespaceLink namespace={namespace} />
            </Fact>
            {row !== undefined && (
              <>
                {row.usedBytes !== undefined && (
                  <Fact name={m.used}>
                    {f.bytes(row.usedBytes)}
                    {row.usedRatio !== undefined && ` (${f.percent(row.usedRatio)})`}
                  </Fact>
                )}
                {(row.capacityBytes ?? row.requestBytes) !== undefined && (
                  <Fact name={m.capacity}>
                    {f.bytes(row.capacityBytes ?? row.requestBytes ?? 0)}
                  </Fact>
                )}
                {row.storageClass !== undefined && (
                  <Fact name={m.storageClass}>{row.storageClass}</Fact>
                )}
                <Fact name={m.accessModes}>{row.accessModes.join(', ')}</Fact>
                {row.volume !== undefined && (
                  <Fact name={m.volume}>
                    <span className={css.mono}>{row.volume}</span>
                  </Fact>
                )}
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
            note: row === undefined ? undefined : f.number(row.pods.length),
            content: (
              <div className={css.section}>
                {row?.pods.length === 0 && <p className={css.quiet}>{m.nobodyMounts}</p>}
                {row?.pods.map((pod) => (
                  <div key={pod} className={css.mono}>
                    <PodLink namespace={namespace} pod={pod} />
                  </div>
                ))}
              </div>
            ),
          },
          subjectTabs.events(happenings),
          {
            value: 'spec',
            label: m.spec,
            content: <YamlTab kind="PersistentVolumeClaim" namespace={namespace} name={claim} />,
          },
        ]}
      />
    </ClusterGate>
  );
}
