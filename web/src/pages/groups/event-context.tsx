import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { logsApi } from '../../api/logs.ts';
import { useMessages } from '../../i18n/messages.ts';
import { LogList } from '../../logs/log-list.tsx';
import type { LogRow } from '../../logs/log-row.ts';
import { SidePanel } from '../../ui/side-panel.tsx';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { groupWords } from './words.ts';

const linesEachWay = 100;

/** The lines of the same stream before and after one event, in a panel beside the list. */
export function EventContext({
  pointer,
  onClose,
}: {
  readonly pointer: string;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(groupWords);
  const [openKey, setOpenKey] = useState<string | undefined>(pointer);
  const query = useQuery({
    queryKey: ['context', pointer],
    queryFn: ({ signal }) =>
      logsApi.context({ pointer, before: linesEachWay, after: linesEachWay }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = useMemo<readonly LogRow[]>(() => {
    if (query.data === undefined) return [];
    const { before, event, after } = query.data;
    return [...before, event, ...after].map((line) => ({ ...line, key: line.pointer }));
  }, [query.data]);
  return (
    <SidePanel
      title={`${m.contextTitle}${query.data === undefined ? '' : ` · ${query.data.event.stream}`}`}
      onClose={onClose}
      flush
    >
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonLines count={16} />
      ) : (
        <LogList
          rows={rows}
          showStream={false}
          openKey={openKey}
          onOpen={setOpenKey}
          keys={false}
        />
      )}
    </SidePanel>
  );
}
