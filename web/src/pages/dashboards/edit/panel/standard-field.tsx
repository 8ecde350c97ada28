import type { ReactNode } from 'react';
import {
  colorModes,
  type StandardFieldSpec,
} from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import { ColorInput } from './color-input.tsx';
import { LazyText } from './lazy-text.tsx';
import { LinksField } from './links-field.tsx';
import { MappingsField } from './mappings-field.tsx';
import { NumberInput } from './number-input.tsx';
import css from './panel-editor.module.css';
import { ThresholdsField } from './thresholds-field.tsx';
import { UnitPicker } from './unit-picker.tsx';
import { panelWords } from './words.ts';

/** A standard field option: unit, bounds, colour, thresholds, mappings, links. */
export function StandardFieldControl({
  spec,
  value,
  onChange,
}: {
  readonly spec: StandardFieldSpec;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const { language } = usePreferences();
  const m = useMessages(panelWords);
  const label = spec.label[language];
  if (spec.kind === 'boolean') {
    return (
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
    );
  }
  return (
    <Field label={label}>
      {({ id }) => {
        switch (spec.kind) {
          case 'unit':
            return (
              <UnitPicker
                label={label}
                value={typeof value === 'string' ? value : ''}
                onChange={onChange}
              />
            );
          case 'number':
            return (
              <NumberInput
                id={id}
                value={value}
                placeholder={m.auto}
                onChange={onChange}
                {...(spec.id === 'decimals' ? { min: 0, max: 15 } : {})}
              />
            );
          case 'color':
            return <FieldColor id={id} label={label} value={value} onChange={onChange} />;
          case 'thresholds':
            return <ThresholdsField value={value} onChange={onChange} />;
          case 'mappings':
            return <MappingsField value={value} onChange={onChange} />;
          case 'links':
            return <LinksField value={value} onChange={onChange} />;
          default:
            return (
              <LazyText
                id={id}
                value={typeof value === 'string' ? value : ''}
                onCommit={(text) => onChange(text === '' ? undefined : text)}
              />
            );
        }
      }}
    </Field>
  );
}

const withFixedColor = new Set(['fixed', 'shades', 'gradient']);

function FieldColor({
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
  const { language } = usePreferences();
  const color = (value ?? {}) as { readonly mode?: string; readonly fixedColor?: string };
  const mode = color.mode ?? '';
  const options = colorModes.map((one) => ({ value: one.value, label: one.label[language] }));
  return (
    <div className={css.line}>
      <Select
        id={id}
        label={label}
        value={mode}
        options={mode === '' ? [{ value: '', label: m.auto }, ...options] : options}
        onChange={(next) => {
          if (next === '') return;
          const fixedColor = color.fixedColor ?? 'blue';
          onChange({ ...color, mode: next, ...(withFixedColor.has(next) ? { fixedColor } : {}) });
        }}
      />
      {withFixedColor.has(mode) && (
        <ColorInput
          label={m.colorName}
          value={color.fixedColor}
          onChange={(fixedColor) => onChange({ ...color, fixedColor })}
        />
      )}
    </div>
  );
}
