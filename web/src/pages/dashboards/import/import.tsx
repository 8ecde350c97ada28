import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { dashboardStoreApi, type Imported } from '../../../api/dashboard-store.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { LinkButton } from '../../alerting/link-button.tsx';
import { useAllDashboards } from '../list/use-list.ts';
import { ChooseSource } from './choose.tsx';
import { ImportForm } from './form.tsx';
import css from './import.module.css';
import { ImportReport } from './report.tsx';
import type { ImportSource } from './source.ts';
import { importWords } from './words.ts';

/** `/dashboard/import`: a document, questions about it, what came of it. */
export function ImportDashboard(): ReactNode {
  const m = useMessages(importWords);
  const setView = useSetView();
  usePageTitle({ label: m.dashboards, to: '/dashboards' }, { label: m.import });
  const [source, setSource] = useState<ImportSource>();
  const linked = useTextParam('gnet');
  // What was put aside is in the link for a moment still: it must not come back by itself.
  const [aside, setAside] = useState('');
  const [imported, setImported] = useState<Imported>();
  const all = useAllDashboards();
  const sources = useQuery({
    queryKey: ['data-sources'],
    queryFn: ({ signal }) => dashboardStoreApi.dataSources(signal),
    staleTime: 60_000,
  });
  const error = all.error ?? sources.error;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls by itself takes focus
    <div className={css.page} tabIndex={0}>
      <h1>{m.title}</h1>
      {error !== null ? (
        <ErrorState error={error} />
      ) : imported !== undefined ? (
        <Done imported={imported} />
      ) : source === undefined ? (
        <ChooseSource linked={linked === aside ? '' : linked} onSource={setSource} />
      ) : all.data === undefined || sources.data === undefined ? (
        <SkeletonLines count={8} />
      ) : (
        <ImportForm
          key={source.origin}
          source={source}
          sources={sources.data}
          all={all.data}
          onOther={() => {
            setSource(undefined);
            setAside(linked);
            setView({ gnet: undefined }, { replace: true });
          }}
          onImported={setImported}
        />
      )}
    </div>
  );
}

function Done({ imported }: { readonly imported: Imported }): ReactNode {
  const m = useMessages(importWords);
  return (
    <div className={css.done}>
      <Status kind="ok">{m.done(imported.title)}</Status>
      <div>
        <LinkButton to={imported.importedUrl} look="primary">
          {m.open}
        </LinkButton>
      </div>
      <ImportReport items={imported.report} />
    </div>
  );
}
