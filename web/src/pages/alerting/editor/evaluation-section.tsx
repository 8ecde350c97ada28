import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import {
  type ExecErrState,
  grafanaAlertingApi,
  type NoDataState,
  type WireFolder,
  type WireRulerGroup,
} from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import { durationMs } from '../rules/rule-model.ts';
import look from './editor.module.css';
import type { DraftProblem, RuleDraft } from './rule-draft.ts';
import { editorWords } from './words.ts';

const baseMs = 10_000;

/** When a rule is evaluated, and how long it must hold. */
export function EvaluationSection({
  draft,
  folders,
  groups,
  problems,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly folders: readonly WireFolder[];
  /** Of the chosen folder. */
  readonly groups: readonly WireRulerGroup[];
  readonly problems: readonly DraftProblem[];
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const [asking, setAsking] = useState<'folder' | 'group'>();
  const [isOpen, setIsOpen] = useState(false);
  const errorOf = (...names: readonly DraftProblem[]): { readonly error?: string } => {
    const found = problems.find((one) => names.includes(one));
    return found === undefined ? {} : { error: m.problems[found] };
  };
  const folderOptions = folders.map(({ uid, title }) => ({ value: uid, label: title }));
  const names = [...new Set([...groups.map(({ name }) => name), draft.group])].filter(Boolean);
  const intervalMs = durationMs(draft.interval) ?? 60_000;
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <div className={look.place}>
        <Field label={m.folder} {...errorOf('folder')}>
          {({ id }) => (
            <div className={css.pick}>
              <Select
                id={id}
                label={m.folder}
                value={draft.folderUid}
                options={
                  draft.folderUid === ''
                    ? [{ value: '', label: m.chooseFolder }, ...folderOptions]
                    : folderOptions
                }
                onChange={(folderUid) => onChange({ folderUid, group: '' })}
              />
            </div>
          )}
        </Field>
        <Button icon={Plus} onClick={() => setAsking('folder')}>
          {m.newFolder}
        </Button>
      </div>
      <div className={look.place}>
        <Field label={m.group} {...errorOf('group')}>
          {({ id }) => (
            <div className={css.pick}>
              <Select
                id={id}
                label={m.group}
                value={draft.group}
                options={[
                  ...(draft.group === '' ? [{ value: '', label: m.chooseGroup }] : []),
                  ...names.map((name) => ({ value: name, label: name })),
                ]}
                onChange={(group) => {
                  const known = groups.find(({ name }) => name === group);
                  onChange({ group, ...(known === undefined ? {} : { interval: known.interval }) });
                }}
              />
            </div>
          )}
        </Field>
        <Button icon={Plus} disabled={draft.folderUid === ''} onClick={() => setAsking('group')}>
          {m.newGroup}
        </Button>
      </div>
      {draft.group !== '' && <p className={css.quiet}>{m.everyInterval(draft.interval)}</p>}
      <div className={look.place}>
        <div className={look.narrow}>
          <Field
            label={m.pending}
            help={m.pendingHelp}
            {...errorOf('pendingFormat', 'pendingShort')}
          >
            {(control) => (
              <TextInput
                {...control}
                mono
                value={draft.pending}
                onChange={(pending) => onChange({ pending })}
              />
            )}
          </Field>
        </div>
        <Button onClick={() => onChange({ pending: '0s' })}>{m.noneQuick}</Button>
        {[1, 2, 3, 5].map((times) => {
          const text = shortDuration(intervalMs * times);
          return (
            <Button key={times} onClick={() => onChange({ pending: text })}>
              {text}
            </Button>
          );
        })}
      </div>
      <div className={look.narrow}>
        <Field label={m.keepFiring} help={m.keepFiringHelp}>
          {(control) => (
            <TextInput
              {...control}
              mono
              value={draft.keepFiring}
              onChange={(keepFiring) => onChange({ keepFiring })}
            />
          )}
        </Field>
      </div>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={draft.isPaused}
          onChange={(event) => onChange({ isPaused: event.target.checked })}
        />
        {m.pause}
      </label>
      <div>
        <Button look="quiet" icon={Arrow} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {m.noDataAndErrors}
        </Button>
      </div>
      {isOpen && <NoDataAndErrors draft={draft} onChange={onChange} />}
      {asking === 'folder' && (
        <NewFolder
          onClose={() => setAsking(undefined)}
          onMade={(folderUid) => {
            onChange({ folderUid, group: '' });
            setAsking(undefined);
          }}
        />
      )}
      {asking === 'group' && (
        <NewGroup
          onClose={() => setAsking(undefined)}
          onMade={(group, interval) => {
            onChange({ group, interval });
            setAsking(undefined);
          }}
        />
      )}
    </>
  );
}

function shortDuration(ms: number): string {
  const seconds = ms / 1000;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

const noDataStates: readonly NoDataState[] = ['NoData', 'Alerting', 'OK', 'KeepLast'];
const errorStates: readonly ExecErrState[] = ['Error', 'Alerting', 'OK', 'KeepLast'];

function NoDataAndErrors({
  draft,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  return (
    <div className={look.controls}>
      <Field label={m.noData}>
        {({ id }) => (
          <div className={css.pick}>
            <Select
              id={id}
              label={m.noData}
              value={draft.noDataState}
              options={noDataStates.map((value) => ({ value, label: m.noDataStates[value] }))}
              onChange={(noDataState) => onChange({ noDataState })}
            />
          </div>
        )}
      </Field>
      <Field label={m.error}>
        {({ id }) => (
          <div className={css.pick}>
            <Select
              id={id}
              label={m.error}
              value={draft.execErrState}
              options={errorStates.map((value) => ({ value, label: m.errorStates[value] }))}
              onChange={(execErrState) => onChange({ execErrState })}
            />
          </div>
        )}
      </Field>
    </div>
  );
}

function NewFolder({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (uid: string) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const client = useQueryClient();
  const [title, setTitle] = useState('');
  const make = useMutation({
    mutationFn: () => grafanaAlertingApi.addFolder(title.trim()),
    onSuccess: async ({ uid }) => {
      await client.invalidateQueries({ queryKey: ['folders'] });
      onMade(uid);
    },
  });
  return (
    <FormDialog
      open
      title={m.newFolder}
      action={m.create}
      busy={make.isPending}
      disabled={title.trim() === ''}
      onClose={onClose}
      onSubmit={() => make.mutate()}
    >
      <Field label={m.folderName} {...(make.isError ? { error: make.error.message } : {})}>
        {(control) => <TextInput {...control} value={title} onChange={setTitle} />}
      </Field>
    </FormDialog>
  );
}

function NewGroup({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (name: string, interval: string) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const [name, setName] = useState('');
  const [interval, setEvery] = useState('1m');
  const ms = durationMs(interval);
  const isGood = ms !== undefined && ms > 0 && ms % baseMs === 0;
  return (
    <FormDialog
      open
      title={m.newGroup}
      action={m.create}
      disabled={name.trim() === '' || !isGood}
      onClose={onClose}
      onSubmit={() => onMade(name.trim(), interval.trim())}
    >
      <Field label={m.groupName}>
        {(control) => <TextInput {...control} value={name} onChange={setName} />}
      </Field>
      <Field
        label={m.interval}
        help={m.intervalHelp}
        {...(isGood ? {} : { error: m.problems.interval })}
      >
        {(control) => <TextInput {...control} mono value={interval} onChange={setEvery} />}
      </Field>
    </FormDialog>
  );
}
