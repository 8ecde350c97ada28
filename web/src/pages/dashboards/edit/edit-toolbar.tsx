import {
  Check,
  ClipboardPaste,
  Library,
  ListPlus,
  PanelTop,
  Plus,
  Redo2,
  Save,
  Settings,
  Trash2,
  Undo2,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { copiedPanel } from '../../../dashboards/editing/clipboard.ts';
import { addPanel, addRow, pastePanel } from '../../../dashboards/editing/panels.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import css from './edit.module.css';
import { PickLibraryPanel } from './library/pick-dialog.tsx';
import { editLibraryWords } from './library/words.ts';
import type { Editing } from './use-editing.ts';
import { editWords } from './words.ts';

export interface EditToolbarProps {
  readonly editing: Editing;
  readonly isNew: boolean;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
  readonly onSettings: () => void;
  /** A panel was made: it is edited next. */
  readonly onAdded: (panelId: number) => void;
}

/** What can be done with a dashboard that is being edited. */
export function EditToolbar(props: EditToolbarProps): ReactNode {
  const { editing, isNew, onAdded } = props;
  const m = useMessages(editWords);
  const add = (): void => {
    const { dashboard, panel } = addPanel(editing.dashboard, {
      type: 'timeseries',
      title: m.newPanel,
    });
    editing.change(() => dashboard);
    onAdded(panel.id);
  };
  const l = useMessages(editLibraryWords);
  const [isPicking, setIsPicking] = useState(false);
  // Read as often as the bar is drawn: another tab may have copied one.
  const copied = copiedPanel();
  const paste = (): void => {
    const latest = copiedPanel();
    if (latest !== undefined) editing.change((before) => pastePanel(before, latest).dashboard);
  };
  return (
    <>
      {editing.isDirty && <span className={css.note}>{m.unsavedNote}</span>}
      <Menu align="end" trigger={<Button icon={Plus}>{m.add}</Button>}>
        <MenuItem icon={PanelTop} onSelect={add}>
          {m.addPanel}
        </MenuItem>
        <MenuItem icon={Library} onSelect={() => setIsPicking(true)}>
          {l.fromLibrary}
        </MenuItem>
        <MenuItem icon={ClipboardPaste} disabled={copied === undefined} onSelect={paste}>
          {m.paste}
        </MenuItem>
        <MenuItem
          icon={ListPlus}
          onSelect={() => editing.change((before) => addRow(before, m.row))}
        >
          {m.addRow}
        </MenuItem>
      </Menu>
      {isPicking && (
        <PickLibraryPanel
          onPick={(panel) => editing.change((before) => pastePanel(before, panel).dashboard)}
          onClose={() => setIsPicking(false)}
        />
      )}
      <IconButton
        icon={Undo2}
        label={m.undo}
        shortcut="mod+z"
        disabled={!editing.canUndo}
        onClick={editing.undo}
      />
      <IconButton
        icon={Redo2}
        label={m.redo}
        shortcut="mod+shift+z"
        disabled={!editing.canRedo}
        onClick={editing.redo}
      />
      <IconButton icon={Settings} label={m.settings} onClick={props.onSettings} />
      <IconButton
        icon={Trash2}
        label={m.discard}
        disabled={!editing.isDirty}
        onClick={props.onDiscard}
      />
      {!isNew && (
        <Button icon={Check} onClick={editing.leave}>
          {m.leaveEdit}
        </Button>
      )}
      <Button icon={Save} look="primary" onClick={props.onSave}>
        {m.save}
      </Button>
    </>
  );
}
