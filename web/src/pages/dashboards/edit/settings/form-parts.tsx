import type { ReactNode } from 'react';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import { LazyText } from '../panel/lazy-text.tsx';
import panelCss from '../panel/panel-editor.module.css';

export function Check({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}): ReactNode {
  return (
    <label className={panelCss.check}>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** A choice that the document keeps as a number; one that is not known stays a choice. */
export function NumberSelect({
  label,
  value,
  words,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly words: Readonly<Record<number, string>>;
  readonly onChange: (value: number) => void;
}): ReactNode {
  const options = Object.entries(words).map(([key, text]) => ({ value: key, label: text }));
  if (words[value] === undefined) options.push({ value: String(value), label: String(value) });
  return (
    <Field label={label}>
      {({ id }) => (
        <Select
          id={id}
          label={label}
          value={String(value)}
          options={options}
          onChange={(next) => onChange(Number(next))}
        />
      )}
    </Field>
  );
}

/** A text with its name above, which counts when it is whole. */
export function TextField({
  label,
  value,
  help,
  error,
  mono = false,
  placeholder,
  onCommit,
}: {
  readonly label: string;
  readonly value: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly mono?: boolean;
  readonly placeholder?: string;
  readonly onCommit: (text: string) => void;
}): ReactNode {
  return (
    <Field
      label={label}
      {...(help === undefined ? {} : { help })}
      {...(error === undefined ? {} : { error })}
    >
      {(control) => (
        <LazyText
          {...control}
          mono={mono}
          {...(placeholder === undefined ? {} : { placeholder })}
          value={value}
          onCommit={onCommit}
        />
      )}
    </Field>
  );
}
