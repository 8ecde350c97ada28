import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { dashboardStoreApi } from '../../../api/dashboard-store.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { UnsavedGuard } from '../../../ui/unsaved-guard.tsx';
import { LinkButton } from '../../alerting/link-button.tsx';
import { JsonModel } from './json-model.tsx';
import css from './settings.module.css';
import { Versions } from './versions.tsx';
import { settingsWords } from './words.ts';

type Tab = 'versions' | 'json';

interface Draft {
  readonly version: number;
  readonly text: string;
}

/** `/dashboard/settings/<uid>`: history and JSON of a dashboard. */
export function DashboardSettings(): ReactNode {
  const m = useMessages(settingsWords);
  const setView = useSetView();
  const { uid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  const tab: Tab = useTextParam('tab') === 'json' ? 'json' : 'versions';
  const query = useQuery({
    queryKey: ['dashboards', 'kept', uid],
    queryFn: ({ signal }) => dashboardStoreApi.get(uid, signal),
  });
  const kept = query.data;
  const title = kept?.dashboard.title ?? '';
  usePageTitle(
    { label: m.dashboards, to: '/dashboards' },
    ...(kept === undefined ? [] : [{ label: title, to: kept.meta.url }]),
    { label: tab === 'json' ? m.json : m.versions },
  );
  const version = kept?.dashboard.version ?? 0;
  const original = useMemo(() => JSON.stringify(kept?.dashboard, undefined, 2) ?? '', [kept]);
  // What is written belongs to the version that it began with; another tab of the page keeps it.
  const [draft, setDraft] = useState<Draft>();
  const text = draft?.version === version ? draft.text : original;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (kept === undefined) return <SkeletonLines count={12} />;
  const { meta } = kept;
  return (
    <div className={css.page}>
      <UnsavedGuard isDirty={text !== original} />
      <div className={css.head}>
        <h1>{title}</h1>
        <LinkButton to={meta.url}>{m.open}</LinkButton>
        {meta.provisioned && (
          <Status kind="info">{m.provisioned(meta.provisionedExternalId)}</Status>
        )}
      </div>
      <div className={css.tabs}>
        <Tabs<Tab>
          value={tab}
          onChange={(next) => setView({ tab: next === 'json' ? next : undefined })}
          tabs={[
            {
              value: 'versions',
              label: m.versions,
              note: String(kept.dashboard.version),
              content: (
                <Versions uid={uid} current={kept.dashboard.version} canSave={meta.canSave} />
              ),
            },
            {
              value: 'json',
              label: m.json,
              content: (
                <JsonModel
                  kept={kept}
                  uid={uid}
                  original={original}
                  text={text}
                  onChange={(next) => setDraft({ version, text: next })}
                />
              ),
            },
          ]}
        />
      </div>
    </div>
  );
}
