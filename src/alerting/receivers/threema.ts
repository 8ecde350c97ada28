import { type Field, optional, path, type Secret, secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncatedBytes } from './texts.ts';

const maxMessageBytes = 3500;

export interface ThreemaConfig extends CommonFields {
  readonly apiUrl: string;
  readonly gatewayId: string;
  readonly recipientId: string;
  readonly apiSecret: Secret | undefined;
  readonly apiSecretFile: string | undefined;
  readonly title: string;
  readonly message: string;
}

export const threema: Field<ThreemaConfig> = section<ThreemaConfig>(
  {
    ...common(true),
    apiUrl: text('https://msgapi.threema.ch/send_simple'),
    gatewayId: text(),
    recipientId: text(),
    apiSecret: secret,
    apiSecretFile: optional(path),
    title: text('{{ template "threema.default.title" . }}'),
    message: text('{{ template "threema.default.message" . }}'),
  },
  ({ gatewayId, recipientId, apiSecret, apiSecretFile }) => {
    if (!/^\*[0-9A-Z]{7}$/.test(gatewayId)) {
      return 'gateway_id must be a * and seven capital letters or digits';
    }
    return /^[0-9A-Z]{8}$/.test(recipientId)
      ? fileProblem('api_secret', [apiSecret, apiSecretFile], 'needed')
      : 'recipient_id must be eight capital letters or digits';
  },
);

/** Threema's gateway. */
export function threemaSender(config: ThreemaConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const parts = [text(config.title).trim(), text(config.message).trim()];
    const body = new URLSearchParams({
      from: config.gatewayId,
      to: config.recipientId,
      secret: await revealed(config.apiSecret, config.apiSecretFile, 'Threema API secret'),
      text: truncatedBytes(parts.filter((part) => part !== '').join('\n'), maxMessageBytes),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await http.post({ url: config.apiUrl, body: body.toString(), headers, signal });
    return undefined;
  });
}
