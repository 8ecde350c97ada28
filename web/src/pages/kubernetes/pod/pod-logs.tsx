import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { LogPanel, type LogSource } from '../subject/log-panel.tsx';
import { kubernetesWords } from '../words.ts';
import type { PodFacts } from './pod-facts.ts';
import { podGroups, podRuns } from './pod-runs.ts';
import { chosenRuns, podPattern, podQuery, streamPrefix } from './pod-streams.ts';

/** A pod's containers start and stop. */
const refreshMs = 15_000;

/** A pod's lines: of a container or all, of this run, the one before it, or all that are kept. */
export function PodLogs({ facts }: { readonly facts: PodFacts }): ReactNode {
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const container = useTextParam('container');
  const asked = useTextParam('run');
  const which = asked === 'last' || asked === 'previous' ? asked : 'all';
  const { namespace, pod, node = '' } = facts;
  const query = useQuery({
    queryKey: ['pod-runs', namespace, pod, node],
    queryFn: async ({ signal }) => {
      const groups = await podGroups(signal);
      return { groups, runs: await podRuns(groups, { node, namespace, pod }, signal) };
    },
    refetchInterval: refreshMs,
  });
  const runs = query.data?.runs;
  const chosen = useMemo(
    () => (runs === undefined ? [] : chosenRuns(runs, container, which)),
    [runs, container, which],
  );
  const groups = query.data?.groups ?? [];
  const group = chosen[0]?.group ?? runs?.[0]?.group ?? groups[0];
  const streamText = chosen.map(({ stream }) => stream).join('\n');
  const source = useMemo((): LogSource | undefined => {
    if (group === undefined || runs === undefined) return undefined;
    const streams = streamText === '' ? [] : streamText.split('\n');
    // Streams of other names than ours: what the records say of themselves.
    const isByFields = runs.length === 0;
    const prefix = streamPrefix(group, node, namespace, pod);
    return {
      group,
      streams,
      streamPrefixes: isByFields ? [] : [container === '' ? prefix : `${prefix}${container}-`],
      pattern: isByFields ? podPattern({ namespace, pod, container }) : '',
      podPrefix: pod,
    };
  }, [group, runs, streamText, node, namespace, pod, container]);
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (runs === undefined) return <SkeletonLines count={12} />;
  if (source === undefined) {
    return <Empty icon={ScrollText} title={m.noPodLogs} text={m.noPodLogsText} />;
  }
  const hasPrevious = runs.length > new Set(runs.map((run) => run.container)).size;
  const isMissing = which !== 'all' && chosen.length === 0;
  return isMissing && runs.length > 0 ? (
    <Empty icon={ScrollText} title={m.noSuchRun}>
      <button type="button" onClick={() => setView({ run: undefined })}>
        {m.allRuns}
      </button>
    </Empty>
  ) : (
    <LogPanel
      source={source}
      showStream={container === '' && new Set(chosen.map((run) => run.container)).size > 1}
      insights={{ group: source.group, q: podQuery({ namespace, pod, container }) }}
      emptyText={m.noLinesInRange}
      picker={
        hasPrevious && (
          <Segmented
            label={m.runs}
            value={which}
            options={[
              { value: 'all', label: m.allRunsShort(f.number(runs.length)) },
              { value: 'last', label: m.lastRun },
              { value: 'previous', label: m.previousRun },
            ]}
            onChange={(next) =>
              setView(
                { run: next === 'all' ? undefined : next, live: undefined },
                { replace: true },
              )
            }
          />
        )
      }
    />
  );
}
