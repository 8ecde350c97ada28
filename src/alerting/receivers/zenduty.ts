import { type Field, optional, path, type Secret, secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { statusOf } from '../template/data.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated } from './texts.ts';

const maxMessageChars = 1000;
const maxSummaryChars = 20_000;

export interface ZendutyConfig extends CommonFields {
  /** Of the service. */
  readonly apiUrl: string;
  readonly integrationKey: Secret | undefined;
  readonly integrationKeyFile: string | undefined;
  readonly alertType: string;
  readonly message: string;
  readonly summary: string;
}

export const zenduty: Field<ZendutyConfig> = section<ZendutyConfig>(
  {
    ...common(true),
    apiUrl: text('https://www.zenduty.com/'),
    integrationKey: secret,
    integrationKeyFile: optional(path),
    alertType: text('critical'),
    message: text('{{ template "zenduty.default.message" . }}'),
    summary: text('{{ template "zenduty.default.summary" . }}'),
  },
  ({ integrationKey, integrationKeyFile, alertType }) =>
    alertType.includes('{{') ||
    ['critical', 'acknowledged', 'resolved', 'error', 'warning', 'info'].includes(alertType)
      ? fileProblem('integration_key', [integrationKey, integrationKeyFile], 'needed')
      : `alert_type ${JSON.stringify(alertType)} is none of critical, acknowledged, resolved, error, warning, info`,
);

/** Zenduty's events API: one incident for each group, resolved when all is over. */
export function zendutySender(config: ZendutyConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const key = await revealed(
      config.integrationKey,
      config.integrationKeyFile,
      'Zenduty integration key',
    );
    const isFiring = statusOf(notification.alerts) === 'firing';
    const body = {
      message: truncated(text(config.message), maxMessageChars),
      summary: truncated(text(config.summary), maxSummaryChars),
      alert_type: isFiring ? text(config.alertType) : 'resolved',
      entity_id: groupHash(notification.groupKey),
    };
    const url = `${config.apiUrl.replace(/\/*$/, '')}/api/events/${encodeURIComponent(key)}/`;
    await http.post({ url, body, signal });
    return undefined;
  });
}
