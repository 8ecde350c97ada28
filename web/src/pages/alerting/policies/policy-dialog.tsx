import { type ReactNode, useState } from 'react';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { MultiCombobox } from '../../../ui/combobox.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import { MatcherRows } from '../matcher-rows.tsx';
import { isDuration, type PolicyForm } from './policy-form.ts';
import { policiesWords } from './words.ts';

export interface PolicyDialogProps {
  readonly kind: 'default' | 'nested' | 'new';
  readonly initial: PolicyForm;
  readonly receivers: readonly string[];
  readonly timings: readonly string[];
  readonly isBusy: boolean;
  readonly error: string | undefined;
  readonly onClose: () => void;
  readonly onSave: (form: PolicyForm) => void;
}

export function PolicyDialog(props: PolicyDialogProps): ReactNode {
  const { kind, initial, receivers, timings, isBusy, error, onClose, onSave } = props;
  const m = useMessages(policiesWords);
  const words = useMessages(common);
  const [form, setForm] = useState(initial);
  const [isAsked, setIsAsked] = useState(false);
  const set = (change: Partial<PolicyForm>): void =>
    setForm((latest) => ({ ...latest, ...change }));
  const isDefault = kind === 'default';
  const durations = [form.groupWait, form.groupInterval, form.repeatInterval];
  const isGood = durations.every(isDuration) && !(isDefault && form.receiver === '');
  const duration = (
    label: string,
    help: string,
    value: string,
    change: (text: string) => void,
  ): ReactNode => (
    <div className={css.wide}>
      <Field label={label} help={help} {...(isDuration(value) ? {} : { error: m.badDuration })}>
        {(control) => (
          <TextInput
            {...control}
            mono
            placeholder={isDefault ? '' : m.inherited}
            value={value}
            onChange={change}
          />
        )}
      </Field>
    </div>
  );
  const receiverLabel = isDefault ? m.defaultContactPoint : m.contactPoint;
  return (
    <FormDialog
      open
      wide
      title={isDefault ? m.editDefault : kind === 'new' ? m.addNested : m.editPolicy}
      action={isDefault ? m.updateDefault : kind === 'new' ? m.add : m.update}
      busy={isBusy}
      onClose={onClose}
      onSubmit={() => {
        setIsAsked(true);
        if (isGood) onSave(form);
      }}
    >
      {!isDefault && (
        <MatcherRows
          value={form.matchers}
          names={['alertname', 'grafana_folder', 'severity', 'team', 'namespace']}
          onChange={(matchers) => set({ matchers })}
        />
      )}
      <Field
        label={receiverLabel}
        {...(isAsked && isDefault && form.receiver === '' ? { error: m.needReceiver } : {})}
      >
        {({ id }) => (
          <div className={css.pick}>
            <Select
              id={id}
              label={receiverLabel}
              value={form.receiver}
              options={[
                ...(isDefault ? [] : [{ value: '', label: m.inherited }]),
                ...receivers.map((name) => ({ value: name, label: name })),
              ]}
              onChange={(receiver) => set({ receiver })}
            />
          </div>
        )}
      </Field>
      <Field label={m.groupBy} help={m.groupByHelp}>
        {(control) => (
          <TextInput
            {...control}
            mono
            placeholder={isDefault ? m.groupByPlaceholder : m.inherited}
            value={form.groupBy}
            onChange={(groupBy) => set({ groupBy })}
          />
        )}
      </Field>
      <fieldset className={page.fieldset}>
        <legend>{m.timingOptions}</legend>
        <div className={css.row}>
          {duration(m.groupWait, m.groupWaitHelp, form.groupWait, (groupWait) =>
            set({ groupWait }),
          )}
          {duration(m.groupInterval, m.groupIntervalHelp, form.groupInterval, (groupInterval) =>
            set({ groupInterval }),
          )}
          {duration(m.repeatInterval, m.repeatIntervalHelp, form.repeatInterval, (repeat) =>
            set({ repeatInterval: repeat }),
          )}
        </div>
      </fieldset>
      {!isDefault && (
        <>
          <label className={css.check}>
            <input
              type="checkbox"
              checked={form.continue}
              onChange={(event) => set({ continue: event.target.checked })}
            />
            {m.continueLabel}
          </label>
          {timings.length > 0 && (
            <MultiCombobox
              label={m.muteTimings}
              placeholder={`${m.muteTimings}: ${words.none}`}
              options={timings}
              value={form.muteTimings}
              onChange={(muteTimings) => set({ muteTimings })}
            />
          )}
        </>
      )}
      {error !== undefined && (
        <p className={css.error} role="alert">
          {error}
        </p>
      )}
    </FormDialog>
  );
}
