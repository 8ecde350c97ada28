import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { type DashboardAnswer, dashboardsApi } from '../../../api/dashboards.ts';
import { sessionApi } from '../../../api/session.ts';
import { newDashboard } from '../../../dashboards/editing/document.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useTextParam } from '../../../state/view.ts';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { DashboardPage } from '../view/dashboard-page.tsx';
import css from '../view/view.module.css';
import { viewWords } from '../view/words.ts';
import { editWords } from './words.ts';

/** `/dashboard/new?folderUid=…`: an empty dashboard that becomes one when it is saved. */
export function NewDashboard(): ReactNode {
  const m = useMessages(editWords);
  const v = useMessages(viewWords);
  const folderUid = useTextParam('folderUid');
  const title = m.newTitle;
  const answer = useMemo<DashboardAnswer>(
    () => ({
      dashboard: newDashboard(title),
      meta: { slug: '', url: '', folderUid, canSave: true, canEdit: true },
    }),
    [title, folderUid],
  );
  const found = useQuery({
    queryKey: ['new-dashboard'],
    queryFn: async ({ signal }) => {
      const [dataSources, session] = await Promise.all([
        dashboardsApi.dataSources(signal),
        sessionApi.get(),
      ]);
      return { dataSources, session };
    },
    staleTime: 60_000,
  });
  usePageTitle({ label: v.dashboards, to: '/dashboards' }, { label: title });
  if (found.isError) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <SkeletonLines count={8} />;
  return (
    <div className={css.whole}>
      <DashboardPage answer={answer} {...found.data} isNew />
    </div>
  );
}
