import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { readDashboard } from '../../../../src/dashboards/model/read.ts';
import { ApiError } from '../../api/client.ts';
import { dashboardStoreApi } from '../../api/dashboard-store.ts';
import { type ReportSchedule, reportsApi } from '../../api/reports.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Field, TextInput } from '../../ui/field.tsx';
import page from '../../ui/page.module.css';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { Preview } from './preview.tsx';
import css from './reports.module.css';
import { cronOf, defaultTiming, type Timing, timingOf } from './schedule.ts';
import { TimingFields } from './timing-fields.tsx';
import { reportWords } from './words.ts';

/** `/reports/new`; `?dashboard=UID&panel=ID` fills them in. */
export function NewReport(): ReactNode {
  const m = useMessages(reportWords);
  const f = useFormat();
  const dashboard = useTextParam('dashboard');
  const panel = Number(useTextParam('panel'));
  usePageTitle({ label: m.reports, to: '/reports' }, { label: m.newReport });
  return (
    <ReportForm
      id={undefined}
      initial={{
        title: '',
        dashboard,
        ...(panel > 0 ? { panel } : {}),
        cron: cronOf(defaultTiming),
        timeZone: f.zone,
        from: 'now-24h',
        to: 'now',
        variables: {},
        receiver: '',
        theme: 'light',
        language: f.language,
        enabled: true,
      }}
    />
  );
}

/** `/reports/ID/edit` */
export function EditReport(): ReactNode {
  const m = useMessages(reportWords);
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const reports = useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => reportsApi.list(signal),
  });
  const report = reports.data?.find((one) => one.id === id);
  usePageTitle(
    { label: m.reports, to: '/reports' },
    { label: m.editOf(report?.schedule.title ?? '') },
  );
  if (reports.isError) return <ErrorState error={reports.error} />;
  if (report === undefined) return <SkeletonLines count={8} />;
  return <ReportForm key={id} id={id} initial={report.schedule} />;
}

function ReportForm({
  id,
  initial,
}: {
  readonly id: string | undefined;
  readonly initial: ReportSchedule;
}): ReactNode {
  const m = useMessages(reportWords);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [timing, setTiming] = useState<Timing>(() => timingOf(initial.cron));
  // Of the draft as it is then: two changes may come before the next drawing.
  const change = (part: Partial<ReportSchedule>): void =>
    setDraft((latest) => ({ ...latest, ...part }));
  const schedule = { ...draft, cron: cronOf(timing) };
  const leave = (open = ''): void =>
    void navigate({ to: '/reports', search: open === '' ? {} : { open } } as never);
  const save = useMutation({
    mutationFn: () =>
      id === undefined ? reportsApi.create(schedule) : reportsApi.update(id, schedule),
    onSuccess: async (saved) => {
      toast(m.saved(saved.schedule.title));
      await client.invalidateQueries({ queryKey: ['reports'] });
      leave(saved.id);
    },
  });
  const isReady = draft.title.trim() !== '' && draft.dashboard !== '' && draft.receiver !== '';
  return (
    <div className={css.scroll}>
      <h1 className="visually-hidden">{id === undefined ? m.newReport : m.editOf(draft.title)}</h1>
      <div className={css.columns}>
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady && !save.isPending) save.mutate();
          }}
        >
          <Field label={m.title} help={m.titleHelp}>
            {(control) => (
              <TextInput {...control} value={draft.title} onChange={(title) => change({ title })} />
            )}
          </Field>
          <WhatFields draft={draft} onChange={change} onDraft={setDraft} />
          <ReceiverField draft={draft} onChange={change} />
          <TimingFields
            timing={timing}
            timeZone={draft.timeZone}
            onTiming={setTiming}
            onTimeZone={(timeZone) => change({ timeZone })}
          />
          <fieldset className={page.fieldset}>
            <legend>{m.range}</legend>
            <div className={css.row}>
              <TextInput
                mono
                aria-label={m.from}
                value={draft.from}
                onChange={(from) => change({ from })}
              />
              <TextInput
                mono
                aria-label={m.to}
                value={draft.to}
                onChange={(to) => change({ to })}
              />
            </div>
          </fieldset>
          <fieldset className={page.fieldset}>
            <legend>{m.look}</legend>
            <div className={css.tools}>
              <Segmented<'light' | 'dark'>
                label={m.theme}
                value={draft.theme}
                options={[
                  { value: 'light', label: m.light },
                  { value: 'dark', label: m.dark },
                ]}
                onChange={(theme) => change({ theme })}
              />
              <Segmented<'en' | 'ko'>
                label={m.language}
                value={draft.language ?? 'en'}
                options={[
                  { value: 'en', label: m.english },
                  { value: 'ko', label: m.korean },
                ]}
                onChange={(language) => change({ language })}
              />
            </div>
          </fieldset>
          {save.error !== null && (
            <p className={css.error} role="alert">
              {save.error.message}
              {save.error instanceof ApiError && save.error.hint !== undefined
                ? ` ${save.error.hint}`
                : ''}
            </p>
          )}
          <div className={css.tools}>
            <Button type="submit" look="primary" disabled={!isReady || save.isPending}>
              {m.save}
            </Button>
            <Button onClick={() => leave(id)}>{m.cancel}</Button>
          </div>
        </form>
        <section aria-label={m.preview}>
          <Preview schedule={schedule} />
        </section>
      </div>
    </div>
  );
}

