import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WireContactPoint } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import {
  type IntegrationKind,
  keptSecret,
  missingSettings,
  type SettingField,
  settingAt,
  withSetting,
} from './integration-kinds.ts';
import { pairsOf } from './pairs.ts';
import { contactPointsWords } from './words.ts';

/** The settings of one integration. */
export function IntegrationFields({
  kind,
  value,
  isAsked,
  onChange,
}: {
  /** Undefined: nobody here knows its settings. */
  readonly kind: IntegrationKind | undefined;
  readonly value: WireContactPoint;
  /** Somebody tried to save: what is missing is said. */
  readonly isAsked: boolean;
  readonly onChange: (change: Partial<WireContactPoint>) => void;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const [isOpen, setIsOpen] = useState(false);
  const set = (key: string, next: unknown): void =>
    onChange({ settings: withSetting(value.settings, key, next) });
  if (kind === undefined) return <OtherSettings value={value} onChange={onChange} />;
  const missing = isAsked ? missingSettings(kind, value.settings) : [];
  const fieldOf = (field: SettingField): ReactNode => (
    <Setting
      key={field.key}
      field={field}
      value={settingAt(value.settings, field.key)}
      error={missing.includes(field.key) ? m.required : undefined}
      onChange={(next) => set(field.key, next)}
    />
  );
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      {kind.fields.filter(({ isOptional }) => !isOptional).map(fieldOf)}
      <div>
        <Button look="quiet" icon={Arrow} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {m.optional(kind.label)}
        </Button>
      </div>
      {isOpen && kind.fields.filter(({ isOptional }) => isOptional).map(fieldOf)}
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value.disableResolveMessage ?? false}
          onChange={(event) => onChange({ disableResolveMessage: event.target.checked })}
        />
        {m.disableResolve}
      </label>
    </>
  );
}

function Setting({
  field,
  value,
  error,
  onChange,
}: {
  readonly field: SettingField;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const text = value === undefined || value === null ? '' : String(value);
  const { label, kind, placeholder } = field;
  if (kind === 'boolean') {
    return (
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
    );
  }
  const isKept = text === keptSecret;
  return (
    <Field
      label={label}
      {...(field.help === '' ? {} : { help: field.help })}
      {...(error === undefined ? {} : { error })}
    >
      {(control) => {
        if (kind === 'choice') {
          return (
            <div className={css.pick}>
              <Select
                id={control.id}
                label={label}
                value={text === '' ? (field.choices[0]?.value ?? '') : text}
                options={field.choices.map((choice) => ({
                  value: choice.value,
                  label: choice.label || '–',
                }))}
                onChange={onChange}
              />
            </div>
          );
        }
        if (kind === 'pairs') {
          return (
            <textarea
              {...control}
              className={`${css.textarea} ${css.mono}`}
              placeholder="name=value"
              spellCheck={false}
              defaultValue={pairsText(value)}
              onChange={(event) => onChange(pairsOf(event.target.value))}
            />
          );
        }
        if (kind === 'template') {
          return (
            <textarea
              {...control}
              className={`${css.textarea} ${css.mono}`}
              placeholder={placeholder}
              spellCheck={false}
              value={text}
              onChange={(event) => onChange(event.target.value)}
            />
          );
        }
        return (
          <TextInput
            {...control}
            mono={kind === 'secret'}
            placeholder={isKept ? m.secretKept : placeholder}
            value={isKept ? '' : text}
            onChange={onChange}
          />
        );
      }}
    </Field>
  );
}

const pairsText = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map((pair) => pair.join('='))
        .join('\n')
    : '';

/** Integrations that the form has no fields for. */
function OtherSettings({
  value,
  onChange,
}: {
  readonly value: WireContactPoint;
  readonly onChange: (change: Partial<WireContactPoint>) => void;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const [text, setText] = useState(() => JSON.stringify(value.settings, null, 2));
  const [isBad, setIsBad] = useState(false);
  return (
    <Field label={m.otherSettings} {...(isBad ? { error: m.badJson } : {})}>
      {(control) => (
        <textarea
          {...control}
          className={`${css.textarea} ${css.mono}`}
          rows={8}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const settings = parsedObject(event.target.value);
            setIsBad(settings === undefined);
            if (settings !== undefined) onChange({ settings });
          }}
        />
      )}
    </Field>
  );
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
