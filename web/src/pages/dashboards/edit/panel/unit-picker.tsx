import { getValueFormats } from '@grafana/data';
import type { ReactNode } from 'react';
import { useMessages } from '../../../../i18n/messages.ts';
import { ValuePicker } from '../../view/value-picker.tsx';
import { panelWords } from './words.ts';

const units = getValueFormats().flatMap(({ text: category, submenu = [] }) =>
  submenu.map(({ value, text }) => ({ value, text: `${category} / ${text} (${value})` })),
);

/** A unit by name or id; one that is not listed stands behind the number as it is. */
export function UnitPicker({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const none = { value: '', text: m.noUnit };
  return (
    <ValuePicker
      label={label}
      options={[none, ...units]}
      chosen={[value]}
      isAll={false}
      hasAll={false}
      isMulti={false}
      allowsOther
      shownText={units.find((unit) => unit.value === value)?.text ?? (value || m.noUnit)}
      onChoose={(chosen) => onChange(chosen?.[0] || undefined)}
    />
  );
}
