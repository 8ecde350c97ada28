import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { alertingApi } from '../../../api/alertmanager.ts';
import type { WireContactPoint } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { Card } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { sampleAlerts } from '../templates/sample-alerts.ts';
import type { IntegrationKind } from './integration-kinds.ts';
import { contactPointsWords } from './words.ts';

/** How the texts of an integration come out, as it is typed. */
export function MessagePreview({
  kind,
  name,
  integration,
}: {
  readonly kind: IntegrationKind | undefined;
  readonly name: string;
  readonly integration: WireContactPoint;
}): ReactNode {
  const m = useMessages(contactPointsWords);
  const fields = (kind?.fields ?? []).filter((field) => field.kind === 'template');
  if (fields.length === 0) return null;
  return (
    <Card title={m.preview}>
      <div className={css.cardBody}>
        <span className={css.quiet}>{m.previewHelp}</span>
        {fields.map(({ key, label, placeholder }) => (
          <Text
            key={key}
            label={label}
            receiver={name}
            template={String(integration.settings[key] ?? '') || placeholder}
          />
        ))}
      </div>
    </Card>
  );
}

function Text({
  label,
  receiver,
  template,
}: {
  readonly label: string;
  readonly receiver: string;
  readonly template: string;
}): ReactNode {
  const query = useQuery({
    queryKey: ['alerting', 'preview', receiver, template],
    queryFn: ({ signal }) =>
      alertingApi.preview({ template, receiver, alerts: sampleAlerts(Date.now()) }, signal),
    placeholderData: (previous) => previous,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const result = query.data?.results.find(({ name }) => name === '');
  return (
    <div>
      <h3 className={css.quiet}>{label}</h3>
      {result?.error === undefined && !query.isError ? (
        <pre className={css.code}>{result?.text ?? ''}</pre>
      ) : (
        <p className={css.error}>{result?.error ?? query.error?.message}</p>
      )}
    </div>
  );
}
