import { Search } from 'lucide-react';
import { type ComponentProps, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import css from './controls.module.css';

export interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: ReactNode;
  /** Given the ids to put on the control. */
  readonly children: (control: {
    readonly id: string;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

export function Field({ label, help, error, children }: FieldProps): ReactNode {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = error !== undefined || help !== undefined;
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': hasNote ? noteId : undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {hasNote && (
        <div id={noteId} className={error === undefined ? css.help : css.error}>
          {error ?? help}
        </div>
      )}
    </div>
  );
}

export interface TextInputProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly mono?: boolean;
  readonly onChange?: (value: string) => void;
}

export function TextInput({
  mono = false,
  onChange,
  className,
  ...rest
}: TextInputProps): ReactNode {
  return (
    <input
      type="text"
      autoComplete="off"
      spellCheck={false}
      className={classNames(css.input, mono && css.mono, className)}
      onChange={(event) => onChange?.(event.target.value)}
      {...rest}
    />
  );
}

export interface SearchInputProps {
  readonly label: string;
  readonly value: string;
  /** Called after a pause in typing and at once on Enter; never while Hangul is being composed. */
  readonly onSearch: (value: string) => void;
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly invalid?: boolean;
  readonly className?: string | undefined;
}

/** Long enough to finish a syllable or a word, short enough to feel immediate. */
const pauseMs = 250;

/** The page's query box: `/` focuses it from anywhere. */
export function SearchInput({
  label,
  value,
  onSearch,
  placeholder,
  mono = false,
  invalid = false,
  className,
}: SearchInputProps): ReactNode {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const timer = useRef(0);
  useEffect(() => {
    // The link changed under us (Back, a click elsewhere): show what it says.
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const send = (next: string): void => {
    window.clearTimeout(timer.current);
    if (next === sent.current) return;
    sent.current = next;
    onSearch(next);
  };
  return (
    <div className={classNames(css.withIcon, className)}>
      <Search size={16} strokeWidth={1.5} aria-hidden />
      <input
        type="search"
        data-page-search
        aria-label={label}
        aria-invalid={invalid || undefined}
        placeholder={placeholder ?? label}
        autoComplete="off"
        spellCheck={false}
        className={classNames(css.input, mono && css.mono)}
        value={text}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          window.clearTimeout(timer.current);
          if (!(event.nativeEvent as InputEvent).isComposing) {
            timer.current = window.setTimeout(() => send(next), pauseMs);
          }
        }}
        onCompositionEnd={(event) => {
          const next = event.currentTarget.value;
          timer.current = window.setTimeout(() => send(next), pauseMs);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') send(text);
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </div>
  );
}
