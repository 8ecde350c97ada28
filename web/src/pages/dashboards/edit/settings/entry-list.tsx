import { ChevronDown, ChevronRight, CopyPlus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { moved, removed } from '../../../../dashboards/editing/lists.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { IconButton } from '../../../../ui/button.tsx';
import { SortableList } from '../../../../ui/sortable-list.tsx';
import panelCss from '../panel/panel-editor.module.css';
import { editWords } from '../words.ts';
import css from './settings-editor.module.css';
import { settingsWords } from './words.ts';

/** Entries of a list, each folded to its line, moved and removed alike. */
export function EntryList<T>({
  list,
  empty,
  nameOf,
  noteOf,
  mayRemove = () => true,
  onChange,
  onDuplicate,
  children,
}: {
  readonly list: readonly T[];
  readonly empty: string;
  readonly nameOf: (entry: T) => string;
  readonly noteOf?: (entry: T) => ReactNode;
  readonly mayRemove?: (entry: T) => boolean;
  readonly onChange: (list: readonly T[], step?: string) => void;
  readonly onDuplicate?: (index: number) => void;
  readonly children: (entry: T, index: number) => ReactNode;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(settingsWords);
  const [openIndex, setOpenIndex] = useState(list.length === 1 ? 0 : -1);
  if (list.length === 0) return <p className={panelCss.note}>{empty}</p>;
  return (
    <SortableList
      items={list}
      // A name changes while it is typed: an entry is known by its place.
      keyOf={(_, index) => String(index)}
      gripLabel={(entry) => own.move(nameOf(entry))}
      onMove={(from, to) => {
        onChange(moved(list, from, to - from), 'order');
        setOpenIndex(-1);
      }}
    >
      {(entry, index, grip) => {
        const name = nameOf(entry);
        const isOpen = index === openIndex;
        const Icon = isOpen ? ChevronDown : ChevronRight;
        return (
          <section className={css.entry} aria-label={name}>
            <header className={css.entryHead}>
              {list.length > 1 && grip}
              <button
                type="button"
                className={css.entryToggle}
                aria-expanded={isOpen}
                onClick={() => setOpenIndex(isOpen ? -1 : index)}
              >
                <Icon size={16} strokeWidth={1.5} aria-hidden />
                <span className={css.entryName}>{name}</span>
                <span className={panelCss.note}>{noteOf?.(entry)}</span>
              </button>
              {onDuplicate !== undefined && (
                <IconButton
                  icon={CopyPlus}
                  label={`${m.duplicate}: ${name}`}
                  onClick={() => onDuplicate(index)}
                />
              )}
              {mayRemove(entry) && (
                <IconButton
                  icon={Trash2}
                  label={`${m.remove}: ${name}`}
                  onClick={() => {
                    onChange(removed(list, index));
                    setOpenIndex(-1);
                  }}
                />
              )}
            </header>
            {isOpen && <div className={css.entryBody}>{children(entry, index)}</div>}
          </section>
        );
      }}
    </SortableList>
  );
}
