import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Panel } from '../../../../../../src/dashboards/model/contract.ts';
import { libraryApi } from '../../../../api/library.ts';
import { sharedModel } from '../../../../dashboards/editing/library.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { FormDialog } from '../../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../../ui/field.tsx';
import { ErrorState } from '../../../../ui/states.tsx';
import { toast } from '../../../../ui/toast.tsx';
import { FolderSelect } from '../../list/folder-select.tsx';
import { useAllDashboards } from '../../list/use-list.ts';
import { editLibraryWords } from './words.ts';

const noHits = [] as const;

/** Puts a panel into the library; the dashboard refers to it from then on. */
export function MakeLibraryPanel({
  panel,
  onMade,
  onClose,
}: {
  readonly panel: Panel;
  readonly onMade: (reference: NonNullable<Panel['libraryPanel']>) => void;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(editLibraryWords);
  const client = useQueryClient();
  const [name, setName] = useState(panel.title ?? '');
  const [folderUid, setFolderUid] = useState('');
  const hits = useAllDashboards().data ?? noHits;
  const make = useMutation({
    mutationFn: () =>
      libraryApi.create({
        name: name.trim(),
        folderUid,
        model: { ...sharedModel(panel), title: panel.title ?? '' },
      }),
    onSuccess: async (element) => {
      onMade({ uid: element.uid, name: element.name });
      onClose();
      toast(m.made(element.name), m.madeText);
      await client.invalidateQueries({ queryKey: ['library'] });
    },
  });
  return (
    <FormDialog
      open
      title={m.makeTitle}
      action={m.makeTitle}
      busy={make.isPending}
      disabled={name.trim() === ''}
      onClose={onClose}
      onSubmit={() => make.mutate()}
    >
      <p>{m.makeText}</p>
      <Field label={m.name}>
        {(control) => <TextInput {...control} value={name} onChange={setName} />}
      </Field>
      <FolderSelect all={hits} value={folderUid} onChange={setFolderUid} />
      {make.isError && <ErrorState error={make.error} />}
    </FormDialog>
  );
}
