import type { WebhookConfig } from '../config/receiver-fields.ts';
import type { Notification } from '../contract.ts';
import { webhookExtras } from '../messages/card-messages.ts';
import { commonOf, statusOf } from '../template/data.ts';
import { formatGoTime, GoTime } from '../template/go-time.ts';
import { shown } from '../template/grafana-data.ts';
import { messageFor, type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { filled, textsFor } from './texts.ts';

export function webhookSender(config: WebhookConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const url = await revealed(config.url, config.urlFile, 'url of the webhook');
    const texts = textsFor(templates, notification);
    const body =
      config.payload === undefined
        ? {
            ...webhookBody(notification, config.maxAlerts),
            ...(await extrasOf(deps, notification, signal)),
          }
        : filled(config.payload, texts);
    await http.post({ url: texts.text(url), body, timeoutMs: config.timeoutMs, signal });
    return undefined;
  });
}

/** Other programs know the body as it is: what they do not know is added only when it is asked for. */
async function extrasOf(
  deps: SenderDeps,
  notification: Notification,
  signal: AbortSignal,
): Promise<object> {
  if (deps.messages?.settings.hasWebhookExtras !== true) return {};
  const message = await messageFor(deps, notification, signal);
  return message === undefined ? {} : { nunchi: webhookExtras(message) };
}

const rfc3339 = (ms: number | undefined): string =>
  formatGoTime(new GoTime(ms), '2006-01-02T15:04:05.999999999Z07:00');

/** Version 4 of the body. @param maxAlerts 0: all */
export function webhookBody(notification: Notification, maxAlerts: number): object {
  const { alerts } = notification;
  const sent = maxAlerts > 0 ? alerts.slice(0, maxAlerts) : alerts;
  return {
    receiver: notification.receiver,
    status: statusOf(alerts),
    alerts: sent.map(({ alert, status }) => ({
      status,
      labels: shown(alert.labels),
      annotations: shown(alert.annotations),
      startsAt: rfc3339(alert.startsAtMs),
      endsAt: rfc3339(status === 'resolved' ? alert.endsAtMs : undefined),
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
    groupLabels: shown(notification.groupLabels),
    commonLabels: shown(commonOf(alerts.map(({ alert }) => alert.labels))),
    commonAnnotations: shown(commonOf(alerts.map(({ alert }) => alert.annotations))),
    externalURL: notification.externalUrl,
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: alerts.length - sent.length,
  };
}
