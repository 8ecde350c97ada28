import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Panel } from '../../../../../src/dashboards/model/contract.ts';
import { withLibraryModel } from '../../../../../src/dashboards/model/library-panels.ts';
import { readDashboard, readPanel } from '../../../../../src/dashboards/model/read.ts';
import { ApiError } from '../../../api/client.ts';
import { type DashboardAnswer, dashboardsApi } from '../../../api/dashboards.ts';
import { sessionApi } from '../../../api/session.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { Empty, ErrorState, Skeleton } from '../../../ui/states.tsx';
import { DashboardPage } from './dashboard-page.tsx';
import { SoloPanel } from './solo.tsx';
import css from './view.module.css';
import { viewWords } from './words.ts';

/** `/d/<uid>/<slug>`: a dashboard. The slug is for people, any will do. */
export function DashboardView(): ReactNode {
  return <Loaded>{(answer, rest) => <DashboardPage answer={answer} {...rest} />}</Loaded>;
}

/** `/d-solo/<uid>/<slug>?panelId=12`: one panel of it and nothing else. */
export function DashboardSolo(): ReactNode {
  return <Loaded>{(answer, rest) => <SoloPanel answer={answer} {...rest} />}</Loaded>;
}

type Rest = Pick<Parameters<typeof DashboardPage>[0], 'dataSources' | 'session'>;

function Loaded({
  children,
}: {
  readonly children: (answer: DashboardAnswer, rest: Rest) => ReactNode;
}): ReactNode {
  const m = useMessages(viewWords);
  const client = useQueryClient();
  const { uid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  const found = useQuery({
    queryKey: ['dashboard', uid],
    queryFn: async ({ signal }) => {
      const [answer, dataSources, session] = await Promise.all([
        dashboardsApi.get(uid, signal),
        client.fetchQuery({
          queryKey: ['data-sources'],
          queryFn: () => dashboardsApi.dataSources(),
          staleTime: 60_000,
        }),
        client.fetchQuery({ queryKey: ['session'], queryFn: sessionApi.get, staleTime: 60_000 }),
      ]);
      // The server keeps documents as they were saved: of any version, with what they leave out.
      const { dashboard } = readDashboard(answer.dashboard, { dataSources });
      const panels = await Promise.all(
        dashboard.panels.map((panel) => withLibraryPanel(panel, signal)),
      );
      const whole = { ...answer, dashboard: { ...dashboard, panels } };
      return { answer: whole, rest: { dataSources, session } };
    },
    staleTime: 30_000,
  });
  const { dashboard, meta } = found.data?.answer ?? {};
  usePageTitle(
    { label: m.dashboards, to: '/dashboards' },
    ...((meta?.folderUid ?? '') === '' ? [] : [{ label: meta?.folderTitle ?? '' }]),
    ...(dashboard === undefined ? [] : [{ label: dashboard.title }]),
  );
  if (found.error instanceof ApiError && found.error.status === 404) {
    return <Empty title={m.notFound} text={uid} />;
  }
  if (found.error !== null) {
    return (
      <div className={css.problem}>
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      </div>
    );
  }
  if (found.data === undefined) return <Waiting />;
  // Another dashboard is another page: nothing of this one may stay.
  return (
    <div key={uid} className={css.whole}>
      {children(found.data.answer, found.data.rest)}
    </div>
  );
}

/** Grey shapes where panels will be. */
function Waiting(): ReactNode {
  return (
    <div className={css.waiting}>
      {[0, 1, 2, 3, 4, 5].map((index) => (
        <Skeleton key={index} height={260} />
      ))}
    </div>
  );
}

/** The model of a library panel in the place of its reference; what cannot be had says why. */
async function withLibraryPanel(panel: Panel, signal: AbortSignal): Promise<Panel> {
  const inner = panel.panels ?? [];
  const whole =
    inner.length === 0
      ? panel
      : { ...panel, panels: await Promise.all(inner.map((one) => withLibraryPanel(one, signal))) };
  const uid = panel.libraryPanel?.uid;
  if (uid === undefined) return whole;
  try {
    const { name, model } = await dashboardsApi.libraryPanel(uid, signal);
    return withLibraryModel(whole, { uid, name, model: { ...readPanel(model) } });
  } catch (error) {
    signal.throwIfAborted();
    return { ...whole, description: error instanceof Error ? error.message : String(error) };
  }
}
