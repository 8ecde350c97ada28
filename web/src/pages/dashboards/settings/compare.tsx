import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { diffDashboards } from '../../../../../src/dashboards/model/index.ts';
import { dashboardStoreApi } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { ChangeGroups } from './change-groups.tsx';
import { groupChanges } from './changes.ts';
import css from './settings.module.css';
import { settingsWords } from './words.ts';

/** What changed between two versions, panel by panel. */
export function Comparison({
  uid,
  base,
  next,
  onClose,
}: {
  readonly uid: string;
  readonly base: number;
  readonly next: number;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(settingsWords);
  const f = useFormat();
  const query = useQuery({
    queryKey: ['dashboards', 'compare', uid, base, next],
    queryFn: ({ signal }) =>
      Promise.all([base, next].map((version) => dashboardStoreApi.version(uid, version, signal))),
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const compared = useMemo(() => {
    const [before, after] = query.data ?? [];
    if (before === undefined || after === undefined) return undefined;
    const changes = diffDashboards(before, after);
    return { count: changes.length, groups: groupChanges(changes, after, before) };
  }, [query.data]);
  return (
    <SidePanel title={m.compareTwo(String(base), String(next))} onClose={onClose}>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : compared === undefined ? (
        <SkeletonLines count={8} />
      ) : (
        <div className={css.comparison}>
          <p className={css.note}>
            {compared.count === 0 ? m.noChanges : m.changes(f.number(compared.count))}
          </p>
          <ChangeGroups groups={compared.groups} />
        </div>
      )}
    </SidePanel>
  );
}
