import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FieldConfigSource, Panel } from '../../../../../../src/dashboards/model/contract.ts';
import {
  type PanelKind,
  standardFieldSpecs,
} from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { removed, replaced } from '../../../../dashboards/editing/lists.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Button, IconButton } from '../../../../ui/button.tsx';
import { editWords } from '../words.ts';
import { JsonField } from './json-field.tsx';
import { MatcherField } from './matcher-field.tsx';
import { OptionField } from './option-field.tsx';
import css from './panel-editor.module.css';
import { PropertyPicker } from './property-picker.tsx';
import type { ChangePanel } from './queries-tab.tsx';
import { StandardFieldControl } from './standard-field.tsx';
import { panelWords } from './words.ts';

type Override = FieldConfigSource['overrides'][number];
type Property = Override['properties'][number];

/** What is otherwise for some fields. */
export function Overrides({
  panel,
  kind,
  onChange,
}: {
  readonly panel: Panel;
  readonly kind: PanelKind;
  readonly onChange: ChangePanel;
}): ReactNode {
  const m = useMessages(panelWords);
  const { overrides } = panel.fieldConfig;
  const change = (apply: (list: readonly Override[]) => readonly Override[]): void =>
    onChange(
      (before) => ({
        ...before,
        fieldConfig: {
          ...before.fieldConfig,
          overrides: apply(before.fieldConfig.overrides),
        },
      }),
      'overrides',
    );
  return (
    <details open className={css.section}>
      <summary>{m.overrides}</summary>
      <div className={css.fields}>
        {overrides.map((override, index) => (
          <OverrideForm
            // biome-ignore lint/suspicious/noArrayIndexKey: overrides have nothing but their place.
            key={index}
            name={m.override(String(index + 1))}
            override={override}
            kind={kind}
            onRemove={() => change((all) => removed(all, index))}
            onChange={(next) => change((all) => replaced(all, index, next))}
          />
        ))}
        <div>
          <Button
            look="quiet"
            icon={Plus}
            onClick={() =>
              change((all) => [...all, { matcher: { id: 'byName', options: '' }, properties: [] }])
            }
          >
            {m.addOverride}
          </Button>
        </div>
      </div>
    </details>
  );
}

function OverrideForm({
  name,
  override,
  kind,
  onChange,
  onRemove,
}: {
  readonly name: string;
  readonly override: Override;
  readonly kind: PanelKind;
  readonly onChange: (override: Override) => void;
  readonly onRemove: () => void;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const { language } = usePreferences();
  const { matcher, properties } = override;
  const custom = kind.custom.filter(({ isHidden }) => isHidden !== true);
  const choices = [
    ...standardFieldSpecs
      .filter(({ id }) => kind.standardFields.includes(id))
      .map((spec) => ({ id: spec.id as string, label: spec.label[language] })),
    ...custom.map((spec) => ({ id: `custom.${spec.path}`, label: spec.label[language] })),
  ].filter(({ id }) => !properties.some((property) => property.id === id));
  const put = (index: number, property: Property): void =>
    onChange({ ...override, properties: replaced(properties, index, property) });
  return (
    <section className={css.mapping} aria-label={name}>
      <div className={css.rowLine}>
        <div className={css.grow}>
          <MatcherField
            label={own.matcher}
            value={matcher}
            onChange={(next) => onChange({ ...override, matcher: next })}
          />
        </div>
        <IconButton icon={X} label={m.remove} onClick={onRemove} />
      </div>
      {properties.map((property, index) => (
        <div key={property.id} className={css.rowLine}>
          <div className={css.grow}>
            <PropertyControl
              property={property}
              kind={kind}
              onChange={(value) => put(index, { ...property, value })}
            />
          </div>
          <IconButton
            icon={X}
            label={m.remove}
            onClick={() => onChange({ ...override, properties: removed(properties, index) })}
          />
        </div>
      ))}
      <div>
        <PropertyPicker
          choices={choices}
          onChoose={(id) => onChange({ ...override, properties: [...properties, { id }] })}
        />
      </div>
    </section>
  );
}

function PropertyControl({
  property,
  kind,
  onChange,
}: {
  readonly property: Property;
  readonly kind: PanelKind;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const standard = standardFieldSpecs.find(({ id }) => id === property.id);
  if (standard !== undefined) {
    return <StandardFieldControl spec={standard} value={property.value} onChange={onChange} />;
  }
  const custom = kind.custom.find(({ path }) => `custom.${path}` === property.id);
  if (custom !== undefined) {
    return <OptionField spec={custom} value={property.value} onChange={onChange} />;
  }
  return <JsonField label={property.id} value={property.value} onChange={onChange} />;
}
