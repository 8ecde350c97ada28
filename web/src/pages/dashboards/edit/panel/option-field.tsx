import { fieldReducers } from '@grafana/data';
import type { ReactNode } from 'react';
import {
  type Choice,
  colorModes,
  type OptionSpec,
} from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { MultiCombobox } from '../../../../ui/combobox.tsx';
import controls from '../../../../ui/controls.module.css';
import { Field } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import { ColorInput } from './color-input.tsx';
import { NamePicker } from './column-picker.tsx';
import { useColumns } from './columns.ts';
import { JsonField } from './json-field.tsx';
import { LazyText } from './lazy-text.tsx';
import { NumberInput } from './number-input.tsx';
import css from './panel-editor.module.css';
import { UnitPicker } from './unit-picker.tsx';
import { panelWords } from './words.ts';

export interface OptionFieldProps {
  readonly spec: OptionSpec;
  readonly value: unknown;
  /** Undefined: the document says nothing, the default holds. */
  readonly onChange: (value: unknown) => void;
}

type ControlProps = OptionFieldProps & { readonly label: string; readonly id: string };

/** One option, with the control of its kind. */
export function OptionField(props: OptionFieldProps): ReactNode {
  const { spec, value, onChange } = props;
  const m = useMessages(panelWords);
  const { language } = usePreferences();
  const label = spec.label[language];
  const help = spec.notDrawn === undefined ? undefined : m.notDrawn(spec.notDrawn[language]);
  if (spec.kind === 'boolean') {
    return (
      <label className={css.check}>
        <input
          type="checkbox"
          checked={(value ?? spec.default) === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>
          {label}
          {help !== undefined && <span className={css.note}> {help}</span>}
        </span>
      </label>
    );
  }
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {({ id }) => <Control {...props} label={label} id={id} />}
    </Field>
  );
}

const isText = (value: unknown): value is string => typeof value === 'string';
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : isText(value) && value !== '' ? [value] : [];

function Control({ spec, value, onChange, label, id }: ControlProps): ReactNode {
  const m = useMessages(panelWords);
  const { language } = usePreferences();
  const columns = useColumns();
  const shown = value ?? spec.default;
  switch (spec.kind) {
    case 'choice':
      return (
        <ChoiceSelect
          id={id}
          label={label}
          value={shown}
          choices={spec.choices ?? []}
          onChange={onChange}
        />
      );
    case 'choices': {
      const choices = spec.choices ?? [];
      const labels = choices.map((choice) => choice.label[language]);
      const chosen = textsOf(shown).map(
        (one) => choices.find((choice) => String(choice.value) === one)?.label[language] ?? one,
      );
      return (
        <MultiCombobox
          label={label}
          placeholder={m.none}
          options={labels}
          value={chosen}
          onChange={(next) =>
            onChange(next.map((one) => choices[labels.indexOf(one)]?.value ?? one))
          }
        />
      );
    }
    case 'number':
      return (
        <NumberInput
          id={id}
          value={value}
          placeholder={spec.default === undefined ? m.auto : String(spec.default)}
          min={spec.min}
          max={spec.max}
          onChange={onChange}
        />
      );
    case 'color':
      return <ColorInput id={id} label={label} value={shown} onChange={onChange} />;
    case 'colorScheme':
      return (
        <Select
          id={id}
          label={label}
          value={isText(shown) ? shown : ''}
          options={schemesWith(shown)}
          onChange={onChange}
        />
      );
    case 'reducer':
      return (
        <Select
          id={id}
          label={label}
          value={isText(shown) ? shown : ''}
          options={fieldReducers.list().map((one) => ({ value: one.id, label: one.name }))}
          onChange={onChange}
        />
      );
    case 'reducers': {
      const all = fieldReducers.list();
      const nameOf = (one: string): string => fieldReducers.getIfExists(one)?.name ?? one;
      return (
        <MultiCombobox
          label={label}
          placeholder={m.none}
          options={all.map(({ name }) => name)}
          value={textsOf(shown).map(nameOf)}
          onChange={(next) =>
            onChange(next.map((name) => all.find((one) => one.name === name)?.id ?? name))
          }
        />
      );
    }
    case 'unit':
      return <UnitPicker label={label} value={isText(value) ? value : ''} onChange={onChange} />;
    case 'field':
      return (
        <NamePicker
          label={label}
          names={columns.names}
          value={isText(shown) ? shown : ''}
          onChange={(name) => onChange(name === '' ? undefined : name)}
        />
      );
    case 'longText':
      return (
        <textarea
          id={id}
          className={`${controls.input} ${controls.mono} ${css.json}`}
          rows={6}
          value={isText(shown) ? shown : ''}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'tags':
    case 'timeZones':
      return (
        <LazyText
          id={id}
          value={textsOf(shown).join(', ')}
          onCommit={(text) =>
            onChange(
              text
                .split(',')
                .map((one) => one.trim())
                .filter(Boolean),
            )
          }
        />
      );
    case 'nullsOver':
      return <NullsOver id={id} label={label} value={shown} onChange={onChange} />;
    case 'data':
      return <JsonField label={label} value={shown} onChange={onChange} />;
    default:
      return (
        <LazyText
          id={id}
          value={shown === undefined || shown === null ? '' : String(shown)}
          onCommit={(text) => {
            const isNumber = spec.kind === 'lengthOrShare' && /^\d+(\.\d+)?$/.test(text);
            onChange(text === '' ? undefined : isNumber ? Number(text) : text);
          }}
        />
      );
  }
}

function ChoiceSelect({
  id,
  label,
  value,
  choices,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly value: unknown;
  readonly choices: readonly Choice[];
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const { language } = usePreferences();
  const options = choices.map((choice) => ({
    value: String(choice.value),
    label: choice.label[language],
  }));
  const shown = value === undefined ? '' : String(value);
  if (!options.some((option) => option.value === shown)) {
    options.unshift({ value: shown, label: shown === '' ? '–' : shown });
  }
  return (
    <Select
      id={id}
      label={label}
      value={shown}
      options={options}
      onChange={(next) => {
        const choice = choices.find((one) => String(one.value) === next);
        onChange(choice === undefined ? value : choice.value);
      }}
    />
  );
}

/** Whether lines go on over gaps: never, always, or when they are no longer than so. */
function NullsOver({
  id,
  label,
  value,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const kind = typeof value === 'number' ? 'upTo' : value === true ? 'always' : 'never';
  return (
    <div className={css.line}>
      <Segmented
        label={label}
        value={kind}
        options={[
          { value: 'never', label: m.never },
          { value: 'always', label: m.always },
          { value: 'upTo', label: m.upTo },
        ]}
        onChange={(next) => onChange({ never: false, always: true, upTo: 3_600_000 }[next])}
      />
      {kind === 'upTo' && <NumberInput id={id} value={value} min={1} onChange={onChange} />}
    </div>
  );
}

const schemePrefix = 'continuous-';

/** Schemes by their short name, and the one that the document has. */
function schemesWith(value: unknown): { value: string; label: string }[] {
  const names = colorModes
    .filter((mode) => mode.value.startsWith(schemePrefix))
    .map((mode) => mode.value.slice(schemePrefix.length));
  const all = isText(value) && value !== '' && !names.includes(value) ? [value, ...names] : names;
  return all.map((name) => ({ value: name, label: name }));
}
