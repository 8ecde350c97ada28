import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { logsApi, type WireGroup } from '../../api/logs.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { ConfirmByName, FormDialog } from '../../ui/dialog.tsx';
import { Field, TextInput } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import css from './groups.module.css';
import { retentionChoices, retentionDays } from './retention.ts';
import { groupWords } from './words.ts';

/** All that shows groups asks again. */
function useRefreshGroups(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ['groups', 'group', 'overview', 'palette']) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

export function CreateGroupDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const m = useMessages(groupWords);
  const c = useMessages(common);
  const f = useFormat();
  const navigate = useNavigate();
  const refresh = useRefreshGroups();
  const [name, setName] = useState('');
  const [retention, setRetention] = useState('forever');
  const create = useMutation({
    mutationFn: () => {
      const days = retentionDays(retention);
      return logsApi.createGroup({ name, ...(days === null ? {} : { retentionDays: days }) });
    },
    onSuccess: (group) => {
      refresh();
      onClose();
      toast(m.created1(group.name));
      void navigate({ to: '/logs/group', search: { group: group.name } } as never);
    },
  });
  const isValid = /^[\w./#-]{1,512}$/.test(name);
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.createTitle}
      action={c.create}
      disabled={!isValid}
      busy={create.isPending}
      onSubmit={() => create.mutate()}
    >
      <Field
        label={m.name}
        help={m.nameHelp}
        error={name !== '' && !isValid ? m.nameHelp : undefined}
      >
        {(control) => (
          <TextInput {...control} mono value={name} onChange={setName} placeholder="/team/app" />
        )}
      </Field>
      <RetentionField value={retention} current={null} onChange={setRetention} number={f.number} />
      {create.isError && <ErrorState error={create.error} />}
    </FormDialog>
  );
}

function RetentionField({
  value,
  current,
  onChange,
  number,
}: {
  readonly value: string;
  readonly current: number | null;
  readonly onChange: (value: string) => void;
  readonly number: (value: number) => string;
}): ReactNode {
  const m = useMessages(groupWords);
  return (
    <Field label={m.retentionLabel}>
      {(control) => (
        <Select
          id={control.id}
          label={m.retentionLabel}
          value={value}
          options={retentionChoices(current, m, (days) => number(days))}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

export function RetentionDialog({
  group,
  onClose,
}: {
  readonly group: WireGroup;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(groupWords);
  const c = useMessages(common);
  const f = useFormat();
  const refresh = useRefreshGroups();
  const [value, setValue] = useState(
    group.retentionDays === null ? 'forever' : String(group.retentionDays),
  );
  const days = retentionDays(value);
  const isShorter = days !== null && (group.retentionDays === null || days < group.retentionDays);
  const save = useMutation({
    mutationFn: () => logsApi.updateGroup(group.name, { retentionDays: days }),
    onSuccess: () => {
      refresh();
      onClose();
      toast(m.retentionSaved);
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.editRetention}
      action={c.save}
      busy={save.isPending}
      onSubmit={() => save.mutate()}
    >
      <p>{m.retentionText}</p>
      <RetentionField
        value={value}
        current={group.retentionDays}
        onChange={setValue}
        number={f.number}
      />
      {isShorter && (
        <p className={css.warn}>
          {m.shorterWarning(days === 1 ? m.oneDay : m.days(f.number(days)))}
        </p>
      )}
      {save.isError && <ErrorState error={save.error} />}
    </FormDialog>
  );
}

export function DeleteGroupDialog({
  group,
  onClose,
}: {
  readonly group: WireGroup;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(groupWords);
  const f = useFormat();
  const navigate = useNavigate();
  const refresh = useRefreshGroups();
  const remove = useMutation({
    mutationFn: () => logsApi.deleteGroup(group.name),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/logs/groups' } as never);
      refresh();
      toast(m.deleted(group.name));
    },
  });
  return (
    <ConfirmByName
      open
      onClose={onClose}
      title={m.deleteTitle}
      action={m.delete}
      name={group.name}
      busy={remove.isPending}
      onSubmit={() => remove.mutate()}
    >
      <p>{m.deleteText(f.number(group.events), f.number(group.streams))}</p>
      {remove.isError && <ErrorState error={remove.error} />}
    </ConfirmByName>
  );
}
