import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from 'react';
import { dashboardsApi } from '../../../api/dashboards.ts';
import {
  grafanaAlertingApi,
  type WireRulerGroup,
  type WireRulerRule,
} from '../../../api/grafana-alerting.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Card, Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import { UnsavedGuard } from '../../../ui/unsaved-guard.tsx';
import css from '../alerting.module.css';
import { LinkButton } from '../link-button.tsx';
import { alertingWords } from '../words.ts';
import { AnnotationSection } from './annotation-section.tsx';
import { BacktestSection } from './backtest-section.tsx';
import look from './editor.module.css';
import { EvaluationSection } from './evaluation-section.tsx';
import { NotificationSection } from './notification-section.tsx';
import { QuerySection } from './query-section.tsx';
import { withDefaults } from './rule-defaults.ts';
import {
  draftOfRule,
  draftProblems,
  groupWith,
  newDraft,
  type RuleDraft,
  ruleOfDraft,
} from './rule-draft.ts';
import { editorWords } from './words.ts';

const listPage = '/alerting/list';

interface Found {
  readonly rule: WireRulerRule;
  readonly group: WireRulerGroup;
}

/** `/alerting/new`, with `copyFrom=` a copy of another, with `defaults=` what a panel asks. */
export function NewRule(): ReactNode {
  const defaults = useTextParam('defaults');
  return <Loader uid={useTextParam('copyFrom')} defaults={defaults} isCopy />;
}

