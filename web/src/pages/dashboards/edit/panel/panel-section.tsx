import type { ReactNode } from 'react';
import type { Panel, Variable } from '../../../../../../src/dashboards/model/contract.ts';
import { panelKinds } from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { withPanelType } from '../../../../dashboards/editing/panels.ts';
import { withValueAt } from '../../../../dashboards/editing/paths.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import controls from '../../../../ui/controls.module.css';
import { Field, TextInput } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import { editWords } from '../words.ts';
import { LinksField } from './links-field.tsx';
import { NumberInput } from './number-input.tsx';
import css from './panel-editor.module.css';
import type { ChangePanel } from './queries-tab.tsx';
import { panelWords } from './words.ts';

/** The panel itself: type, words, links, repetition. */
export function PanelSection({
  panel,
  variables,
  onChange,
}: {
  readonly panel: Panel;
  readonly variables: readonly Variable[];
  readonly onChange: ChangePanel;
}): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(panelWords);
  const { language } = usePreferences();
  const set = (key: string, value: unknown): void =>
    onChange(
      (before) => withValueAt(before, key, value === '' ? undefined : value) as unknown as Panel,
      key,
    );
  const types = panelKinds
    .filter(({ isDrawn, type }) => isDrawn && type !== 'row')
    .map(({ type, name }) => ({ value: type, label: name[language] }));
  if (!types.some(({ value }) => value === panel.type)) {
    types.unshift({ value: panel.type, label: panel.type });
  }
  return (
    <details open className={css.section}>
      <summary>{own.panel}</summary>
      <div className={css.fields}>
        <Field label={own.panelType}>
          {({ id }) => (
            <Select
              id={id}
              label={own.panelType}
              value={panel.type}
              options={types}
              onChange={(type) => onChange((before) => withPanelType(before, type), 'type')}
            />
          )}
        </Field>
        <Field label={m.title}>
          {(control) => (
            <TextInput
              {...control}
              value={panel.title ?? ''}
              onChange={(title) => onChange((before) => ({ ...before, title }), 'title')}
            />
          )}
        </Field>
        <Field label={m.description}>
          {({ id }) => (
            <textarea
              id={id}
              className={`${controls.input} ${css.json}`}
              rows={2}
              value={panel.description ?? ''}
              onChange={(event) => set('description', event.target.value)}
            />
          )}
        </Field>
        <label className={css.check}>
          <input
            type="checkbox"
            checked={panel.transparent === true}
            onChange={(event) => set('transparent', event.target.checked || undefined)}
          />
          <span>{own.transparent}</span>
        </label>
        <Field label={own.links}>
          {() => (
            <LinksField
              value={panel.links}
              onChange={(links) => set('links', links.length === 0 ? undefined : links)}
            />
          )}
        </Field>
        <Field label={m.repeat}>
          {({ id }) => (
            <Select
              id={id}
              label={m.repeat}
              value={panel.repeat ?? ''}
              options={[
                { value: '', label: m.noRepeat },
                ...variables.map(({ name }) => ({ value: name, label: name })),
              ]}
              onChange={(name) => set('repeat', name)}
            />
          )}
        </Field>
        {(panel.repeat ?? '') !== '' && (
          <div className={css.line}>
            <Segmented
              label={own.direction}
              value={panel.repeatDirection ?? 'h'}
              options={[
                { value: 'h', label: own.across },
                { value: 'v', label: own.downwards },
              ]}
              onChange={(direction) => set('repeatDirection', direction)}
            />
            {panel.repeatDirection !== 'v' && (
              <NumberInput
                label={own.maxPerRow}
                placeholder="4"
                min={1}
                max={24}
                value={panel.maxPerRow}
                onChange={(value) => set('maxPerRow', value)}
              />
            )}
          </div>
        )}
      </div>
    </details>
  );
}
