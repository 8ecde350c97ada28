import type { ReactNode } from 'react';
import { useMessages } from '../../../../i18n/messages.ts';
import { ValuePicker } from '../../view/value-picker.tsx';
import { panelWords } from './words.ts';

const optionOf = (text: string) => ({ value: text, text });

/** A name of those that there are now, or any other that is typed. */
export function NamePicker({
  label,
  names,
  value,
  onChange,
}: {
  readonly label: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const options = [{ value: '', text: m.none }, ...names.map(optionOf)];
  return (
    <ValuePicker
      label={label}
      options={options}
      chosen={[value]}
      isAll={false}
      hasAll={false}
      isMulti={false}
      allowsOther
      shownText={value === '' ? m.choose : value}
      onChoose={(chosen) => onChange(chosen?.[0] ?? '')}
    />
  );
}

/** Several of them. */
export function NamesPicker({
  label,
  names,
  value,
  placeholder,
  onChange,
}: {
  readonly label: string;
  readonly names: readonly string[];
  readonly value: readonly string[];
  /** What none of them means. */
  readonly placeholder?: string | undefined;
  readonly onChange: (names: readonly string[]) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const all = [...new Set([...names, ...value])];
  return (
    <ValuePicker
      label={label}
      options={all.map(optionOf)}
      chosen={value}
      isAll={false}
      hasAll={false}
      isMulti
      allowsOther
      shownText={value.length === 0 ? (placeholder ?? m.choose) : value.join(', ')}
      onChoose={(chosen) => onChange(chosen ?? [])}
    />
  );
}
