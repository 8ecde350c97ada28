import { type ReactNode, useEffect, useState } from 'react';
import { TextInput } from '../../../../ui/field.tsx';

/** A number that may be left out: empty is undefined. What is no number, or out of bounds, is marked. */
export function NumberInput({
  id,
  value,
  placeholder,
  label,
  min,
  max,
  onChange,
}: {
  readonly id?: string | undefined;
  readonly value: unknown;
  readonly placeholder?: string | undefined;
  readonly label?: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}): ReactNode {
  const written = typeof value === 'number' ? String(value) : '';
  const [text, setText] = useState(written);
  useEffect(() => {
    setText((before) => (Number(before) === Number(written) && before !== '' ? before : written));
  }, [written]);
  const parse = (input: string): number | undefined => {
    const number = Number(input);
    const isBad =
      input.trim() === '' ||
      !Number.isFinite(number) ||
      (min !== undefined && number < min) ||
      (max !== undefined && number > max);
    return isBad ? undefined : number;
  };
  return (
    <TextInput
      id={id}
      inputMode="decimal"
      aria-label={label}
      aria-invalid={text !== '' && parse(text) === undefined ? true : undefined}
      placeholder={placeholder}
      value={text}
      onChange={(next) => {
        setText(next);
        const number = parse(next);
        if (next.trim() === '' || number !== undefined) onChange(number);
      }}
    />
  );
}
