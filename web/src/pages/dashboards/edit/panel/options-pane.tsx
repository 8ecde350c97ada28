import { type ReactNode, useState } from 'react';
import type { Panel, Variable } from '../../../../../../src/dashboards/model/contract.ts';
import {
  type OptionGroup,
  type OptionSpec,
  optionGroupWords,
  panelKind,
  standardFieldSpecs,
} from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { valueAt, withValueAt } from '../../../../dashboards/editing/paths.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { TextInput } from '../../../../ui/field.tsx';
import { editWords } from '../words.ts';
import { OptionField } from './option-field.tsx';
import { Overrides } from './overrides.tsx';
import css from './panel-editor.module.css';
import { PanelSection } from './panel-section.tsx';
import type { ChangePanel } from './queries-tab.tsx';
import { StandardFieldControl } from './standard-field.tsx';
import { panelWords } from './words.ts';

export interface OptionsPaneProps {
  readonly panel: Panel;
  readonly variables: readonly Variable[];
  readonly onChange: ChangePanel;
}

/** How a panel looks: itself, the options of its type, its fields, and what is otherwise for some. */
export function OptionsPane({ panel, variables, onChange }: OptionsPaneProps): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const { language } = usePreferences();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const matches = (...texts: readonly string[]): boolean =>
    wanted === '' || texts.some((text) => text.toLowerCase().includes(wanted));
  const kind = panelKind(panel.type);
  const isFound = (spec: OptionSpec): boolean =>
    matches(spec.label[language], spec.label.en, spec.path, optionGroupWords[spec.group][language]);
  const isOfUse = ({ when, isHidden }: OptionSpec, object: unknown): boolean => {
    if (isHidden === true) return false;
    const other = when && [...(kind?.options ?? []), ...(kind?.custom ?? [])];
    if (when === undefined) return true;
    const preset = other?.find(({ path }) => path === when.path)?.default;
    const value =
      valueAt(object, when.path) ??
      valueAt(panel.options, when.path) ??
      valueAt(panel.fieldConfig.defaults.custom, when.path) ??
      preset;
    return when.is.includes(value as never);
  };
  const options = (kind?.options ?? []).filter(
    (spec) => isOfUse(spec, panel.options) && isFound(spec),
  );
  const custom = (kind?.custom ?? []).filter(
    (spec) => isOfUse(spec, panel.fieldConfig.defaults.custom) && isFound(spec),
  );
  const standard = standardFieldSpecs.filter(
    ({ id, label }) =>
      kind?.standardFields.includes(id) === true && matches(label[language], label.en, id),
  );
  const setOption = (path: string, value: unknown): void =>
    onChange(
      (before) => ({ ...before, options: withValueAt(before.options, path, value) }),
      `option ${path}`,
    );
  const setDefault = (path: string, value: unknown): void =>
    onChange(
      (before) => ({
        ...before,
        fieldConfig: {
          ...before.fieldConfig,
          defaults: withValueAt(before.fieldConfig.defaults, path, value),
        },
      }),
      `field ${path}`,
    );
  const hasPanelSection = matches(
    ...[own.panel, m.title, m.description, own.panelType, own.links, m.repeat, own.transparent],
  );
  const nothing =
    !hasPanelSection && options.length + custom.length + standard.length === 0 && wanted !== '';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <aside className={css.options} aria-label={own.options} tabIndex={0}>
      <TextInput
        type="search"
        aria-label={own.searchOptions}
        placeholder={own.searchOptions}
        value={search}
        onChange={setSearch}
      />
      {nothing && <p className={css.note}>{own.nothingFound}</p>}
      {hasPanelSection && <PanelSection panel={panel} variables={variables} onChange={onChange} />}
      {[...Map.groupBy(options, ({ group }) => group)].map(([group, specs]) => (
        <OptionGroupSection key={group} group={group} language={language}>
          {specs.map((spec) => (
            <OptionField
              key={spec.path}
              spec={spec}
              value={valueAt(panel.options, spec.path)}
              onChange={(value) => setOption(spec.path, value)}
            />
          ))}
        </OptionGroupSection>
      ))}
      {standard.length > 0 && (
        <details open className={css.section}>
          <summary>{own.fields}</summary>
          <div className={css.fields}>
            {standard.map((spec) => (
              <StandardFieldControl
                key={spec.id}
                spec={spec}
                value={panel.fieldConfig.defaults[spec.id]}
                onChange={(value) => setDefault(spec.id, value)}
              />
            ))}
          </div>
        </details>
      )}
      {[...Map.groupBy(custom, ({ group }) => group)].map(([group, specs]) => (
        <OptionGroupSection key={`custom ${group}`} group={group} language={language}>
          {specs.map((spec) => (
            <OptionField
              key={spec.path}
              spec={spec}
              value={valueAt(panel.fieldConfig.defaults.custom, spec.path)}
              onChange={(value) => setDefault(`custom.${spec.path}`, value)}
            />
          ))}
        </OptionGroupSection>
      ))}
      {kind !== undefined && wanted === '' && kind.standardFields.length > 0 && (
        <Overrides panel={panel} kind={kind} onChange={onChange} />
      )}
    </aside>
  );
}

function OptionGroupSection({
  group,
  language,
  children,
}: {
  readonly group: OptionGroup;
  readonly language: 'en' | 'ko';
  readonly children: ReactNode;
}): ReactNode {
  return (
    <details open className={css.section}>
      <summary>{optionGroupWords[group][language]}</summary>
      <div className={css.fields}>{children}</div>
    </details>
  );
}
