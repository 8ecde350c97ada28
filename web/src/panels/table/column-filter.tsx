import { Filter } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import {
  cellText,
  type TableColumn,
} from '../../../../src/dashboards/fields/models/table-model.ts';
import { common } from '../../i18n/common.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Popover } from '../../ui/popover.tsx';
import { panelWords } from '../words.ts';
import css from './table.module.css';

/** More than these are found by typing. */
const maxChoices = 200;

/** Which values of a column are kept. */
export function ColumnFilter({
  column,
  rowCount,
  kept,
  onChange,
}: {
  readonly column: TableColumn;
  readonly rowCount: number;
  readonly kept: ReadonlySet<string> | undefined;
  readonly onChange: (kept: ReadonlySet<string> | undefined) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const words = useMessages(common);
  const f = useFormat();
  const [isOpen, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const choices = useMemo(() => {
    if (!isOpen) return [];
    const texts = new Set<string>();
    for (let row = 0; row < rowCount; row++) texts.add(cellText(column.field, row));
    return [...texts].sort(new Intl.Collator(undefined, { numeric: true }).compare);
  }, [isOpen, column, rowCount]);
  const found = choices.filter((text) => text.toLowerCase().includes(search.toLowerCase()));
  const toggle = (text: string): void => {
    const next = new Set(kept);
    if (!next.delete(text)) next.add(text);
    onChange(next.size === 0 ? undefined : next);
  };
  return (
    <Popover
      title={m.filterColumn(column.name)}
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className={classNames(css.filterButton, kept !== undefined && css.filtering)}
          aria-label={m.filterColumn(column.name)}
        >
          <Filter size={12} strokeWidth={1.75} aria-hidden />
        </button>
      }
    >
      <div className={css.filter}>
        <input
          className={css.filterSearch}
          value={search}
          placeholder={words.search}
          aria-label={words.search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <fieldset className={css.filterChoices}>
          <legend className="visually-hidden">{m.filterValues}</legend>
          {found.slice(0, maxChoices).map((text) => (
            <label key={text} className={css.filterChoice}>
              <input
                type="checkbox"
                checked={kept?.has(text) === true}
                onChange={() => toggle(text)}
              />
              <span>{text === '' ? '—' : text}</span>
            </label>
          ))}
          {found.length > maxChoices && (
            <div className={css.filterMore}>
              {m.moreValues(f.number(found.length - maxChoices))}
            </div>
          )}
        </fieldset>
        <Button disabled={kept === undefined} onClick={() => onChange(undefined)}>
          {m.clearFilter}
        </Button>
      </div>
    </Popover>
  );
}
