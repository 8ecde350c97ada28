import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Field, TextInput } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { Card, Status } from '../../ui/states.tsx';
import css from './connections.module.css';
import { type Draft, headersOf, nextHeader, withHeader, withoutHeader } from './draft.ts';
import type { SettingField, SettingSection } from './kinds.ts';
import { connectionWords } from './words.ts';

export interface SourceFieldsProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** Names of secrets that are saved. */
  readonly savedSecrets: Readonly<Record<string, boolean>>;
  /** Somebody tried to save: what is missing is said. */
  readonly isAsked: boolean;
}

/** One part of a form: the fields that count as the others stand. */
export function SectionFields({
  section,
  ...props
}: SourceFieldsProps & { readonly section: SettingSection }): ReactNode {
  const m = useMessages(connectionWords);
  const shown = section.fields.filter(({ when }) => when === undefined || when(props.draft));
  return (
    <Card title={m.sections[section.word]}>
      <div className={css.fields}>
        {shown.map((field) => (
          <Setting key={`${field.place} ${field.key}`} field={field} {...props} />
        ))}
        {section.hasHeaders === true && <Headers {...props} />}
      </div>
    </Card>
  );
}

export const settingValue = (draft: Draft, { place, key }: SettingField): unknown =>
  place === 'json'
    ? draft.jsonData[key]
    : place === 'secret'
      ? draft.secrets[key]
      : (draft as unknown as Record<string, unknown>)[key];

function withValue(draft: Draft, { place, key }: SettingField, value: unknown): Draft {
  if (place === 'draft') return { ...draft, [key]: value };
  if (place === 'json') return { ...draft, jsonData: { ...draft.jsonData, [key]: value } };
  return withSecret(draft, key, value as string | undefined);
}

/** Undefined: the saved one stays. */
function withSecret(draft: Draft, key: string, value: string | undefined): Draft {
  const { [key]: _, ...others } = draft.secrets;
  return { ...draft, secrets: value === undefined ? others : { ...others, [key]: value } };
}

function Setting({
  field,
  draft,
  onChange,
  savedSecrets,
  isAsked,
}: SourceFieldsProps & { readonly field: SettingField }): ReactNode {
  const m = useMessages(connectionWords);
  const label = m.fields[field.word];
  const value = settingValue(draft, field);
  const set = (next: unknown): void => onChange(withValue(draft, field, next));
  if (field.kind === 'flag') {
    return (
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => set(event.target.checked)}
        />
        {label}
      </label>
    );
  }
  if (field.place === 'secret') {
    const secret = (
      <Field label={label}>
        {(control) => (
          <SecretInput
            {...control}
            label={label}
            isPem={field.kind === 'pem'}
            isSaved={savedSecrets[field.key] === true}
            value={draft.secrets[field.key]}
            onChange={set}
          />
        )}
      </Field>
    );
    return field.kind === 'pem' ? <div className={css.row}>{secret}</div> : secret;
  }
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
  const isMissing = isAsked && field.isRequired === true && text.trim() === '';
  return (
    <Field label={label} {...(isMissing ? { error: m.required } : {})}>
      {(control) =>
        field.kind === 'choice' ? (
          <div>
            <Select
              id={control.id}
              label={label}
              value={text === '' ? (field.choices?.[0] ?? '') : text}
              options={(field.choices ?? []).map((choice) => ({
                value: choice,
                label: (m.choices as Readonly<Record<string, string>>)[choice] ?? choice,
              }))}
              onChange={set}
            />
          </div>
        ) : field.kind === 'list' ? (
          <ListInput {...control} value={text} placeholder={field.placeholder} onChange={set} />
        ) : (
          <TextInput
            {...control}
            mono
            value={text}
            placeholder={field.placeholder}
            onChange={set}
          />
        )
      }
    </Field>
  );
}

interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby'?: string | undefined;
  readonly 'aria-invalid'?: boolean | undefined;
}

/** Entries with commas between them; the text stays as it is typed. */
function ListInput({
  value,
  onChange,
  placeholder,
  ...control
}: ControlProps & {
  readonly value: string;
  readonly placeholder: string | undefined;
  readonly onChange: (value: readonly string[]) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  return (
    <TextInput
      {...control}
      mono
      value={text}
      placeholder={placeholder}
      onChange={(next) => {
        setText(next);
        onChange(next.split(/[\s,]+/).filter((part) => part !== ''));
      }}
    />
  );
}

/** A secret that is saved is never shown: it is kept, replaced or removed. */
function SecretInput({
  label,
  isPem,
  isSaved,
  value,
  onChange,
  ...control
}: ControlProps & {
  readonly label: string;
  readonly isPem: boolean;
  readonly isSaved: boolean;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}): ReactNode {
  const m = useMessages(connectionWords);
  const [isReplaced, setIsReplaced] = useState(false);
  if (isSaved && !isReplaced) {
    const isRemoved = value === '';
    return (
      <div className={css.secret}>
        <Status kind={isRemoved ? 'warning' : 'ok'}>{isRemoved ? m.removed : m.secretSet}</Status>
        <Button
          id={control.id}
          aria-label={`${label}: ${m.replace}`}
          onClick={() => {
            onChange(undefined);
            setIsReplaced(true);
          }}
        >
          {m.replace}
        </Button>
        <Button
          look="quiet"
          aria-label={`${label}: ${isRemoved ? m.keep : m.remove}`}
          onClick={() => onChange(isRemoved ? undefined : '')}
        >
          {isRemoved ? m.keep : m.remove}
        </Button>
      </div>
    );
  }
  return (
    <div className={css.secret}>
      {isPem ? (
        <textarea
          {...control}
          className={css.pem}
          spellCheck={false}
          placeholder="-----BEGIN …"
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <TextInput
          {...control}
          type="password"
          aria-label={label}
          autoComplete="new-password"
          value={value ?? ''}
          onChange={(next) => onChange(next === '' && !isSaved ? undefined : next)}
        />
      )}
      {isSaved && (
        <Button
          look="quiet"
          aria-label={`${label}: ${m.keep}`}
          onClick={() => {
            onChange(undefined);
            setIsReplaced(false);
          }}
        >
          {m.keep}
        </Button>
      )}
    </div>
  );
}

function Headers({ draft, onChange, savedSecrets }: SourceFieldsProps): ReactNode {
  const m = useMessages(connectionWords);
  return (
    <fieldset className={classNames(css.form, css.row)}>
      <legend className={css.subTitle}>{m.headers}</legend>
      {headersOf(draft).map(({ at, name }) => {
        const key = `httpHeaderValue${at}`;
        const label = `${name || m.headerName}: ${m.headerValue}`;
        return (
          <div key={at} className={css.headerRow}>
            <TextInput
              aria-label={m.headerName}
              placeholder="X-Scope-OrgID"
              mono
              value={name}
              onChange={(next) => onChange(withHeader(draft, at, next))}
            />
            <SecretInput
              id={`header-${at}`}
              label={label}
              isPem={false}
              isSaved={savedSecrets[key] === true}
              value={draft.secrets[key]}
              onChange={(next) => onChange(withSecret(draft, key, next))}
            />
            <IconButton
              icon={X}
              label={m.removeHeader(name)}
              onClick={() => onChange(withoutHeader(draft, at))}
            />
          </div>
        );
      })}
      <div>
        <Button
          icon={Plus}
          look="quiet"
          onClick={() => onChange(withHeader(draft, nextHeader(draft), ''))}
        >
          {m.addHeader}
        </Button>
      </div>
    </fieldset>
  );
}
