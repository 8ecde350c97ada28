import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { diffDashboards } from '../../../../../src/dashboards/model/index.ts';
import { ApiError } from '../../../api/client.ts';
import { dashboardStoreApi, type KeptDashboard } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { ErrorState, Status } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import { ChangeGroups } from './change-groups.tsx';
import { groupChanges } from './changes.ts';
import css from './settings.module.css';
import { settingsWords } from './words.ts';

/** What a changed document would change, and the message that goes with it into the history. */
export function ReviewDialog({
  kept,
  text,
  onClose,
}: {
  readonly kept: KeptDashboard;
  readonly text: string;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(settingsWords);
  const f = useFormat();
  const client = useQueryClient();
  const [message, setMessage] = useState('');
  const { document, groups, count } = useMemo(() => {
    const next = JSON.parse(text) as KeptDashboard['dashboard'];
    const changes = diffDashboards(kept.dashboard, next);
    return {
      document: next,
      count: changes.length,
      groups: groupChanges(changes, next, kept.dashboard),
    };
  }, [text, kept.dashboard]);
  const save = useMutation({
    mutationFn: (overwrite: boolean) =>
      dashboardStoreApi.save({
        dashboard: document,
        folderUid: kept.meta.folderUid,
        message,
        overwrite,
      }),
    onSuccess: async ({ version }) => {
      toast(m.saved(String(version)));
      await Promise.all(
        ['dashboards', 'dashboard'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
      onClose();
    },
  });
  const isStale = save.error instanceof ApiError && save.error.status === 412;
  return (
    <FormDialog
      open
      wide
      onClose={onClose}
      title={m.reviewTitle}
      action={m.save}
      busy={save.isPending}
      disabled={isStale}
      onSubmit={() => save.mutate(false)}
    >
      <div className={css.comparison}>
        <p className={css.note}>{count === 0 ? m.noChanges : m.changes(f.number(count))}</p>
        <ChangeGroups groups={groups} />
      </div>
      <Field label={m.messageLabel}>
        {(control) => <TextInput {...control} value={message} onChange={setMessage} />}
      </Field>
      {isStale ? (
        <div className={css.tools}>
          <Status kind="warning">{m.changedMeanwhile}</Status>
          <Button onClick={() => void client.invalidateQueries({ queryKey: ['dashboards'] })}>
            {m.reload}
          </Button>
          <Button look="danger" onClick={() => save.mutate(true)}>
            {m.saveOver}
          </Button>
        </div>
      ) : (
        save.isError && <ErrorState error={save.error} />
      )}
    </FormDialog>
  );
}
