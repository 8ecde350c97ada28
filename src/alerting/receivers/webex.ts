import { type Field, section, text } from '#metrics/config';
import { type CommonFields, common } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { textsFor, truncatedBytes, withoutBlank } from './texts.ts';

const maxMessageBytes = 7439;

export interface WebexConfig extends CommonFields {
  readonly apiUrl: string;
  readonly message: string;
  readonly roomId: string;
}

export const webex: Field<WebexConfig> = section<WebexConfig>(
  {
    ...common(true),
    apiUrl: text(),
    message: text('{{ template "webex.default.message" . }}'),
    roomId: text(),
  },
  ({ roomId, httpConfig }) => {
    if (roomId === '') return 'missing room_id on webex_config';
    return httpConfig?.authorization === undefined
      ? 'missing webex_configs.http_config.authorization'
      : undefined;
  },
);

export function webexSender(config: WebexConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const body = {
      markdown: truncatedBytes(text(config.message), maxMessageBytes),
      ...withoutBlank({ roomId: text(config.roomId) }),
    };
    await http.post({ url: config.apiUrl, body, signal });
    return undefined;
  });
}
