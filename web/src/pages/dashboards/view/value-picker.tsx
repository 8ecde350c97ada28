import { Check, ChevronDown } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react';
import type { Option } from '../../../../../src/dashboards/variables/index.ts';
import { matchScore } from '../../../frame/palette-match.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Popover } from '../../../ui/popover.tsx';
import css from './variables.module.css';
import { viewWords } from './words.ts';

/** A longer list is searched, not read. */
const maxShown = 200;

export interface ValuePickerProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly chosen: readonly string[];
  readonly isAll: boolean;
  readonly shownText: string;
  readonly isMulti: boolean;
  readonly hasAll: boolean;
  readonly allowsOther: boolean;
  readonly hasError?: boolean;
  /** `null`: All. Several are handed over when the list closes. */
  readonly onChoose: (values: readonly string[] | null) => void;
  /** For options that the data source searches. */
  readonly onSearch?: ((text: string) => void) | undefined;
}

interface Draft {
  readonly values: readonly string[];
  readonly isAll: boolean;
}

/** One or several of many values, by typing or with the arrow keys; All, and values that are not listed. */
export function ValuePicker(props: ValuePickerProps): ReactNode {
  const { label, chosen, isAll, shownText, isMulti, hasError = false, onChoose } = props;
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState<Draft>({ values: chosen, isAll });
  const change = (next: boolean): void => {
    setOpen(next);
    if (next) {
      setDraft({ values: chosen, isAll });
      return;
    }
    props.onSearch?.('');
    const isSame = draft.isAll === isAll && draft.values.join('\n') === chosen.join('\n');
    if (isMulti && !isSame) onChoose(draft.isAll ? null : draft.values);
  };
  return (
    <Popover
      title={label}
      open={open}
      onOpenChange={change}
      trigger={
        <Button
          className={classNames(css.picker, hasError && css.failed)}
          aria-label={`${label}: ${shownText}`}
        >
          <span className={css.pickerText}>{shownText}</span>
          <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
        </Button>
      }
    >
      <ValueList
        {...props}
        draft={draft}
        onDraft={(next) => {
          if (isMulti) {
            setDraft(next);
            return;
          }
          setOpen(false);
          props.onSearch?.('');
          onChoose(next.isAll ? null : next.values);
        }}
        onDone={() => change(false)}
      />
    </Popover>
  );
}

type Row =
  | { readonly kind: 'all' }
  | { readonly kind: 'other'; readonly value: string }
  | { readonly kind: 'option'; readonly option: Option };

function ValueList({
  label,
  options,
  isMulti,
  hasAll,
  allowsOther,
  draft,
  onDraft,
  onDone,
  onSearch,
}: ValuePickerProps & {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly onDone: () => void;
}): ReactNode {
  const m = useMessages(viewWords);
  const f = useFormat();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const found = useMemo(() => search(options, typed), [options, typed]);
  const rows = useMemo<readonly Row[]>(() => {
    const other = typed.trim();
    const isKnown = options.some(({ value, text }) => value === other || text === other);
    return [
      ...(hasAll && typed === '' ? [{ kind: 'all' } as const] : []),
      ...found.slice(0, maxShown).map((option) => ({ kind: 'option', option }) as const),
      ...(allowsOther && other !== '' && !isKnown
        ? [{ kind: 'other', value: other } as const]
        : []),
    ];
  }, [found, typed, hasAll, allowsOther, options]);

  const isChosen = (row: Row): boolean =>
    row.kind === 'all'
      ? draft.isAll
      : !draft.isAll && draft.values.includes(row.kind === 'other' ? row.value : row.option.value);
  const toggle = (row: Row): void => {
    if (row.kind === 'all') {
      onDraft({ values: [], isAll: !draft.isAll || !isMulti });
      return;
    }
    const value = row.kind === 'other' ? row.value : row.option.value;
    if (!isMulti) {
      onDraft({ values: [value], isAll: false });
      return;
    }
    const values = draft.isAll ? [] : draft.values;
    const next = values.includes(value)
      ? values.filter((one) => one !== value)
      : [...values, value];
    onDraft({ values: next, isAll: false });
  };
  const move = (to: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, to));
    setActive(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The Enter that ends a syllable of an input method chooses nothing.
    if (event.nativeEvent.isComposing) return;
    const row = rows[active];
    if (event.key === 'ArrowDown') move(active + 1);
    else if (event.key === 'ArrowUp') move(active - 1);
    else if (event.key === 'Enter' && row !== undefined) {
      toggle(row);
      if (isMulti && (event.ctrlKey || event.metaKey)) onDone();
    } else return;
    event.preventDefault();
  };
  const hidden = found.length - Math.min(found.length, maxShown);
  return (
    <div className={css.pane}>
      <input
        type="text"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={rows.length === 0 ? undefined : `${listId}-${active}`}
        aria-label={m.searchValues}
        placeholder={m.searchValues}
        autoComplete="off"
        spellCheck={false}
        className={css.search}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          onSearch?.(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
      {isMulti && (
        <div className={css.actions}>
          <button
            type="button"
            className={css.action}
            onClick={() => onDraft({ values: found.map(({ value }) => value), isAll: false })}
          >
            {m.selectAll}
          </button>
          <button
            type="button"
            className={css.action}
            onClick={() => onDraft({ values: [], isAll: false })}
          >
            {m.clear}
          </button>
          <span className={css.count}>
            {draft.isAll ? m.all : m.selected(f.number(draft.values.length))}
          </span>
        </div>
      )}
      <div
        ref={list}
        id={listId}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMulti}
        tabIndex={-1}
        className={css.list}
      >
        {rows.map((row, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys.
          <div
            key={row.kind === 'option' ? row.option.value : row.kind}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={isChosen(row)}
            data-active={index === active}
            className={css.option}
            onClick={() => toggle(row)}
            onMouseMove={() => setActive(index)}
          >
            <span className={css.check}>
              {isChosen(row) && <Check size={14} strokeWidth={1.5} aria-hidden />}
            </span>
            <span className={css.optionText}>
              {row.kind === 'all'
                ? m.all
                : row.kind === 'other'
                  ? m.otherValue(row.value)
                  : row.option.text === ''
                    ? '""'
                    : row.option.text}
            </span>
          </div>
        ))}
      </div>
      {rows.length === 0 && <div className={css.note}>{m.noValues}</div>}
      {hidden > 0 && <div className={css.note}>{m.moreValues(f.number(hidden))}</div>}
    </div>
  );
}

/** All in their order while nothing is typed, else the best answers first. */
function search(options: readonly Option[], typed: string): readonly Option[] {
  const text = typed.trim().normalize('NFC');
  if (text === '') return options;
  return options
    .map((option) => ({ option, score: matchScore(option.text.normalize('NFC'), text) }))
    .filter((one): one is { option: Option; score: number } => one.score !== undefined)
    .toSorted((a, b) => a.score - b.score)
    .map(({ option }) => option);
}
