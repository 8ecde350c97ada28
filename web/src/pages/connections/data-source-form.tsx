import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Lock, Plug, Trash2 } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { dataSourcesApi, type Health, type ListedDataSource } from '../../api/data-sources.ts';
import { usePageTitle } from '../../frame/breadcrumb.tsx';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useTextParam } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { Field, TextInput } from '../../ui/field.tsx';
import page from '../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import css from './connections.module.css';
import { type Draft, draftOf, emptyDraft, inputOf } from './draft.ts';
import { HealthNotice } from './health.tsx';
import { kindOfType, sourceKinds } from './kinds.ts';
import { useMayEdit } from './may-edit.ts';
import { SectionFields, settingValue } from './source-fields.tsx';
import { connectionWords } from './words.ts';

const listPath = '/connections/datasources';

function useTitle(label: string): void {
  const m = useMessages(connectionWords);
  usePageTitle({ label: m.connections }, { label: m.dataSources, to: listPath }, { label });
}

/** `/connections/datasources/new`, with `?type=` the form of that kind. */
export function NewDataSource(): ReactNode {
  const m = useMessages(connectionWords);
  const kind = kindOfType(useTextParam('type'));
  const mayEdit = useMayEdit();
  useTitle(kind === undefined ? m.add : m.addOf(kind.label));
  if (kind !== undefined) {
    return (
      <SourceForm key={kind.type} initial={emptyDraft(kind.type, kind.label)} saved={undefined} />
    );
  }
  return (
    <div className={css.page}>
      <div className={css.main}>
        <section className={css.scroll} aria-label={m.add}>
          <h1 className="visually-hidden">{m.add}</h1>
          {!mayEdit && <Notice text={m.mayNotChange} />}
          <div className={css.kinds}>
            {sourceKinds.map(({ type, label, icon: Icon }) => (
              <Link
                key={type}
                to={'/connections/datasources/new' as never}
                search={{ type } as never}
                className={css.kind}
              >
                <Icon size={20} strokeWidth={1.5} aria-hidden />
                <span className={css.noticeText}>
                  {label}
                  <small>{(m.kinds as Readonly<Record<string, string>>)[type]}</small>
                </span>
              </Link>
            ))}
          </div>
        </section>
      </div>
    </div>
  );
}

