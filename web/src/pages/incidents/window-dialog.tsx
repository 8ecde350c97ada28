import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { maintenanceApi, type WireWrittenWindow } from '../../api/maintenance.ts';
import { useMessages } from '../../i18n/messages.ts';
import { usePreferences } from '../../state/preferences.ts';
import { resolveZone } from '../../time/zone.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Field, TextInput } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { MatcherRows } from '../alerting/matcher-rows.tsx';
import css from './maintenance.module.css';
import { maintenanceWords } from './maintenance-words.ts';
import {
  checkWindow,
  newWindowForm,
  type Recurrence,
  type WindowForm,
  type WindowProblems,
} from './window-form.ts';

const labelNames = [
  'namespace',
  'owner_kind',
  'owner_name',
  'node',
  'cluster',
  'severity',
  'alertname',
];
const recurrences: readonly Recurrence[] = ['once', 'weekly', 'cron'];

type TextKey = 'name' | 'comment' | 'from' | 'to' | 'time' | 'schedule' | 'lasts' | 'timeZone';

interface FieldsProps {
  readonly form: WindowForm;
  readonly problems: WindowProblems;
  readonly set: (change: Partial<WindowForm>) => void;
}

/** A new maintenance window. */
export function WindowDialog({
  onClose,
  onSaved,
}: {
  readonly onClose: () => void;
  readonly onSaved: () => void;
}): ReactNode {
  const m = useMessages(maintenanceWords);
  const zone = resolveZone(usePreferences().zone);
  const [form, setForm] = useState(() => newWindowForm(zone));
  const [isAsked, setIsAsked] = useState(false);
  const checked = checkWindow(form, { nowMs: Date.now(), zone });
  const problems = isAsked ? checked.problems : {};
  const set = (change: Partial<WindowForm>): void =>
    setForm((latest) => ({ ...latest, ...change }));
  const save = useMutation({
    mutationFn: (window: WireWrittenWindow) => maintenanceApi.add(window),
    onSuccess: onSaved,
  });
  return (
    <FormDialog
      open
      wide
      title={m.add}
      action={m.create}
      busy={save.isPending}
      onClose={onClose}
      onSubmit={() => {
        setIsAsked(true);
        if (checked.window !== undefined) save.mutate(checked.window);
      }}
    >
      <Text {...{ form, set }} name="name" label={m.name} error={problems.name && m.needName} />
      <MatcherRows
        legend={m.matchers}
        value={form.matchers}
        names={labelNames}
        onChange={(matchers) => set({ matchers })}
      />
      <div>
        <Segmented<Recurrence>
          label={m.recurrence}
          value={form.recurrence}
          options={recurrences.map((value) => ({ value, label: m.recurrences[value] }))}
          onChange={(recurrence) => set({ recurrence })}
        />
      </div>
      {form.recurrence === 'once' ? (
        <Once {...{ form, problems, set }} />
      ) : (
        <Again {...{ form, problems, set }} />
      )}
      <Text {...{ form, set }} name="comment" label={m.comment} />
      {save.isError && (
        <p className={css.error} role="alert">
          {save.error.message}
        </p>
      )}
    </FormDialog>
  );
}

function Text({
  form,
  set,
  name,
  label,
  help,
  error,
  mono = false,
}: Omit<FieldsProps, 'problems'> & {
  readonly name: TextKey;
  readonly label: string;
  readonly help?: string;
  readonly error?: string | undefined;
  readonly mono?: boolean;
}): ReactNode {
  return (
    <div>
      <Field label={label} {...(help === undefined ? {} : { help })} error={error}>
        {(control) => (
          <TextInput
            {...control}
            mono={mono}
            value={form[name]}
            onChange={(text) => set({ [name]: text })}
          />
        )}
      </Field>
    </div>
  );
}

function Once({ form, problems, set }: FieldsProps): ReactNode {
  const m = useMessages(maintenanceWords);
  const common = { form, set, mono: true, help: m.timeHelp };
  return (
    <div className={css.row}>
      <Text {...common} name="from" label={m.from} error={problems.from && m.badFrom} />
      <Text {...common} name="to" label={m.to} error={problems.to && m.badTo} />
    </div>
  );
}

function Again({ form, problems, set }: FieldsProps): ReactNode {
  const m = useMessages(maintenanceWords);
  const common = { form, set, mono: true };
  const { days } = form;
  return (
    <>
      {form.recurrence === 'weekly' ? (
        <>
          <fieldset className={css.days}>
            <legend>{m.days}</legend>
            {m.dayNames.map((name, day) => (
              <label key={name}>
                <input
                  type="checkbox"
                  checked={days.includes(day)}
                  onChange={({ target }) =>
                    set({
                      days: target.checked ? [...days, day] : days.filter((one) => one !== day),
                    })
                  }
                />
                {name}
              </label>
            ))}
          </fieldset>
          {problems.days && <p className={css.error}>{m.badDays}</p>}
        </>
      ) : (
        <Text {...common} name="schedule" label={m.schedule} help={m.scheduleHelp} />
      )}
      <div className={css.row}>
        {form.recurrence === 'weekly' && (
          <Text {...common} name="time" label={m.time} error={problems.time && m.badTime} />
        )}
        <Text
          {...common}
          name="lasts"
          label={m.lasts}
          help={m.lastsHelp}
          error={problems.lasts && m.badLasts}
        />
        <Text {...common} name="timeZone" label={m.timeZone} />
      </div>
    </>
  );
}
