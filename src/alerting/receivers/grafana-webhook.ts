import { choice, count, duration, type Field, type Secret, section, text } from '#metrics/config';
import { type CommonFields, common, secretUrl } from '../config/common-fields.ts';
import type { Notification } from '../contract.ts';
import { statusOf } from '../template/data.ts';
import { ruleAlertFacts } from '../template/grafana-data.ts';
import { messageFor, type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { textsFor } from './texts.ts';
import { webhookBody } from './webhook.ts';

/** Webhooks as contact points make them: Alertmanager's body with what rules know. */
export interface GrafanaWebhookConfig extends CommonFields {
  readonly url: Secret | undefined;
  readonly httpMethod: 'POST' | 'PUT';
  /** 0: all. */
  readonly maxAlerts: number;
  readonly title: string;
  readonly message: string;
  readonly timeoutMs: number;
}

export const grafanaWebhook: Field<GrafanaWebhookConfig> = section<GrafanaWebhookConfig>(
  {
    ...common(true),
    url: secretUrl,
    httpMethod: choice<'POST' | 'PUT'>(['POST', 'PUT'], 'POST'),
    maxAlerts: count(0),
    title: text('{{ template "default.title" . }}'),
    message: text('{{ template "default.message" . }}'),
    timeoutMs: duration(0),
  },
  ({ url }) => (url === undefined ? "required field 'url' is not specified" : undefined),
);

export function grafanaWebhookSender(config: GrafanaWebhookConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const message = await messageFor(deps, notification, signal);
    const imageUrl = message?.picture?.url ?? '';
    await http.post({
      url: config.url?.reveal() ?? '',
      method: config.httpMethod,
      body: grafanaWebhookBody(config, notification, texts, imageUrl),
      timeoutMs: config.timeoutMs,
      signal,
    });
    return undefined;
  });
}

/** Version 1 of the body. */
export function grafanaWebhookBody(
  { maxAlerts, title, message }: Pick<GrafanaWebhookConfig, 'maxAlerts' | 'title' | 'message'>,
  notification: Notification,
  texts: Pick<Texts, 'text'>,
  imageUrl = '',
): object {
  const { alerts, ...common } = webhookBody(notification, maxAlerts) as {
    readonly alerts: readonly object[];
  };
  return {
    ...common,
    version: '1',
    orgId: 1,
    alerts: alerts.map((alert, at) => {
      const facts = ruleAlertFacts(notification.alerts[at]!, notification.externalUrl);
      return {
        ...alert,
        values: facts.values ?? null,
        valueString: facts.valueString,
        silenceURL: facts.silenceUrl,
        dashboardURL: facts.dashboardUrl,
        panelURL: facts.panelUrl,
        imageURL: imageUrl,
      };
    }),
    title: texts.text(title),
    state: statusOf(notification.alerts) === 'firing' ? 'alerting' : 'ok',
    message: texts.text(message),
  };
}
