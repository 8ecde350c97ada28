import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Select } from '../../../ui/select.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { podGroups } from '../pod/pod-runs.ts';
import { podPattern, podQuery } from '../pod/pod-streams.ts';
import { kubernetesWords } from '../words.ts';
import { LogPanel, type LogSource } from './log-panel.tsx';

const podPrefixOf = ({ pod = '' }: Parameters<typeof podPattern>[0]): string =>
  pod.endsWith('*') ? pod.slice(0, -1) : '';

/** Lines of many pods: of a workload, a node, a namespace; each with the pod that wrote it. */
export function ScopeLogs({ of }: { readonly of: Parameters<typeof podPattern>[0] }): ReactNode {
  const m = useMessages(kubernetesWords);
  const setView = useSetView();
  const wanted = useTextParam('group');
  const query = useQuery({
    queryKey: ['pod-groups'],
    queryFn: ({ signal }) => podGroups(signal),
    staleTime: 60_000,
  });
  const groups = query.data;
  const group = groups?.find((name) => name === wanted) ?? groups?.[0];
  const source = useMemo(
    (): LogSource | undefined =>
      group === undefined
        ? undefined
        : {
            group,
            streams: [],
            streamPrefixes: [],
            pattern: podPattern(of),
            podPrefix: podPrefixOf(of),
          },
    [group, of],
  );
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (groups === undefined) return <SkeletonLines count={12} />;
  if (source === undefined) {
    return <Empty icon={ScrollText} title={m.noPodLogs} text={m.noPodLogsText} />;
  }
  return (
    <LogPanel
      source={source}
      showStream
      insights={{ group: source.group, q: podQuery(of) }}
      emptyText={m.noLinesInRange}
      picker={
        groups.length > 1 && (
          <Select
            label={m.logGroup}
            value={source.group}
            options={groups.map((value) => ({ value, label: value.split('/').slice(3).join('/') }))}
            onChange={(next) => setView({ group: next }, { replace: true })}
          />
        )
      }
    />
  );
}
