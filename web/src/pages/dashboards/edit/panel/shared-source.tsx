import type { ReactNode } from 'react';
import type { Panel, Target } from '../../../../../../src/dashboards/model/contract.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Field } from '../../../../ui/field.tsx';
import { Select } from '../../../../ui/select.tsx';
import css from './panel-editor.module.css';
import type { ChangePanel } from './queries-tab.tsx';
import { panelWords } from './words.ts';

/** Whose answers a panel shows that asks nothing itself. */
export function SharedSource({
  panel,
  panels,
  onChange,
}: {
  readonly panel: Panel;
  readonly panels: readonly Panel[];
  readonly onChange: ChangePanel;
}): ReactNode {
  const m = useMessages(panelWords);
  const [target = { refId: 'A' } as Target] = panel.targets ?? [];
  const others = panels.filter(({ id, type }) => id !== panel.id && type !== 'row');
  const set = (change: Readonly<Record<string, unknown>>): void =>
    onChange((before) => ({ ...before, targets: [{ ...target, ...change }] }), 'shared');
  const chosen = target['panelId'] === undefined ? '' : String(target['panelId']);
  const options = others.map(({ id, title }) => ({
    value: String(id),
    label: `${title || m.panel} (${id})`,
  }));
  if (!options.some(({ value }) => value === chosen)) {
    options.unshift({ value: chosen, label: chosen === '' ? m.choose : chosen });
  }
  if (others.length === 0) return <p className={css.note}>{m.noOtherPanel}</p>;
  return (
    <div className={css.line}>
      <Field label={m.sharedPanel}>
        {({ id }) => (
          <Select
            id={id}
            label={m.sharedPanel}
            value={chosen}
            options={options}
            onChange={(next) => {
              if (next !== '') set({ panelId: Number(next) });
            }}
          />
        )}
      </Field>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={target['withTransforms'] === true}
          onChange={(event) => set({ withTransforms: event.target.checked })}
        />
        <span>{m.withTransforms}</span>
      </label>
    </div>
  );
}
