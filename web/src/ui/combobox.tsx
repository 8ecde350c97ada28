import { Combobox as Base } from '@base-ui/react/combobox';
import { Check, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { common } from '../i18n/common.ts';
import { useMessages } from '../i18n/messages.ts';
import { classNames } from './class-names.ts';
import css from './controls.module.css';

/** More than this many rows in a list of choices help nobody; typing narrows them. */
const maxShown = 200;

export interface MultiComboboxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly options: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  /** Refuse more than this many. */
  readonly max?: number;
  /** For choices that the server searches. */
  readonly onQuery?: (text: string) => void;
  readonly mono?: boolean;
}

/** Several of many: chips with type-ahead. */
export function MultiCombobox({
  label,
  placeholder,
  options,
  value,
  onChange,
  max = Number.POSITIVE_INFINITY,
  onQuery,
  mono = false,
}: MultiComboboxProps): ReactNode {
  const m = useMessages(common);
  return (
    <Base.Root
      multiple
      items={options}
      value={[...value]}
      limit={maxShown}
      onValueChange={(next) => {
        if (next.length <= max) onChange(next);
      }}
      onInputValueChange={(text) => onQuery?.(text)}
    >
      <Base.Chips className={css.chips}>
        {value.map((item) => (
          <Base.Chip key={item} className={classNames(css.chip, mono && css.mono)}>
            <span className={css.chipText}>{item}</span>
            <Base.ChipRemove className={css.chipRemove} aria-label={`${m.delete} ${item}`}>
              <X size={12} strokeWidth={2} aria-hidden />
            </Base.ChipRemove>
          </Base.Chip>
        ))}
        <Base.Input
          aria-label={label}
          placeholder={value.length === 0 ? placeholder : ''}
          className={classNames(css.chipsInput, mono && css.mono)}
        />
      </Base.Chips>
      <ChoicePopup empty={m.nothingFound} mono={mono} />
    </Base.Root>
  );
}

export interface ComboboxProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onQuery?: (text: string) => void;
  readonly mono?: boolean;
}

/** One of many, by typing. */
export function Combobox({
  label,
  placeholder = '',
  options,
  value,
  onChange,
  onQuery,
  mono = false,
}: ComboboxProps): ReactNode {
  const m = useMessages(common);
  return (
    <Base.Root
      items={options}
      value={value === '' ? null : value}
      limit={maxShown}
      onValueChange={(next) => onChange(next ?? '')}
      onInputValueChange={(text) => onQuery?.(text)}
    >
      <Base.Input
        aria-label={label}
        placeholder={placeholder}
        className={classNames(css.input, mono && css.mono)}
      />
      <ChoicePopup empty={m.nothingFound} mono={mono} />
    </Base.Root>
  );
}

function ChoicePopup({
  empty,
  mono,
}: {
  readonly empty: string;
  readonly mono: boolean;
}): ReactNode {
  return (
    <Base.Portal>
      <Base.Positioner sideOffset={4} align="start" className={css.positioner}>
        <Base.Popup className={css.popup}>
          <Base.Empty className={css.empty}>{empty}</Base.Empty>
          <Base.List>
            {(item: string) => (
              <Base.Item key={item} value={item} className={classNames(css.item, mono && css.mono)}>
                <span className={css.check}>
                  <Base.ItemIndicator>
                    <Check size={16} strokeWidth={1.5} aria-hidden />
                  </Base.ItemIndicator>
                </span>
                {item}
              </Base.Item>
            )}
          </Base.List>
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}
