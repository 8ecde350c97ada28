import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { grafanaAlertingApi, type WireContactPoint } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Status } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { pairsOf } from './pairs.ts';
import { contactPointsWords } from './words.ts';

/** Sends a message to one integration as the form has it, saved or not. */
export function TestDialog({
  name,
  integration,
  onClose,
}: {
  readonly name: string;
  readonly integration: WireContactPoint;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const [kind, setKind] = useState<'predefined' | 'custom'>('predefined');
  const [annotations, setAnnotations] = useState('summary=Notification test');
  const [labels, setLabels] = useState('alertname=TestAlert\ninstance=Grafana');
  const test = useMutation({
    mutationFn: async () => {
      const alert =
        kind === 'custom'
          ? { labels: pairsOf(labels), annotations: pairsOf(annotations) }
          : undefined;
      const answer = await grafanaAlertingApi.testReceiver(name || 'test', [integration], alert);
      const [first] = answer.receivers.flatMap((one) => one.grafana_managed_receiver_configs);
      if (first?.status !== 'ok') throw new Error(first?.error ?? m.testFailed);
    },
  });
  const pairs = (label: string, value: string, change: (text: string) => void): ReactNode => (
    <Field label={label} help={m.pairsHelp}>
      {(control) => (
        <textarea
          {...control}
          className={`${css.textarea} ${css.mono}`}
          spellCheck={false}
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <FormDialog
      open
      title={m.testTitle}
      action={m.send}
      busy={test.isPending}
      onClose={onClose}
      onSubmit={() => test.mutate()}
    >
      <Segmented
        label={m.testTitle}
        value={kind}
        options={[
          { value: 'predefined', label: m.predefined },
          { value: 'custom', label: m.custom },
        ]}
        onChange={setKind}
      />
      {kind === 'predefined' ? (
        <p className={css.quiet}>{m.testPredefined}</p>
      ) : (
        <>
          {pairs(m.annotationsText, annotations, setAnnotations)}
          {pairs(m.labelsText, labels, setLabels)}
        </>
      )}
      <div role="status">
        {test.isSuccess && <Status kind="ok">{m.sent}</Status>}
        {test.isError && (
          <div className={css.error}>
            {m.testFailed}: {test.error.message}
          </div>
        )}
      </div>
    </FormDialog>
  );
}
