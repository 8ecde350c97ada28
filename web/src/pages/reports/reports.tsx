import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CalendarClock, Plus } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { dashboardStoreApi } from '../../api/dashboard-store.ts';
import { reportsApi, type WireReport } from '../../api/reports.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { SearchInput } from '../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { parseSort, sortText } from '../../ui/table-model.ts';
import { useMayEdit } from '../connections/may-edit.ts';
import { ReportPanel } from './report-panel.tsx';
import css from './reports.module.css';
import { RunStatus } from './run-status.tsx';
import { useScheduleText } from './schedule-text.ts';
import { reportWords } from './words.ts';

const refreshMs = 10_000;

/** `/reports`: pictures of dashboards that are sent when their time comes. */
export function Reports(): ReactNode {
  const m = useMessages(reportWords);
  const c = useMessages(common);
  const f = useFormat();
  const setView = useSetView();
  const navigate = useNavigate();
  const mayEdit = useMayEdit();
  const scheduleText = useScheduleText();
  usePageTitle({ label: m.reports });
  const text = useTextParam('q');
  const open = useTextParam('open');
  const sort = parseSort(useTextParam('sort'));
  const reports = useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => reportsApi.list(signal),
    refetchInterval: refreshMs,
  });
  const dashboards = useQuery({
    queryKey: ['dashboards', 'all'],
    queryFn: ({ signal }) => dashboardStoreApi.all(signal),
  });
  const titles = useMemo(
    () => new Map((dashboards.data ?? []).map(({ uid, title }) => [uid, title])),
    [dashboards.data],
  );
  const rows = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (reports.data ?? []).filter(({ schedule }) => {
      const { title, dashboard, receiver } = schedule;
      const content = `${title} ${titles.get(dashboard) ?? dashboard} ${receiver}`.toLowerCase();
      return wanted.every((word) => content.includes(word));
    });
  }, [reports.data, titles, text]);
  const opened = reports.data?.find(({ id }) => id === open);
  const columns = useMemo((): readonly Column<WireReport>[] => {
    const moment = (ms: number | undefined): ReactNode =>
      ms === undefined ? '' : <time title={f.exactTime(ms)}>{f.shortDateTime(ms)}</time>;
    return [
      {
        id: 'title',
        header: m.title,
        value: ({ schedule }) => schedule.title,
        width: 240,
        grow: true,
        fixed: true,
      },
      {
        id: 'dashboard',
        header: m.dashboard,
        value: ({ schedule }) => titles.get(schedule.dashboard) ?? schedule.dashboard,
        width: 220,
      },
      {
        id: 'schedule',
        header: m.schedule,
        value: ({ schedule }) => scheduleText(schedule.cron, schedule.timeZone),
        width: 240,
      },
      {
        id: 'receiver',
        header: m.receiver,
        value: ({ schedule }) => schedule.receiver,
        width: 150,
      },
      {
        id: 'next',
        header: m.next,
        value: ({ next }) => next,
        cell: ({ next, schedule }) => (schedule.enabled ? moment(next) : m.paused),
        width: 130,
      },
      {
        id: 'last',
        header: m.last,
        value: ({ lastRun }) => lastRun?.at,
        cell: ({ lastRun }) => <RunStatus run={lastRun} />,
        width: 200,
      },
    ];
  }, [m, f, titles, scheduleText]);
  const add = mayEdit && (
    <Button
      look="primary"
      icon={Plus}
      onClick={() => void navigate({ to: '/reports/new' } as never)}
    >
      {m.newReport}
    </Button>
  );
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{m.reports}</h1>
        {reports.isError && (
          <ErrorState error={reports.error} onRetry={() => void reports.refetch()} />
        )}
        {reports.data === undefined ? (
          !reports.isError && <SkeletonLines count={6} />
        ) : (
          <DataTable
            id="reports"
            label={m.reports}
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            sort={sort}
            onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
            onOpen={({ id }) => setView({ open: id })}
            selectedKey={open}
            tools={
              <>
                <SearchInput
                  className={css.filter}
                  label={m.filter}
                  value={text}
                  onSearch={(q) => setView({ q }, { replace: true })}
                />
                {add}
              </>
            }
            empty={
              reports.data.length === 0 ? (
                <Empty icon={CalendarClock} title={m.none} text={m.noneText}>
                  {add}
                </Empty>
              ) : (
                <Empty icon={CalendarClock} title={c.nothingFound} />
              )
            }
          />
        )}
      </div>
      {opened !== undefined && (
        <ReportPanel
          key={opened.id}
          report={opened}
          dashboardTitle={titles.get(opened.schedule.dashboard) ?? opened.schedule.dashboard}
          mayEdit={mayEdit}
          onClose={() => setView({ open: '' })}
        />
      )}
    </div>
  );
}
