import type { ReactNode } from 'react';
import { useMessages } from '../../../../i18n/messages.ts';
import { ValuePicker } from '../../view/value-picker.tsx';
import { useColumns } from '../panel/columns.ts';
import { transformationWords } from './words.ts';

interface Operand {
  readonly fixed?: string;
  readonly matcher?: { readonly id?: string; readonly options?: string };
}

const numbersKey = '\u0000numbers';

/** One side of a calculation: a field, all numbers, or a number. */
export function OperandField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  /** Old documents have a text. */
  readonly value: unknown;
  readonly onChange: (operand: Operand) => void;
}): ReactNode {
  const m = useMessages(transformationWords);
  const { names } = useColumns();
  const { fixed, matcher } = (
    typeof value === 'string' ? { fixed: value } : (value ?? {})
  ) as Operand;
  const isNumbers = matcher?.id === 'byType';
  const text = isNumbers ? numbersKey : (matcher?.options ?? fixed ?? '');
  const options = [
    { value: numbersKey, text: m.allNumbers },
    ...names.map((name) => ({ value: name, text: name })),
  ];
  return (
    <ValuePicker
      label={label}
      options={options}
      chosen={[text]}
      isAll={false}
      hasAll={false}
      isMulti={false}
      allowsOther
      shownText={isNumbers ? m.allNumbers : text || m.fieldOrNumber}
      onChoose={(chosen) => {
        const next = chosen?.[0] ?? '';
        if (next === numbersKey) onChange({ matcher: { id: 'byType', options: 'number' } });
        else if (!names.includes(next) && Number.isFinite(Number(next))) onChange({ fixed: next });
        else onChange({ matcher: { id: 'byName', options: next } });
      }}
    />
  );
}
