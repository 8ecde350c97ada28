import { type ReactNode, useMemo } from 'react';
import type { WireHit } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Field } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { type FolderNode, folderTree } from './hits.ts';
import { listWords } from './words.ts';

/** A choice of one folder, or none. */
export function FolderSelect({
  all,
  value,
  onChange,
  without,
}: {
  readonly all: readonly WireHit[];
  readonly value: string;
  readonly onChange: (uid: string) => void;
  /** A folder that, with those in it, is no choice. */
  readonly without?: string;
}): ReactNode {
  const m = useMessages(listWords);
  const options = useMemo(() => {
    const found = [{ value: '', label: m.noParent }];
    const add = (nodes: readonly FolderNode[], path: string): void => {
      for (const { uid, title, folders } of nodes) {
        if (uid === without) continue;
        const label = path === '' ? title : `${path} / ${title}`;
        found.push({ value: uid, label });
        add(folders, label);
      }
    };
    add(folderTree(all), '');
    return found;
  }, [all, without, m]);
  return (
    <Field label={m.folder}>
      {(control) => (
        <Select
          id={control.id}
          label={m.folder}
          value={value}
          options={options}
          onChange={onChange}
        />
      )}
    </Field>
  );
}
