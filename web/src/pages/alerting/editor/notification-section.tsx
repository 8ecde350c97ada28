import { type ReactNode, useState } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { Select } from '../../../ui/select.tsx';
import css from '../alerting.module.css';
import { Why } from '../alerts/why.tsx';
import { useContactPoints } from '../use-contact-points.ts';
import { PairRows } from './pair-rows.tsx';
import { type DraftProblem, draftLabels, type RuleDraft } from './rule-draft.ts';
import { editorWords } from './words.ts';

/** Labels of the alerts, and who is told of them. */
export function NotificationSection({
  draft,
  folderTitle,
  problems,
  onChange,
}: {
  readonly draft: RuleDraft;
  readonly folderTitle: string;
  readonly problems: readonly DraftProblem[];
  readonly onChange: (change: Partial<RuleDraft>) => void;
}): ReactNode {
  const m = useMessages(editorWords);
  const { names } = useContactPoints();
  const [isShown, setIsShown] = useState(false);
  const labels = {
    alertname: draft.title.trim(),
    grafana_folder: folderTitle,
    ...draftLabels(draft),
  };
  return (
    <>
      <PairRows
        legend={m.labels}
        nameLabel={m.labelName}
        valueLabel={m.labelValue}
        addLabel={m.addLabel}
        value={draft.labels}
        onChange={(next) => onChange({ labels: next })}
      />
      <div>
        <Segmented
          label={m.recipient}
          value={draft.recipient}
          options={[
            { value: 'policies', label: m.usePolicies },
            { value: 'point', label: m.selectPoint },
          ]}
          onChange={(recipient) => onChange({ recipient })}
        />
      </div>
      {draft.recipient === 'point' && (
        <Field
          label={m.contactPoint}
          {...(problems.includes('receiver') ? { error: m.problems.receiver } : {})}
        >
          {({ id }) => (
            <div className={css.pick}>
              <Select
                id={id}
                label={m.contactPoint}
                value={draft.receiver}
                options={[
                  ...(draft.receiver === '' ? [{ value: '', label: '–' }] : []),
                  ...names.map((name) => ({ value: name, label: name })),
                ]}
                onChange={(receiver) => onChange({ receiver })}
              />
            </div>
          )}
        </Field>
      )}
      {draft.recipient === 'policies' && (
        <>
          <div>
            <Button aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
              {m.previewRouting}
            </Button>
          </div>
          {isShown && <Why labels={labels} />}
        </>
      )}
    </>
  );
}