interface DraftProps {
  readonly draft: ReportSchedule;
  readonly onChange: (part: Partial<ReportSchedule>) => void;
}

/** Dashboard, panel, and the values of its variables. */
function WhatFields({
  draft,
  onChange,
  onDraft,
}: DraftProps & {
  readonly onDraft: (next: (latest: ReportSchedule) => ReportSchedule) => void;
}): ReactNode {
  const m = useMessages(reportWords);
  const list = useQuery({
    queryKey: ['dashboards', 'all'],
    queryFn: ({ signal }) => dashboardStoreApi.all(signal),
  });
  const kept = useQuery({
    queryKey: ['dashboard', draft.dashboard, 'of-report'],
    queryFn: ({ signal }) => dashboardStoreApi.get(draft.dashboard, signal),
    enabled: draft.dashboard !== '',
  });
  const dashboard = useMemo(
    () => (kept.data === undefined ? undefined : readDashboard(kept.data.dashboard).dashboard),
    [kept.data],
  );
  const panels = (dashboard?.panels ?? [])
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .filter(({ type }) => type !== 'row');
  const variables = (dashboard?.templating.list ?? []).filter(
    ({ hide, type }) => hide !== 2 && type !== 'adhoc',
  );
  const dashboards = (list.data ?? []).filter(({ type }) => type === 'dash-db');
  return (
    <>
      <Field label={m.dashboard}>
        {({ id }) => (
          <Select
            id={id}
            label={m.dashboard}
            value={draft.dashboard}
            options={[
              ...(draft.dashboard === '' ? [{ value: '', label: m.chooseDashboard }] : []),
              ...dashboards.map(({ uid, title, folderTitle }) => ({
                value: uid,
                label: folderTitle === undefined ? title : `${folderTitle} / ${title}`,
              })),
            ]}
            onChange={(uid) => {
              const title = dashboards.find((one) => one.uid === uid)?.title ?? '';
              // Of the draft as it is then; a panel is of the dashboard before.
              onDraft(({ panel: _, ...latest }) => ({
                ...latest,
                dashboard: uid,
                variables: {},
                ...(latest.title === '' ? { title } : {}),
              }));
            }}
          />
        )}
      </Field>
      <Field label={m.what}>
        {({ id }) => (
          <Select
            id={id}
            label={m.what}
            value={draft.panel === undefined ? '' : String(draft.panel)}
            options={[
              { value: '', label: m.wholeDashboard },
              ...panels.map((panel) => ({
                value: String(panel.id),
                label: panel.title || `${panel.type} ${panel.id}`,
              })),
            ]}
            onChange={(text) =>
              onChange({ panel: text === '' ? undefined : Number(text) } as never)
            }
          />
        )}
      </Field>
      {variables.length > 0 && (
        <fieldset className={page.fieldset}>
          <legend>{m.variables}</legend>
          {variables.map(({ name, label }) => (
            <Field key={name} label={label || name}>
              {(control) => (
                <TextInput
                  {...control}
                  mono
                  defaultValue={(draft.variables[name] ?? []).join(', ')}
                  onBlur={(event) =>
                    onChange({ variables: withValues(draft.variables, name, event.target.value) })
                  }
                />
              )}
            </Field>
          ))}
          <p className={css.quiet}>{m.variablesHelp}</p>
        </fieldset>
      )}
    </>
  );
}

function withValues(
  variables: ReportSchedule['variables'],
  name: string,
  text: string,
): ReportSchedule['variables'] {
  const { [name]: _, ...others } = variables;
  const values = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return values.length === 0 ? others : { ...others, [name]: values };
}

function ReceiverField({ draft, onChange }: DraftProps): ReactNode {
  const m = useMessages(reportWords);
  const receivers = useQuery({
    queryKey: ['reports', 'receivers'],
    queryFn: ({ signal }) => reportsApi.receivers(signal),
  });
  const isNone = receivers.data?.length === 0;
  return (
    <Field
      label={m.receiver}
      help={m.receiverHelp}
      {...(isNone ? { error: `${m.noReceivers}. ${m.noReceiversText}` } : {})}
    >
      {({ id }) => (
        <Select
          id={id}
          label={m.receiver}
          value={draft.receiver}
          options={[
            ...(draft.receiver === '' ? [{ value: '', label: '–' }] : []),
            ...(receivers.data ?? []).map(({ name, kinds }) => ({
              value: name,
              label: `${name} (${kinds.join(', ')})`,
            })),
          ]}
          onChange={(receiver) => onChange({ receiver })}
        />
      )}
    </Field>
  );
}