/** `/connections/datasources/edit/UID`. */
export function EditDataSource(): ReactNode {
  const m = useMessages(connectionWords);
  const { uid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  const query = useQuery({
    queryKey: ['data-sources', uid],
    queryFn: ({ signal }) => dataSourcesApi.get(uid, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useTitle(query.data?.name ?? uid);
  if (query.isError) {
    const isGone = query.error instanceof ApiError && query.error.status === 404;
    return isGone ? <Empty title={m.gone} /> : <ErrorState error={query.error} />;
  }
  if (query.data === undefined) return <SkeletonLines count={8} />;
  const { version } = query.data;
  return <SourceForm key={`${uid} ${version}`} initial={draftOf(query.data)} saved={query.data} />;
}

function SourceForm({
  initial,
  saved,
}: {
  readonly initial: Draft;
  readonly saved: ListedDataSource | undefined;
}): ReactNode {
  const m = useMessages(connectionWords);
  const c = useMessages(common);
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayEdit = useMayEdit();
  const [draft, setDraft] = useState(initial);
  const [isAsked, setIsAsked] = useState(false);
  const [isDeleting, setIsDeleting] = useState(false);
  const kind = kindOfType(draft.type);
  const isReadOnly = saved?.readOnly === true || !mayEdit;
  const test = useMutation({
    mutationFn: (): Promise<Health> =>
      saved !== undefined && isReadOnly
        ? dataSourcesApi.health(saved.uid)
        : dataSourcesApi.test(inputOf(draft)),
  });
  const save = useMutation({
    mutationFn: () =>
      saved === undefined
        ? dataSourcesApi.create(inputOf(draft))
        : dataSourcesApi.update(saved.uid, inputOf(draft, saved.version)),
    onSuccess: async ({ datasource }) => {
      toast(m.saved(datasource.name));
      await test.mutateAsync().catch(() => {});
      await client.invalidateQueries({ queryKey: ['data-sources'] });
      if (saved === undefined) {
        const to = `${listPath}/edit/${encodeURIComponent(datasource.uid)}`;
        await navigate({ to, replace: true } as never);
      }
    },
  });
  const remove = useMutation({
    mutationFn: () => dataSourcesApi.remove(saved?.uid ?? ''),
    onSuccess: async () => {
      toast(m.deleted(draft.name));
      await navigate({ to: listPath } as never);
      await client.invalidateQueries({ queryKey: ['data-sources'] });
    },
    onError: (error) => toastError(error.message),
  });
  const required = (kind?.sections ?? []).flatMap(({ fields }) =>
    fields.filter(({ isRequired }) => isRequired === true),
  );
  const isMissing =
    draft.name.trim() === '' ||
    required.some((field) => String(settingValue(draft, field) ?? '').trim() === '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsAsked(true);
    if (!isMissing && !isReadOnly && !save.isPending) save.mutate();
  };
  const change = (next: Draft): void => {
    test.reset();
    setDraft(next);
  };
  const title = saved === undefined ? m.addOf(kind?.label ?? draft.type) : m.edit(saved.name);
  return (
    <div className={css.page}>
      <form className={css.main} onSubmit={submit}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus. */}
        <section className={css.scroll} tabIndex={0} aria-label={title}>
          <h1 className="visually-hidden">{title}</h1>
          <div className={css.form}>
            {saved?.readOnly === true && (
              <Notice
                text={
                  saved.provisionedFrom === undefined
                    ? m.readOnlyBuiltIn
                    : m.readOnlyFile(saved.provisionedFrom)
                }
              />
            )}
            {saved?.readOnly !== true && !mayEdit && <Notice text={m.mayNotChange} />}
            {kind === undefined && <Notice text={m.noKind(draft.type)} />}
            <fieldset className={css.form} disabled={isReadOnly}>
              <Card title={kind?.label ?? draft.type}>
                <div className={css.fields}>
                  <Field
                    label={m.name}
                    {...(isAsked && draft.name.trim() === '' ? { error: m.required } : {})}
                  >
                    {(control) => (
                      <TextInput
                        {...control}
                        value={draft.name}
                        onChange={(name) => change({ ...draft, name })}
                      />
                    )}
                  </Field>
                  <Field label={m.uid} {...(saved === undefined ? { help: m.uidHelp } : {})}>
                    {(control) => (
                      <TextInput
                        {...control}
                        mono
                        readOnly={saved !== undefined}
                        value={draft.uid}
                        onChange={(uid) => change({ ...draft, uid })}
                      />
                    )}
                  </Field>
                  <label className={css.check}>
                    <input
                      type="checkbox"
                      checked={draft.isDefault}
                      onChange={(event) => change({ ...draft, isDefault: event.target.checked })}
                    />
                    {m.isDefault}
                  </label>
                </div>
              </Card>
              {saved?.isBuiltIn !== true &&
                kind?.sections.map((section) => (
                  <SectionFields
                    key={section.word}
                    section={section}
                    draft={draft}
                    onChange={change}
                    savedSecrets={saved?.secureJsonFields ?? {}}
                    isAsked={isAsked}
                  />
                ))}
            </fieldset>
          </div>
        </section>
        <div className={css.foot}>
          {save.isError && <ErrorState error={save.error} title={m.failed} />}
          {test.isError && <ErrorState error={test.error} title={m.failed} />}
          {test.data !== undefined && <HealthNotice health={test.data} />}
          <div className={css.actions}>
            {!isReadOnly && kind !== undefined && (
              <Button type="submit" look="primary" disabled={save.isPending}>
                {m.saveAndTest}
              </Button>
            )}
            <Button icon={Plug} disabled={test.isPending} onClick={() => test.mutate()}>
              {test.isPending ? m.testing : m.test}
            </Button>
            <Button look="quiet" onClick={() => void navigate({ to: listPath } as never)}>
              {saved === undefined ? c.cancel : c.close}
            </Button>
            {saved !== undefined && !isReadOnly && (
              <Button
                icon={Trash2}
                look="danger"
                className={css.push}
                onClick={() => setIsDeleting(true)}
              >
                {c.delete}
              </Button>
            )}
          </div>
        </div>
      </form>
      <FormDialog
        open={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={m.deleteTitle(draft.name)}
        action={c.delete}
        danger
        busy={remove.isPending}
        onSubmit={() => remove.mutate()}
      >
        <p>{m.deleteText}</p>
      </FormDialog>
    </div>
  );
}

function Notice({ text }: { readonly text: string }): ReactNode {
  return (
    <div className={page.notice}>
      <Lock size={16} strokeWidth={1.5} aria-hidden />
      <span>{text}</span>
    </div>
  );
}
