import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { logsApi, type WireSavedQuery } from '../../api/logs.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Field, TextInput } from '../../ui/field.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { insightsWords } from './words.ts';

export interface SaveDialogProps {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  /** What is being edited: the same name saves over it, another name makes a new one. */
  readonly saved: WireSavedQuery | undefined;
  readonly onSaved: (saved: WireSavedQuery) => void;
  readonly onClose: () => void;
}

export function SaveDialog(props: SaveDialogProps): ReactNode {
  const { text, language, groups, saved, onSaved, onClose } = props;
  const m = useMessages(insightsWords);
  const c = useMessages(common);
  const client = useQueryClient();
  const [name, setName] = useState(saved?.name ?? '');
  const isSame = saved !== undefined && name.trim() === saved.name;
  const save = useMutation({
    mutationFn: () =>
      logsApi.saveQuery({
        name: name.trim(),
        text,
        language,
        groups,
        ...(isSame ? { id: saved.id, version: saved.version } : {}),
      }),
    onSuccess: (stored) => {
      void client.invalidateQueries({ queryKey: ['saved-queries'] });
      toast(m.savedAs(stored.name));
      onSaved(stored);
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.saveTitle}
      action={saved !== undefined && !isSame ? m.saveAs : c.save}
      disabled={name.trim() === ''}
      busy={save.isPending}
      onSubmit={() => save.mutate()}
    >
      <Field label={m.saveName} help={m.saveNameHelp}>
        {(control) => <TextInput {...control} autoFocus value={name} onChange={setName} />}
      </Field>
      {save.isError && <ErrorState error={save.error} />}
    </FormDialog>
  );
}
