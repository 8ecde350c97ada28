import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { Dashboard } from '../../../../../src/dashboards/model/contract.ts';
import { diffDashboards } from '../../../../../src/dashboards/model/diff.ts';
import type { VariableStates } from '../../../../../src/dashboards/variables/index.ts';
import { ApiError } from '../../../api/client.ts';
import { dashboardStoreApi } from '../../../api/dashboard-store.ts';
import type { DashboardAnswer } from '../../../api/dashboards.ts';
import {
  copyOf,
  storedDashboard,
  withCurrentValues,
} from '../../../dashboards/editing/document.ts';
import { changedElements } from '../../../dashboards/editing/library.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { ErrorState, Status } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import { FolderSelect } from '../list/folder-select.tsx';
import { useAllDashboards } from '../list/use-list.ts';
import { groupChanges } from '../settings/changes.ts';
import css from './edit.module.css';
import { SharedChanges, saveElements } from './library/shared-changes.tsx';
import { Check } from './settings/form-parts.tsx';
import { editWords } from './words.ts';

export interface SaveDialogProps {
  readonly answer: DashboardAnswer;
  readonly dashboard: Dashboard;
  readonly states: VariableStates;
  readonly isNew: boolean;
  /** It is saved: the changes are none any more. */
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

const noHits = [] as const;

/** What changes, why, and where to; says so when somebody else was first. */
export function SaveDialog({
  answer,
  dashboard: edited,
  states,
  isNew,
  onSaved,
  onClose,
}: SaveDialogProps): ReactNode {
  const [keepsValues, setKeepsValues] = useState(false);
  const [keepsTime, setKeepsTime] = useState(false);
  const { range } = useSharedRange();
  const valued = useMemo(() => withCurrentValues(edited, states), [edited, states]);
  const { from, to } = edited.time;
  const dashboard = useMemo(() => {
    const base = keepsValues ? valued : edited;
    return keepsTime ? { ...base, time: { ...base.time, from: range.from, to: range.to } } : base;
  }, [edited, valued, keepsValues, keepsTime, range.from, range.to]);
  const m = useMessages(editWords);
  const c = useMessages(common);
  const f = useFormat();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { meta } = answer;
  const isLocked = !isNew && meta.canSave !== true;
  const [isCopy, setIsCopy] = useState(isLocked);
  const isOther = isNew || isCopy;
  const [title, setTitle] = useState(dashboard.title);
  const [folderUid, setFolderUid] = useState(meta.folderUid ?? '');
  const [message, setMessage] = useState('');
  const hits = useAllDashboards().data ?? noHits;
  const stored = useMemo(() => storedDashboard(dashboard), [dashboard]);
  const groups = useMemo(() => {
    const before = storedDashboard(answer.dashboard);
    return isNew ? [] : groupChanges(diffDashboards(before, stored), stored, before);
  }, [answer.dashboard, stored, isNew]);
  const elements = useMemo(
    () => changedElements(answer.dashboard, dashboard),
    [answer.dashboard, dashboard],
  );
  const save = useMutation({
    mutationFn: async (overwrite: boolean) => {
      await saveElements(elements);
      return await dashboardStoreApi.save({
        dashboard: isOther ? copyOf(stored, title.trim()) : stored,
        folderUid: isOther ? folderUid : (meta.folderUid ?? ''),
        message,
        overwrite,
      });
    },
    onSuccess: async ({ url, version }) => {
      await Promise.all(
        ['dashboards', 'dashboard', 'library'].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      );
      onSaved();
      onClose();
      toast(m.savedAs(String(version)));
      // The guard has to see that nothing is unsaved any more.
      if (isOther) setTimeout(() => void navigate({ to: url, search: {} } as never));
    },
  });
  const code = save.error instanceof ApiError ? save.error.code : '';
  return (
    <Dialog open wide onClose={onClose} title={isOther ? m.saveNew : m.saveTitle}>
      <form
        className={css.dialogBody}
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending && title.trim() !== '') save.mutate(false);
        }}
      >
        {!isNew && !isLocked && (
          <Segmented
            label={m.saveTitle}
            value={isCopy ? 'copy' : 'same'}
            options={[
              { value: 'same', label: m.saveSame },
              { value: 'copy', label: m.saveCopy },
            ]}
            onChange={(next) => {
              setIsCopy(next === 'copy');
              setTitle(next === 'copy' ? m.copyTitle(dashboard.title) : dashboard.title);
              save.reset();
            }}
          />
        )}
        {isLocked && <Status kind="info">{m.onlyCopy}</Status>}
        {isOther && (
          <>
            <Field label={m.title}>
              {(control) => <TextInput {...control} value={title} onChange={setTitle} />}
            </Field>
            <FolderSelect all={hits} value={folderUid} onChange={setFolderUid} />
          </>
        )}
        {!isOther && (
          <div className={css.changes}>
            {groups.length === 0 && <p>{m.nothingChanged}</p>}
            {groups.map(({ panel, changes }) => (
              <details key={panel?.id ?? 'rest'}>
                <summary>
                  {panel === undefined ? m.ofDashboard : m.ofPanel(panel.title || `#${panel.id}`)}
                  <span>{m.changes(f.number(changes.length))}</span>
                </summary>
                <ul>
                  {changes.map(({ kind, path }) => (
                    <li key={path}>
                      <span>{m.kinds[kind]}</span> <code>{path}</code>
                    </li>
                  ))}
                </ul>
              </details>
            ))}
          </div>
        )}
        {valued !== edited && (
          <Check label={m.keepValues} checked={keepsValues} onChange={setKeepsValues} />
        )}
        {(range.from !== from || range.to !== to) && (
          <Check
            label={m.keepTime(range.from, range.to)}
            checked={keepsTime}
            onChange={setKeepsTime}
          />
        )}
        <SharedChanges elements={elements} />
        <Field label={m.message}>
          {(control) => <TextInput {...control} value={message} onChange={setMessage} />}
        </Field>
        {code === 'version-mismatch' ? (
          <div className={css.conflict} role="alert">
            <Status kind="warning">{m.conflict}</Status>
            <p>{m.conflictText}</p>
            <div className={css.actions}>
              <Button
                onClick={() => {
                  setIsCopy(true);
                  setTitle(m.copyTitle(dashboard.title));
                  save.reset();
                }}
              >
                {m.saveCopy}
              </Button>
              <Button
                onClick={() => {
                  onSaved();
                  onClose();
                  void client.invalidateQueries({ queryKey: ['dashboard'] });
                }}
              >
                {m.takeTheirs}
              </Button>
              <Button look="danger" onClick={() => save.mutate(true)}>
                {m.overwrite}
              </Button>
            </div>
          </div>
        ) : (
          save.isError && <ErrorState error={save.error} title={m.notSaved} />
        )}
        <div className={css.actions}>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button
            type="submit"
            look="primary"
            disabled={save.isPending || title.trim() === '' || code === 'version-mismatch'}
          >
            {c.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