/** `/alerting/:uid/edit`. */
export function EditRule(): ReactNode {
  const { uid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  return <Loader uid={uid} isCopy={false} />;
}

/** Waits for what the form begins with. */
function Loader({
  uid,
  isCopy,
  defaults = '',
}: {
  readonly uid: string;
  readonly isCopy: boolean;
  readonly defaults?: string;
}): ReactNode {
  const m = useMessages(editorWords);
  const sources = useQuery({
    queryKey: ['data-sources'],
    queryFn: ({ signal }) => dashboardsApi.dataSources(signal),
  });
  const ruler = useQuery({
    queryKey: ['alerting', 'ruler'],
    queryFn: ({ signal }) => grafanaAlertingApi.rulerRules(signal),
    enabled: uid !== '',
  });
  if (sources.isError) return <ErrorState error={sources.error} />;
  if (ruler.isError) return <ErrorState error={ruler.error} />;
  if (sources.data === undefined || (uid !== '' && ruler.data === undefined)) {
    return <SkeletonLines count={12} />;
  }
  const found = Object.values(ruler.data ?? {})
    .flat()
    .flatMap((group) => group.rules.map((rule): Found => ({ rule, group })))
    .find(({ rule }) => rule.grafana_alert.uid === uid);
  if (uid !== '' && found === undefined) return <Empty icon={ListChecks} title={m.gone} />;
  const first =
    sources.data.find(({ type, isDefault }) => type === 'prometheus' && isDefault) ??
    sources.data.find(({ type }) => type === 'prometheus');
  const initial =
    found === undefined
      ? withDefaults(newDraft(first?.uid ?? 'prometheus'), defaults)
      : draftOfRule(found.rule, found.group);
  const old = isCopy ? undefined : found;
  return <Editor key={uid} initial={initial} old={old} sources={sources.data} />;
}

function Editor({
  initial,
  old,
  sources,
}: {
  readonly initial: RuleDraft;
  readonly old: Found | undefined;
  readonly sources: Awaited<ReturnType<typeof dashboardsApi.dataSources>>;
}): ReactNode {
  const m = useMessages(editorWords);
  const words = useMessages(alertingWords);
  const title = old === undefined ? m.newRule : m.editRule;
  usePageTitle(
    { label: words.alerting },
    { label: words.rules, to: listPage },
    { label: old?.rule.grafana_alert.title ?? title },
  );
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [isAsked, setIsAsked] = useState(false);
  const change = (next: Partial<RuleDraft>): void => setDraft((now) => ({ ...now, ...next }));
  const folders = useQuery({
    queryKey: ['folders'],
    queryFn: ({ signal }) => grafanaAlertingApi.folders(signal),
  });
  const ruler = useQuery({
    queryKey: ['alerting', 'ruler'],
    queryFn: ({ signal }) => grafanaAlertingApi.rulerRules(signal),
  });
  const folder = folders.data?.find(({ uid }) => uid === draft.folderUid);
  const groups = folder === undefined ? [] : (ruler.data?.[folder.title] ?? []);
  const all = draftProblems(draft);
  const isDirty = JSON.stringify(draft) !== JSON.stringify(initial);
  const problems = isAsked ? all : [];
  const save = useMutation({
    mutationFn: () => saveRule(draft, old),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['alerting'] });
      toast(m.saved);
      await navigate({ to: listPage, ignoreBlocker: true } as never);
    },
  });
  const submit = (event: FormEvent): void => {
    // What dialogs within it submit comes here too.
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    setIsAsked(true);
    if (all.length === 0) save.mutate();
  };
  const isLocked = (old?.rule.grafana_alert.provenance ?? '') !== '';
  const [one, two, three, four, five] = [
    m.sections.name,
    m.sections.query,
    m.sections.evaluation,
    m.sections.notification,
    m.sections.annotations,
  ].map((text, at) => `${at + 1}. ${text}`);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={title}>
      <h1 className="visually-hidden">{title}</h1>
      <UnsavedGuard isDirty={isDirty} />
      <form className={look.form} onSubmit={submit} onKeyDown={keepOnEnter} noValidate>
        {isLocked && <p className={page.notice}>{m.locked}</p>}
        <Card title={one}>
          <div className={css.cardBody}>
            <Field
              label={m.name}
              {...(problems.includes('title') ? { error: m.problems.title } : {})}
            >
              {(control) => (
                <TextInput
                  {...control}
                  value={draft.title}
                  onChange={(next) => change({ title: next })}
                />
              )}
            </Field>
          </div>
        </Card>
        <Card title={two}>
          <div className={css.cardBody}>
            <QuerySection draft={draft} sources={sources} onChange={change} />
          </div>
        </Card>
        <Card title={three}>
          <div className={css.cardBody}>
            <EvaluationSection
              draft={draft}
              folders={folders.data ?? []}
              groups={groups}
              problems={problems}
              onChange={change}
            />
            <BacktestSection draft={draft} folderTitle={folder?.title ?? ''} />
          </div>
        </Card>
        <Card title={four}>
          <div className={css.cardBody}>
            <NotificationSection
              draft={draft}
              folderTitle={folder?.title ?? ''}
              problems={problems}
              onChange={change}
            />
          </div>
        </Card>
        <Card title={five}>
          <div className={css.cardBody}>
            <AnnotationSection draft={draft} onChange={change} />
          </div>
        </Card>
        {save.isError && <ErrorState error={save.error} />}
        <div className={look.bar}>
          <Button type="submit" look="primary" disabled={save.isPending || isLocked}>
            {m.save}
          </Button>
          <LinkButton to={listPage}>{m.cancel}</LinkButton>
          {problems.length > 0 && (
            <span className={css.error} role="alert">
              {m.fix}: {problems.map((problem) => m.problems[problem]).join(' ')}
            </span>
          )}
        </div>
      </form>
    </section>
  );
}

/** Enter in a field of a long form is no wish to leave it. */
function keepOnEnter(event: KeyboardEvent): void {
  const { target, currentTarget } = event;
  const isOwnField = target instanceof HTMLInputElement && currentTarget.contains(target);
  if (event.key === 'Enter' && isOwnField) event.preventDefault();
}

/** Puts the rule into its group as the group is now; one that moved leaves the old group. */
async function saveRule(draft: RuleDraft, old: Found | undefined): Promise<void> {
  const rule = ruleOfDraft(draft, old?.rule);
  const target = await grafanaAlertingApi.rulerGroup(draft.folderUid, draft.group);
  await grafanaAlertingApi.setRulerGroup(draft.folderUid, groupWith(target, draft, rule));
}
