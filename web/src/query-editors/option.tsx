import { type ReactNode, useId } from 'react';
import { TextInput } from '../ui/field.tsx';
import { Segmented } from '../ui/segmented.tsx';
import css from './query-editors.module.css';

/** A setting of a query: its name above it. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}): ReactNode {
  return (
    <div className={css.option}>
      <span className={css.label} aria-hidden>
        {label}
      </span>
      <Segmented label={label} value={value} options={options} onChange={onChange} />
    </div>
  );
}

export function TextOption({
  label,
  value,
  width,
  placeholder,
  help,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly width: 'narrow' | 'wide' | 'full';
  readonly placeholder?: string;
  readonly help?: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  const widths = { narrow: css.narrow, wide: css.wide, full: css.full };
  return (
    <div className={`${css.option} ${widths[width]}`}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <TextInput
        id={id}
        mono
        value={value}
        title={help}
        placeholder={placeholder}
        onChange={onChange}
      />
    </div>
  );
}
