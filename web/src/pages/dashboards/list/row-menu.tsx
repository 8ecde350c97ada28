import { useNavigate } from '@tanstack/react-router';
import { FolderInput, History, MoreHorizontal, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WireHit } from '../../../api/dashboard-store.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/menu.tsx';
import { useMayEdit } from '../../connections/may-edit.ts';
import { DeleteDialog, MoveDialog, RenameFolderDialog } from './dialogs.tsx';
import { listWords } from './words.ts';

/** What can be done with a dashboard or a folder. */
export function RowMenu({
  hit,
  all,
  onDeleted,
}: {
  readonly hit: WireHit;
  readonly all: readonly WireHit[];
  readonly onDeleted?: () => void;
}): ReactNode {
  const m = useMessages(listWords);
  const c = useMessages(common);
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'rename' | 'move' | 'delete'>();
  const isFolder = hit.type === 'dash-folder';
  const close = (): void => setDialog(undefined);
  const isLocked = hit.provisioned === true;
  const mayEdit = useMayEdit();
  if (isFolder && !mayEdit) return null;
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton icon={MoreHorizontal} look="quiet" label={m.actions(hit.title)} />}
      >
        {isFolder ? (
          <MenuItem icon={Pencil} onSelect={() => setDialog('rename')}>
            {m.rename}
          </MenuItem>
        ) : (
          <MenuItem
            icon={History}
            onSelect={() => void navigate({ to: `/dashboard/settings/${hit.uid}` } as never)}
          >
            {m.settings}
          </MenuItem>
        )}
        {mayEdit && (
          <>
            <MenuItem icon={FolderInput} disabled={isLocked} onSelect={() => setDialog('move')}>
              {m.move}
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={Trash2} danger disabled={isLocked} onSelect={() => setDialog('delete')}>
              {c.delete}
            </MenuItem>
          </>
        )}
      </Menu>
      {dialog === 'rename' && <RenameFolderDialog folder={hit} onClose={close} />}
      {dialog === 'move' && <MoveDialog hit={hit} all={all} onClose={close} />}
      {dialog === 'delete' && (
        <DeleteDialog
          hit={hit}
          onClose={close}
          {...(onDeleted === undefined ? {} : { onDeleted })}
        />
      )}
    </>
  );
}
