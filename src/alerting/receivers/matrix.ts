import { type Field, optional, path, type Secret, secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncatedBytes } from './texts.ts';

/** An event may be 64 KiB, both forms of the text included. */
const maxTextBytes = 24_000;

export interface MatrixConfig extends CommonFields {
  readonly homeserverUrl: string;
  readonly accessToken: Secret | undefined;
  readonly accessTokenFile: string | undefined;
  readonly roomId: string;
  readonly message: string;
  readonly html: string;
}

export const matrix: Field<MatrixConfig> = section<MatrixConfig>(
  {
    ...common(true),
    homeserverUrl: text(),
    accessToken: secret,
    accessTokenFile: optional(path),
    roomId: text(),
    message: text('{{ template "matrix.default.message" . }}'),
    html: text('{{ template "matrix.default.html" . }}'),
  },
  ({ homeserverUrl, roomId, accessToken, accessTokenFile }) => {
    if (!/^https?:\/\/./.test(homeserverUrl)) return 'homeserver_url must be an http or https URL';
    if (roomId === '') return 'missing room_id in matrix config';
    return fileProblem('access_token', [accessToken, accessTokenFile], 'needed');
  },
);

/** The client API. A message tried again has the transaction of the first try: it appears once. */
export function matrixSender(config: MatrixConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const token = await revealed(config.accessToken, config.accessTokenFile, 'Matrix access token');
    const html = truncatedBytes(texts.html(config.html), maxTextBytes);
    const body = {
      msgtype: 'm.text',
      body: truncatedBytes(texts.text(config.message), maxTextBytes),
      ...(html === '' ? {} : { format: 'org.matrix.custom.html', formatted_body: html }),
    };
    const transaction = groupHash(`${notification.groupKey} ${notification.nowMs}`);
    const room = encodeURIComponent(texts.text(config.roomId));
    const base = config.homeserverUrl.replace(/\/*$/, '');
    await http.post({
      url: `${base}/_matrix/client/v3/rooms/${room}/send/m.room.message/${transaction}`,
      method: 'PUT',
      body,
      headers: { authorization: `Bearer ${token}` },
      signal,
    });
    return undefined;
  });
}
