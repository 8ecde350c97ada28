import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Container, ShieldCheck } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { incidentsApi, type WireIncident } from '../../api/incidents.ts';
import { maintenanceApi, type WireWindow } from '../../api/maintenance.ts';
import { retryWhenAway } from '../../api/retry.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { usePreferences } from '../../state/preferences.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import page from '../../ui/page.module.css';
import { QuickLink } from '../../ui/quick-link.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Empty, ErrorState, SkeletonLines, Status } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { ListSearch } from '../kubernetes/lists/list-tools.tsx';
import css from './incidents.module.css';
import { MaintenanceWindows } from './maintenance.tsx';
import { maintenanceWords } from './maintenance-words.ts';
import { severityKind, severityRank } from './severity.ts';
import { incidentWords } from './words.ts';

const refreshMs = 5000;

/** What is wrong in the cluster, and what was. */
export function Incidents(): ReactNode {
  const m = useMessages(incidentWords);
  const words = useMessages(maintenanceWords);
  const f = useFormat();
  const { language } = usePreferences();
  usePageTitle({ label: m.title });
  const navigate = useNavigate();
  const setView = useSetView();
  const state = useTextParam('state');
  const search = useTextParam('search').toLowerCase();
  const sort = parseSort(useTextParam('sort') || (state === 'over' ? '-resolved' : '-severity'));
  const query = useQuery({
    queryKey: ['incidents', language],
    queryFn: ({ signal }) => incidentsApi.list(language, signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  const windows = useQuery({
    queryKey: ['maintenance'],
    queryFn: ({ signal }) => maintenanceApi.list(signal),
    refetchInterval: refreshMs,
    retry: retryWhenAway,
  });
  const { data } = query;
  const all = (state === 'over' ? data?.resolved : data?.open) ?? none;
  const shown = useMemo(
    () => all.filter((incident) => search === '' || textOf(incident).includes(search)),
    [all, search],
  );
  const nowMs = data?.now ?? 0;
  const columns = useMemo(
    (): readonly Column<WireIncident>[] => [
      {
        id: 'severity',
        header: m.severity,
        value: (one) => severityRank[one.severity] * 1e13 + one.start / 1e3,
        cell: (one) => (
          <Status kind={one.state === 'resolved' ? 'ok' : severityKind[one.severity]}>
            {m.severities[one.severity]}
          </Status>
        ),
        width: 104,
        fixed: true,
      },
      {
        id: 'owner',
        header: m.what,
        value: (one) => `${one.owner.namespace}/${one.owner.name}`,
        cell: (one) => (
          <span className={css.what}>
            <QuickLink to={`/incidents/${one.id}`} search={{}} title={one.owner.name}>
              {one.owner.namespace === '' ? '' : `${one.owner.namespace}/`}
              {one.owner.name}
            </QuickLink>
            {one.mutedBy !== undefined && <Muted by={one.mutedBy} />}
          </span>
        ),
        width: 240,
        kind: 'mono',
        fixed: true,
      },
      { id: 'kind', header: m.kind, value: (one) => one.owner.kind, width: 110, sortable: false },
      { id: 'reason', header: m.reason, value: (one) => one.reasons.join(', '), width: 190 },
      {
        id: 'words',
        header: m.explanation,
        value: (one) => one.cause.explanation,
        cell: (one) => (
          <span className={css.sentence} title={one.cause.explanation}>
            {one.cause.explanation}
          </span>
        ),
        width: 320,
        grow: true,
        sortable: false,
      },
      {
        id: 'affected',
        header: m.affected,
        value: (one) => (one.state === 'open' ? one.members.length : one.peak),
        cell: (one) => f.number(one.state === 'open' ? one.members.length : one.peak),
        width: 76,
        kind: 'number',
      },
      {
        id: 'start',
        header: m.since,
        value: (one) => one.start,
        cell: (one) => <span title={f.exactTime(one.start)}>{f.ago(one.start, nowMs)}</span>,
        width: 110,
        kind: 'number',
      },
      {
        id: 'resolved',
        header: m.lasted,
        value: (one) => (one.resolved ?? nowMs) - one.start,
        cell: (one) => f.duration((one.resolved ?? nowMs) - one.start),
        width: 96,
        kind: 'number',
      },
    ],
    [m, f, nowMs],
  );
  if (query.error !== null && data === undefined) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (data === undefined) return <SkeletonLines count={12} />;
  const open = windows.data?.windows.filter(({ state: now }) => now === 'open').length ?? 0;
  const states = (
    <Segmented
      label={m.title}
      value={state}
      options={[
        { value: '', label: m.open(f.number(data.open.length)) },
        { value: 'over', label: m.over(f.number(data.resolved.length)) },
        { value: 'maintenance', label: words.tab(f.number(open)) },
      ]}
      onChange={(next) => setView({ state: next, sort: undefined }, { replace: true })}
    />
  );
  return (
    <div className={page.page}>
      <h1 className="visually-hidden">{m.title}</h1>
      <div className={page.main}>
        {data.problems.length > 0 && (
          <div className={css.problems} role="alert">
            <Status kind="warning">{m.problems}</Status>
            {data.problems.map((problem) => (
              <code key={problem}>{problem}</code>
            ))}
          </div>
        )}
        {state === 'maintenance' ? (
          windows.error === null || windows.data !== undefined ? (
            <MaintenanceWindows windows={windows.data?.windows ?? noWindows} tools={states} />
          ) : (
            <ErrorState error={windows.error} onRetry={() => void windows.refetch()} />
          )
        ) : (
          <DataTable
            id="incidents"
            label={m.title}
            columns={columns}
            rows={shown}
            rowKey={(one) => one.id}
            sort={sort}
            onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
            onOpen={(one) => void navigate({ to: `/incidents/${one.id}` } as never)}
            tools={
              <>
                <ListSearch />
                {states}
              </>
            }
            empty={
              data.watching ? (
                <Empty
                  icon={ShieldCheck}
                  title={state === 'over' ? m.nothingOver : m.nothing}
                  text={m.nothingText}
                />
              ) : (
                <Empty icon={Container} title={m.notWatching} text={data.reason ?? ''} />
              )
            }
          />
        )}
      </div>
    </div>
  );
}

/** What keeps an incident quiet, with why it is shown all the same. */
function Muted({ by }: { readonly by: NonNullable<WireIncident['mutedBy']> }): ReactNode {
  const words = useMessages(maintenanceWords);
  const text = by.kind === 'maintenance' ? words.mutedText(by.name) : words.silencedText;
  return (
    <span title={text}>
      <Status kind="unknown">{words.mutedBy[by.kind]}</Status>
    </span>
  );
}

const none: readonly WireIncident[] = [];
const noWindows: readonly WireWindow[] = [];

const textOf = ({ owner, reasons, cause }: WireIncident): string =>
  `${owner.kind} ${owner.namespace}/${owner.name} ${reasons.join(' ')} ${cause.explanation} ${cause.message}`.toLowerCase();
