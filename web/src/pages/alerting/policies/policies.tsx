import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Info } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { alertingApi } from '../../../api/alertmanager.ts';
import { grafanaAlertingApi, type WirePolicy } from '../../../api/grafana-alerting.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { ExportLink } from '../export-link.tsx';
import { parseSearch } from '../matcher.ts';
import { MuteTimings } from '../mute-timings/mute-timings.tsx';
import { useContactPoints } from '../use-contact-points.ts';
import { useRouting } from '../use-routing.ts';
import { alertingWords } from '../words.ts';
import look from './policies.module.css';
import { PolicyDialog } from './policy-dialog.tsx';
import { emptyPolicy, policyFormOf, policyOf } from './policy-form.ts';
import { PolicyItem } from './policy-node.tsx';
import { changedTree, type PolicyNode, pairTrees } from './policy-tree.ts';
import { policiesWords } from './words.ts';

/** Where alerts go, and when they do not. */
export function Policies(): ReactNode {
  const m = useMessages(policiesWords);
  const words = useMessages(alertingWords);
  const setView = useSetView();
  usePageTitle({ label: words.alerting }, { label: words.policies });
  const tab = useTextParam('tab') === 'mute-timings' ? 'mute-timings' : 'policies';
  return (
    <div className={css.page}>
      <div className={css.main}>
        <h1 className="visually-hidden">{words.policies}</h1>
        <div className={css.tabs}>
          <Tabs
            value={tab}
            onChange={(next) => setView({ tab: next === 'policies' ? '' : next })}
            tabs={[
              { value: 'policies', label: m.tabs.policies, content: <Tree /> },
              { value: 'mute-timings', label: m.tabs.muteTimings, content: <MuteTimings /> },
            ]}
          />
        </div>
      </div>
    </div>
  );
}

interface Editing {
  readonly kind: 'default' | 'nested' | 'new' | 'delete';
  readonly node: PolicyNode;
}

function Tree(): ReactNode {
  const m = useMessages(policiesWords);
  const words = useMessages(alertingWords);
  const setView = useSetView();
  const client = useQueryClient();
  const routing = useRouting();
  const isOurs = routing.data?.owner === 'api';
  const policies = useQuery({
    queryKey: ['alerting', 'policies'],
    queryFn: ({ signal }) => grafanaAlertingApi.policies(signal),
    enabled: isOurs,
  });
  const points = useContactPoints(isOurs);
  const [editing, setEditing] = useState<Editing>();
  const save = useMutation({
    mutationFn: (tree: WirePolicy) => grafanaAlertingApi.setPolicies(tree),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['alerting'] });
      setEditing(undefined);
      toast(m.updated);
    },
  });
  const text = useTextParam('labels');
  const asked = useMemo(
    () => Object.fromEntries(parseSearch(text).matchers.map(({ name, value }) => [name, value])),
    [text],
  );
  const explanation = useQuery({
    queryKey: ['alerting', 'explain', asked],
    queryFn: ({ signal }) => alertingApi.explain(asked, signal),
    enabled: Object.keys(asked).length > 0,
  });
  const paths = text === '' ? [] : (explanation.data?.routes ?? []).map(({ path }) => path);
  const pointed = useTextParam('route');
  const taken = new Set([
    ...paths.map((path) => path.at(-1) ?? -1),
    ...(pointed === '' ? [] : [Number(pointed)]),
  ]);
  if (routing.isError) return <ErrorState error={routing.error} />;
  if (routing.data === undefined) return <SkeletonLines count={8} />;
  const tree = policies.data;
  const isLocked = tree === undefined || (tree.provenance ?? '') !== '';
  const root = pairTrees(routing.data.route, isOurs ? tree : undefined);
  const begin = (kind: Editing['kind'], node: PolicyNode): void => {
    save.reset();
    setEditing({ kind, node });
  };
  const change = (at: readonly number[], edit: (node: WirePolicy) => WirePolicy | undefined) => {
    const next = tree && changedTree(tree, at, edit);
    if (next !== undefined) save.mutate(next);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={css.scroll} tabIndex={0} aria-label={words.policies}>
      <div className={css.stack}>
        {!isOurs && (
          <p className={page.notice}>
            <Info size={16} strokeWidth={1.5} aria-hidden />
            {words.ownedByFile(routing.data.file ?? '')}
          </p>
        )}
        <div className={css.tools}>
          <SearchInput
            className={css.filter}
            label={`${m.which} ${m.whichHelp}`}
            placeholder={m.which}
            mono
            value={text}
            onSearch={(labels) => setView({ labels, route: '' }, { replace: true })}
          />
          <span className={css.quiet}>{m.intro}</span>
          {isOurs && (
            <span className={css.push}>
              <ExportLink kind="policies" />
            </span>
          )}
        </div>
        {policies.isError && <ErrorState error={policies.error} />}
        <ul className={look.tree}>
          <PolicyItem
            node={root}
            taken={taken}
            passed={new Set(paths.flat())}
            actions={
              isOurs && !isLocked
                ? {
                    onEdit: (node) => begin(node.at?.length === 0 ? 'default' : 'nested', node),
                    onAdd: (node) => begin('new', node),
                    onDelete: (node) => begin('delete', node),
                  }
                : undefined
            }
          />
        </ul>
      </div>
      {editing !== undefined && editing.kind !== 'delete' && (
        <PolicyDialog
          kind={editing.kind}
          initial={editing.kind === 'new' ? emptyPolicy : policyFormOf(editing.node.written ?? {})}
          receivers={points.names}
          timings={routing.data.timeIntervals.map(({ name }) => name)}
          isBusy={save.isPending}
          error={save.error?.message}
          onClose={() => setEditing(undefined)}
          onSave={(form) =>
            change(editing.node.at ?? [], (node) =>
              editing.kind === 'new'
                ? { ...node, routes: [...(node.routes ?? []), policyOf(form, {}, false)] }
                : policyOf(form, node, editing.kind === 'default'),
            )
          }
        />
      )}
      {editing?.kind === 'delete' && (
        <FormDialog
          open
          danger
          title={m.delete}
          action={m.delete}
          busy={save.isPending}
          onClose={() => setEditing(undefined)}
          onSubmit={() => change(editing.node.at ?? [], () => undefined)}
        >
          <p>{m.deleteAsk}</p>
        </FormDialog>
      )}
    </section>
  );
}
