import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useDeferredValue, useState } from 'react';
import { alertmanagerApi } from '../../../api/alertmanager.ts';
import { ApiError } from '../../../api/client.ts';
import { sessionApi } from '../../../api/session.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { usePreferences } from '../../../state/preferences.ts';
import { useListParam, useTextParam } from '../../../state/view.ts';
import { resolveZone } from '../../../time/zone.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Segmented } from '../../../ui/segmented.tsx';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { MatcherRows } from '../matcher-rows.tsx';
import { alertingWords } from '../words.ts';
import { Affected } from './affected.tsx';
import {
  checkForm,
  draftOf,
  type SilenceForm as Form,
  formOf,
  newForm,
  silenceDurations,
} from './silence-draft.ts';
import { silencesWords } from './words.ts';

/** `/alerting/silence/new?matcher=alertname=Disk`: what messages link to. */
export function NewSilence(): ReactNode {
  const m = useMessages(silencesWords);
  const matchers = useListParam('matcher');
  const comment = useTextParam('comment');
  const session = useQuery({ queryKey: ['session'], queryFn: sessionApi.get, staleTime: 60_000 });
  const principal = session.data?.principal;
  const name = principal === undefined || principal.kind === 'anonymous' ? '' : principal.name;
  useFormTitle(m.newSilence);
  return <SilenceFields initial={newForm(matchers, comment, name)} title={m.newSilence} />;
}

/** `/alerting/silence/:id/edit`. */
export function EditSilence(): ReactNode {
  const m = useMessages(silencesWords);
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const zone = resolveZone(usePreferences().zone);
  useFormTitle(m.editSilence);
  const query = useQuery({
    queryKey: ['alerting', 'silence', id],
    queryFn: ({ signal }) => alertmanagerApi.silence(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (query.isError) {
    const isGone = query.error instanceof ApiError && query.error.status === 404;
    return isGone ? <Empty title={m.gone} /> : <ErrorState error={query.error} />;
  }
  if (query.data === undefined) return <SkeletonLines count={8} />;
  const isOver = query.data.status.state === 'expired';
  return (
    <SilenceFields
      initial={formOf(query.data, zone)}
      title={m.editSilence}
      {...(isOver ? {} : { id })}
    />
  );
}

function useFormTitle(label: string): void {
  const words = useMessages(alertingWords);
  usePageTitle(
    { label: words.alerting },
    { label: words.silences, to: '/alerting/silences' },
    { label },
  );
}

function SilenceFields({
  initial,
  title,
  id,
}: {
  readonly initial: Form;
  readonly title: string;
  readonly id?: string;
}): ReactNode {
  const m = useMessages(silencesWords);
  const words = useMessages(common);
  const f = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const zone = resolveZone(usePreferences().zone);
  const [form, setForm] = useState(initial);
  const [isAsked, setIsAsked] = useState(false);
  const shownMatchers = useDeferredValue(form.matchers);
  const set = (change: Partial<Form>): void => setForm((latest) => ({ ...latest, ...change }));
  const checked = checkForm(form, Date.now(), zone);
  const problems = isAsked ? checked.problems : {};
  const save = useMutation({
    mutationFn: () =>
      alertmanagerApi.setSilence(draftOf(form, checkForm(form, Date.now(), zone), id)),
    onSuccess: async ({ silenceID }) => {
      toast(m.made);
      await client.invalidateQueries({ queryKey: ['alerting'] });
      await navigate({ to: '/alerting/silences', search: { open: silenceID } } as never);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsAsked(true);
    if (Object.keys(checked.problems).length === 0) save.mutate();
  };
  const names = [...new Set(['alertname', 'severity', 'namespace', 'pod', 'node', 'job'])];
  const timeError = (problem: 'time' | 'order' | undefined): string | undefined =>
    problem === undefined ? undefined : problem === 'time' ? m.badTime : m.badOrder;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={title}>
      <h1 className="visually-hidden">{title}</h1>
      <form className={css.form} onSubmit={submit} noValidate>
        <MatcherRows
          value={form.matchers}
          names={names}
          onChange={(matchers) => set({ matchers })}
        />
        {problems.matchers && (
          <p className={css.error} role="alert">
            {m.needMatcher}
          </p>
        )}
        <fieldset className={page.fieldset}>
          <legend>{m.duration}</legend>
          <div className={css.tools}>
            <Segmented
              label={m.duration}
              value={form.duration}
              options={[
                ...silenceDurations.map((value) => ({ value: value as string, label: value })),
                { value: 'custom', label: m.custom },
              ]}
              onChange={(duration) => set({ duration })}
            />
            <span className={css.quiet}>{m.until(f.shortDateTime(checked.endsAtMs))}</span>
          </div>
        </fieldset>
        {form.duration === 'custom' && (
          <div className={css.row}>
            <div className={css.wide}>
              <Field label={m.from} help={m.timeHelp} error={timeError(checked.problems.from)}>
                {(control) => (
                  <TextInput
                    {...control}
                    mono
                    value={form.from}
                    onChange={(from) => set({ from })}
                  />
                )}
              </Field>
            </div>
            <div className={css.wide}>
              <Field label={m.to} help={m.timeHelp} error={timeError(checked.problems.to)}>
                {(control) => (
                  <TextInput {...control} mono value={form.to} onChange={(to) => set({ to })} />
                )}
              </Field>
            </div>
          </div>
        )}
        <Field label={m.comment} error={problems.comment && m.needComment}>
          {(control) => (
            <textarea
              {...control}
              className={css.textarea}
              value={form.comment}
              onChange={(event) => set({ comment: event.target.value })}
            />
          )}
        </Field>
        <Field label={m.createdBy}>
          {(control) => (
            <TextInput
              {...control}
              value={form.createdBy}
              onChange={(createdBy) => set({ createdBy })}
            />
          )}
        </Field>
        {id !== undefined && <p className={css.quiet}>{m.changed}</p>}
        {save.isError && <ErrorState error={save.error} />}
        <div className={css.actions}>
          <Button type="submit" look="primary" disabled={save.isPending}>
            {id === undefined ? m.submit : m.save}
          </Button>
          <LinkButton to="/alerting/silences">{words.cancel}</LinkButton>
        </div>
        <Card title={m.preview}>
          <div className={css.cardBody}>
            <Affected matchers={shownMatchers} />
          </div>
        </Card>
      </form>
    </section>
  );
}
