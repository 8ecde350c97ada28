import type { ReactNode } from 'react';
import type { Dashboard } from '../../../../../../src/dashboards/model/contract.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { Combobox } from '../../../../ui/combobox.tsx';
import controls from '../../../../ui/controls.module.css';
import { Field, TextInput } from '../../../../ui/field.tsx';
import { Segmented } from '../../../../ui/segmented.tsx';
import { Select } from '../../../../ui/select.tsx';
import { LazyText } from '../panel/lazy-text.tsx';
import panelCss from '../panel/panel-editor.module.css';
import type { Editing } from '../use-editing.ts';
import { editWords } from '../words.ts';
import css from './settings-editor.module.css';
import { settingsWords } from './words.ts';

const intervals = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h'] as const;

/** Title, tags, time and the like. */
export function GeneralForm({ editing }: { readonly editing: Editing }): ReactNode {
  const m = useMessages(editWords);
  const own = useMessages(settingsWords);
  const { dashboard } = editing;
  const set = (change: Partial<Dashboard>): void =>
    editing.change(
      (before) => ({ ...before, ...change }),
      `general ${Object.keys(change).join(' ')}`,
    );
  const zone = dashboard.timezone ?? '';
  const fixedZones: Readonly<Record<string, string>> = {
    '': own.zoneOfPerson,
    browser: own.zoneOfBrowser,
    utc: 'UTC',
  };
  const zoneOfLabel = new Map(Object.entries(fixedZones).map(([value, label]) => [label, value]));
  const refresh = dashboard.refresh ?? '';
  const shownIntervals = intervals.some((one) => one === refresh) || refresh === '';
  return (
    <div className={css.fields}>
      <Field label={m.title}>
        {(control) => (
          <TextInput {...control} value={dashboard.title} onChange={(title) => set({ title })} />
        )}
      </Field>
      <Field label={m.description}>
        {({ id }) => (
          <textarea
            id={id}
            rows={3}
            className={`${controls.input} ${panelCss.json}`}
            value={dashboard.description ?? ''}
            onChange={(event) => set({ description: event.target.value })}
          />
        )}
      </Field>
      <Field label={own.tags}>
        {(control) => (
          <LazyText
            {...control}
            value={dashboard.tags.join(', ')}
            onCommit={(text) =>
              set({
                tags: [
                  ...new Set(
                    text
                      .split(',')
                      .map((tag) => tag.trim())
                      .filter(Boolean),
                  ),
                ],
              })
            }
          />
        )}
      </Field>
      <Field label={own.timeZone}>
        {() => (
          <Combobox
            label={own.timeZone}
            options={[...zoneOfLabel.keys(), ...Intl.supportedValuesOf('timeZone')]}
            value={fixedZones[zone.toLowerCase()] ?? zone}
            onChange={(label) => set({ timezone: zoneOfLabel.get(label) ?? label })}
          />
        )}
      </Field>
      <div className={panelCss.line}>
        <Field label={own.from}>
          {(control) => (
            <LazyText
              {...control}
              mono
              value={dashboard.time.from}
              onCommit={(from) => from !== '' && set({ time: { ...dashboard.time, from } })}
            />
          )}
        </Field>
        <Field label={own.to}>
          {(control) => (
            <LazyText
              {...control}
              mono
              value={dashboard.time.to}
              onCommit={(to) => to !== '' && set({ time: { ...dashboard.time, to } })}
            />
          )}
        </Field>
        <Field label={own.refresh}>
          {({ id }) => (
            <Select
              id={id}
              label={own.refresh}
              value={refresh}
              options={[
                { value: '', label: own.off },
                ...[...(shownIntervals ? [] : [refresh]), ...intervals].map((value) => ({
                  value: value as string,
                  label: value,
                })),
              ]}
              onChange={(value) => set({ refresh: value })}
            />
          )}
        </Field>
      </div>
      <Field label={own.crosshair}>
        {() => (
          <Segmented
            label={own.crosshair}
            value={String(dashboard.graphTooltip ?? 0)}
            options={([0, 1, 2] as const).map((value) => ({
              value: String(value),
              label: own.crosshairs[value],
            }))}
            onChange={(value) => set({ graphTooltip: Number(value) })}
          />
        )}
      </Field>
    </div>
  );
}
