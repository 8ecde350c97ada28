import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { alertingApi, alertmanagerApi, type WireSampleAlert } from '../../../api/alertmanager.ts';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import page from '../../../ui/page.module.css';
import { Segmented } from '../../../ui/segmented.tsx';
import { Card, ErrorState } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import css from '../alerting.module.css';
import { alertingWords } from '../words.ts';
import { sampleAlerts } from './sample-alerts.ts';
import { templatesWords } from './words.ts';

/** So many alerts are enough to see what a template says. */
const maxAlerts = 20;

/** A template beside what it says. */
export function TemplateEditor({
  name: oldName,
  source,
  isReadOnly,
  onClose,
}: {
  /** Undefined: a new one. */
  readonly name: string | undefined;
  readonly source: string;
  /** It can be tried, not saved. */
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(templatesWords);
  const words = useMessages(alertingWords);
  const shared = useMessages(common);
  const client = useQueryClient();
  const [name, setName] = useState(oldName ?? '');
  const [text, setText] = useState(source);
  const [isAsked, setIsAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => grafanaAlertingApi.setTemplate(name.trim(), text),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['alerting'] });
      toast(words.saved);
      onClose();
    },
  });
  const hasName = name.trim() !== '';
  return (
    <div className={css.columns}>
      <div className={page.fieldset}>
        {!isReadOnly && (
          <Field label={m.name} {...(isAsked && !hasName ? { error: m.needName } : {})}>
            {(control) => (
              <TextInput
                {...control}
                disabled={oldName !== undefined}
                value={name}
                onChange={setName}
              />
            )}
          </Field>
        )}
        <Field label={m.content}>
          {(control) => (
            <textarea
              {...control}
              className={`${css.textarea} ${css.mono}`}
              rows={18}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {save.isError && <ErrorState error={save.error} />}
        {!isReadOnly && (
          <div className={css.actions}>
            <Button
              look="primary"
              disabled={save.isPending}
              onClick={() => {
                setIsAsked(true);
                if (hasName) save.mutate();
              }}
            >
              {m.save}
            </Button>
            <Button onClick={onClose}>{shared.cancel}</Button>
          </div>
        )}
      </div>
      <TemplatePreview template={text} />
    </div>
  );
}

function TemplatePreview({ template: typed }: { readonly template: string }): ReactNode {
  const m = useMessages(templatesWords);
  const template = useDeferredValue(typed);
  const [kind, setKind] = useState<'sample' | 'current'>('sample');
  const current = useQuery({
    queryKey: ['alerting', 'matching', []],
    queryFn: ({ signal }) => alertmanagerApi.alerts([], signal),
    enabled: kind === 'current',
  });
  const firing: WireSampleAlert[] = (current.data ?? []).slice(0, maxAlerts).map((alert) => ({
    status: 'firing',
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: Date.parse(alert.startsAt),
    generatorUrl: alert.generatorURL,
  }));
  const alerts = kind === 'current' && firing.length > 0 ? firing : sampleAlerts(Date.now());
  const query = useQuery({
    queryKey: ['alerting', 'preview', template, kind, firing.length],
    queryFn: ({ signal }) => alertingApi.preview({ template, alerts, receiver: 'preview' }, signal),
    placeholderData: (previous) => previous,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Card
      title={m.preview}
      actions={
        <Segmented
          label={m.with}
          value={kind}
          options={[
            { value: 'sample', label: m.sample },
            { value: 'current', label: m.current },
          ]}
          onChange={setKind}
        />
      }
    >
      <div className={css.cardBody} aria-live="polite">
        {query.isError && <ErrorState error={query.error} />}
        {query.data?.results.map(({ name, text, error }) => (
          <div key={name}>
            <h3 className={css.quiet}>{name || m.outside}</h3>
            {error === undefined ? (
              <pre className={css.code}>{text}</pre>
            ) : (
              <p className={css.error}>{error}</p>
            )}
          </div>
        ))}
      </div>
    </Card>
  );
}
