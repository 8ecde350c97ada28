import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Pause, Pencil, Play, Send, Trash } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type ReportRun, reportsApi, type WireReport } from '../../api/reports.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button } from '../../ui/button.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import page from '../../ui/page.module.css';
import { SidePanel } from '../../ui/side-panel.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { Preview } from './preview.tsx';
import css from './reports.module.css';
import { RunStatus } from './run-status.tsx';
import { useScheduleText } from './schedule-text.ts';
import { reportWords } from './words.ts';

/** One report: what it shows, what may be done with it, how its sendings went. */
export function ReportPanel({
  report,
  dashboardTitle,
  mayEdit,
  onClose,
}: {
  readonly report: WireReport;
  readonly dashboardTitle: string;
  readonly mayEdit: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(reportWords);
  const f = useFormat();
  const scheduleText = useScheduleText();
  const { id, schedule, runs, next } = report;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      m.dashboard,
      <Link
        key="dashboard"
        to={`/d/${schedule.dashboard}` as never}
        search={linkOf(report) as never}
      >
        {dashboardTitle}
      </Link>,
    ],
    [m.schedule, scheduleText(schedule.cron, schedule.timeZone)],
    [m.next, schedule.enabled && next !== undefined ? f.dateTime(next) : m.paused],
    [m.receiver, schedule.receiver],
    [m.range, `${schedule.from} – ${schedule.to}`],
    ...Object.entries(schedule.variables).map(
      ([name, values]) => [`$${name}`, values.join(', ')] as const,
    ),
  ];
  return (
    <SidePanel title={schedule.title} onClose={onClose}>
      <div className={page.detail}>
        {mayEdit && <Actions report={report} onDeleted={onClose} />}
        <dl className={page.facts}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <section>
          <h2>{m.history}</h2>
          {runs.length === 0 ? (
            <p className={css.quiet}>{m.noHistory}</p>
          ) : (
            <ul className={css.runs}>
              {runs.map((run) => (
                <li key={run.at}>
                  <Run run={run} />
                </li>
              ))}
            </ul>
          )}
        </section>
        <section>
          <h2>{m.preview}</h2>
          <Preview key={id} schedule={schedule} />
        </section>
      </div>
    </SidePanel>
  );
}

function Run({ run }: { readonly run: ReportRun }): ReactNode {
  const m = useMessages(reportWords);
  const f = useFormat();
  const notes = [
    run.due === undefined ? m.byHand : m.due(f.shortDateTime(run.due)),
    ...(run.tookMs === undefined ? [] : [f.duration(run.tookMs)]),
  ];
  return (
    <>
      <RunStatus run={run} />
      <span className={css.quiet}>{notes.join(' · ')}</span>
      {run.missed !== undefined && <p className={css.quiet}>{m.missed(f.number(run.missed))}</p>}
      {run.error !== undefined && <p className={css.error}>{run.error}</p>}
    </>
  );
}

/** The same view of the dashboard that the report shows. */
function linkOf({ schedule }: WireReport): Readonly<Record<string, unknown>> {
  const { from, to, panel, variables } = schedule;
  return {
    from,
    to,
    ...(panel === undefined ? {} : { viewPanel: String(panel) }),
    ...Object.fromEntries(
      Object.entries(variables).map(([name, values]) => [`var-${name}`, values]),
    ),
  };
}

function Actions({
  report,
  onDeleted,
}: {
  readonly report: WireReport;
  readonly onDeleted: () => void;
}): ReactNode {
  const m = useMessages(reportWords);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const { id, schedule } = report;
  const done = (): Promise<void> => client.invalidateQueries({ queryKey: ['reports'] });
  const send = useMutation({
    mutationFn: () => reportsApi.send(id),
    onSuccess: () => toast(m.sent(schedule.title)),
    onError: (error) => toastError(error.message),
    onSettled: done,
  });
  const pause = useMutation({
    mutationFn: () => reportsApi.update(id, { ...schedule, enabled: !schedule.enabled }),
    onSuccess: done,
    onError: (error) => toastError(error.message),
  });
  const remove = useMutation({
    mutationFn: () => reportsApi.remove(id),
    onSuccess: async () => {
      toast(m.deleted(schedule.title));
      onDeleted();
      await done();
    },
    onError: (error) => toastError(error.message),
  });
  return (
    <div className={css.tools}>
      <Button icon={Send} look="primary" disabled={send.isPending} onClick={() => send.mutate()}>
        {send.isPending ? m.sending : m.sendNow}
      </Button>
      <Button icon={Pencil} onClick={() => void navigate({ to: `/reports/${id}/edit` } as never)}>
        {m.edit}
      </Button>
      <Button
        icon={schedule.enabled ? Pause : Play}
        disabled={pause.isPending}
        onClick={() => pause.mutate()}
      >
        {schedule.enabled ? m.pause : m.resume}
      </Button>
      <Button icon={Trash} onClick={() => setIsDeleting(true)}>
        {m.delete}
      </Button>
      <FormDialog
        open={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={m.deleteTitle(schedule.title)}
        action={m.delete}
        danger
        busy={remove.isPending}
        onSubmit={() => remove.mutate()}
      >
        <p>{m.deleteText}</p>
      </FormDialog>
    </div>
  );
}
