import { type ReactNode, useId } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { Field, TextInput } from '../../ui/field.tsx';
import page from '../../ui/page.module.css';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import css from './reports.module.css';
import type { Cadence, Timing } from './schedule.ts';
import { reportWords } from './words.ts';

const cadences: readonly Cadence[] = ['daily', 'weekdays', 'weekly', 'monthly', 'cron'];

/** When it is sent, in people's words or in cron's. */
export function TimingFields({
  timing,
  timeZone,
  onTiming,
  onTimeZone,
}: {
  readonly timing: Timing;
  readonly timeZone: string;
  readonly onTiming: (timing: Timing) => void;
  readonly onTimeZone: (timeZone: string) => void;
}): ReactNode {
  const m = useMessages(reportWords);
  const zones = useId();
  const { cadence } = timing;
  return (
    <fieldset className={page.fieldset}>
      <legend>{m.schedule}</legend>
      <Segmented<Cadence>
        label={m.schedule}
        value={cadence}
        options={cadences.map((value) => ({ value, label: m.cadences[value] }))}
        onChange={(next) => onTiming({ ...timing, cadence: next })}
      />
      <div className={css.row}>
        {cadence === 'weekly' && (
          <Field label={m.weekday}>
            {({ id }) => (
              <Select
                id={id}
                label={m.weekday}
                value={String(timing.weekday)}
                options={m.weekdays.split(',').map((label, at) => ({ value: String(at), label }))}
                onChange={(text) => onTiming({ ...timing, weekday: Number(text) })}
              />
            )}
          </Field>
        )}
        {cadence === 'monthly' && (
          <Field label={m.day}>
            {(control) => (
              <TextInput
                {...control}
                type="number"
                min={1}
                max={28}
                value={timing.day}
                onChange={(text) =>
                  onTiming({ ...timing, day: Math.min(28, Math.max(1, Number(text) || 1)) })
                }
              />
            )}
          </Field>
        )}
        {cadence === 'cron' ? (
          <Field label={m.cron}>
            {(control) => (
              <TextInput
                {...control}
                mono
                value={timing.cron}
                onChange={(cron) => onTiming({ ...timing, cron })}
              />
            )}
          </Field>
        ) : (
          <Field label={m.time}>
            {(control) => (
              <TextInput
                {...control}
                type="time"
                value={timing.time}
                onChange={(time) => onTiming({ ...timing, time: time || '09:00' })}
              />
            )}
          </Field>
        )}
        <Field label={m.timeZone}>
          {(control) => (
            <>
              <TextInput {...control} mono list={zones} value={timeZone} onChange={onTimeZone} />
              <datalist id={zones}>
                {Intl.supportedValuesOf('timeZone').map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </div>
    </fieldset>
  );
}
