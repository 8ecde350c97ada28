import { useMutation } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Card } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import {
  emptyInterval,
  type IntervalForm,
  type TimingForm,
  timesOf,
  timingOf,
} from './timing-form.ts';
import { muteTimingsWords } from './words.ts';

export interface TimingDialogProps {
  readonly initial: TimingForm;
  /** Absent: a new one. */
  readonly oldName?: string;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function TimingDialog({ initial, oldName, onClose, onSaved }: TimingDialogProps): ReactNode {
  const m = useMessages(muteTimingsWords);
  const [form, setForm] = useState(initial);
  const [isAsked, setIsAsked] = useState(false);
  const hasName = form.name.trim() !== '';
  const isGood = hasName && form.intervals.every(({ times }) => timesOf(times) !== undefined);
  const save = useMutation({
    mutationFn: () =>
      oldName === undefined
        ? grafanaAlertingApi.addMuteTiming(timingOf(form))
        : grafanaAlertingApi.setMuteTiming(oldName, timingOf(form)),
    onSuccess: onSaved,
  });
  const set = (at: number, change: Partial<IntervalForm>): void =>
    setForm({
      ...form,
      intervals: form.intervals.map((one, index) => (index === at ? { ...one, ...change } : one)),
    });
  return (
    <FormDialog
      open
      wide
      title={oldName === undefined ? m.add : m.edit}
      action={m.save}
      busy={save.isPending}
      onClose={onClose}
      onSubmit={() => {
        setIsAsked(true);
        if (isGood) save.mutate();
      }}
    >
      <Field label={m.name} {...(isAsked && !hasName ? { error: m.needName } : {})}>
        {(control) => (
          <TextInput
            {...control}
            disabled={oldName !== undefined}
            value={form.name}
            onChange={(name) => setForm((latest) => ({ ...latest, name }))}
          />
        )}
      </Field>
      {form.intervals.map((interval, at) => (
        <Card
          // biome-ignore lint/suspicious/noArrayIndexKey: an interval is what stands at its place.
          key={at}
          title={m.interval(String(at + 1))}
          actions={
            form.intervals.length > 1 && (
              <IconButton
                icon={X}
                label={m.removeInterval}
                onClick={() =>
                  setForm({ ...form, intervals: form.intervals.filter((_, index) => index !== at) })
                }
              />
            )
          }
        >
          <Interval value={interval} onChange={(change) => set(at, change)} />
        </Card>
      ))}
      <div>
        <Button
          icon={Plus}
          onClick={() => setForm({ ...form, intervals: [...form.intervals, emptyInterval] })}
        >
          {m.addInterval}
        </Button>
      </div>
      {save.isError && (
        <p className={css.error} role="alert">
          {save.error.message}
        </p>
      )}
    </FormDialog>
  );
}

function Interval({
  value,
  onChange,
}: {
  readonly value: IntervalForm;
  readonly onChange: (change: Partial<IntervalForm>) => void;
}): ReactNode {
  const m = useMessages(muteTimingsWords);
  const text = (
    key: 'daysOfMonth' | 'months' | 'years' | 'location',
    label: string,
    help: string,
  ): ReactNode => (
    <div className={css.wide}>
      <Field label={label} help={help}>
        {(control) => (
          <TextInput
            {...control}
            mono
            value={value[key]}
            onChange={(next) => onChange({ [key]: next })}
          />
        )}
      </Field>
    </div>
  );
  return (
    <div className={css.cardBody}>
      <Field
        label={m.times}
        help={m.timesHelp}
        {...(timesOf(value.times) === undefined ? { error: m.badTime } : {})}
      >
        {(control) => (
          <TextInput
            {...control}
            mono
            value={value.times}
            onChange={(times) => onChange({ times })}
          />
        )}
      </Field>
      <fieldset className={page.fieldset}>
        <legend>{m.weekdays}</legend>
        <div className={css.tools}>
          {m.weekdayNames.map((name, day) => (
            <label key={name} className={css.check}>
              <input
                type="checkbox"
                checked={value.weekdays.includes(day)}
                onChange={(event) =>
                  onChange({
                    weekdays: event.target.checked
                      ? [...value.weekdays, day]
                      : value.weekdays.filter((one) => one !== day),
                  })
                }
              />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      <div className={css.row}>
        {text('daysOfMonth', m.daysOfMonth, m.daysOfMonthHelp)}
        {text('months', m.months, m.monthsHelp)}
      </div>
      <div className={css.row}>
        {text('years', m.years, m.yearsHelp)}
        {text('location', m.location, m.locationHelp)}
      </div>
    </div>
  );
}
