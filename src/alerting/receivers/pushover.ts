import {
  duration,
  type Field,
  flag,
  optional,
  path,
  type Secret,
  secret,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated } from './texts.ts';

const maxTitleChars = 250;
const maxMessageChars = 1024;
const maxUrlChars = 512;
const maxUrlTitleChars = 100;

export interface PushoverConfig extends CommonFields {
  /** Of the service; a key of our own, for relays. */
  readonly apiUrl: string;
  readonly userKey: Secret | undefined;
  readonly userKeyFile: string | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly title: string;
  readonly message: string;
  readonly url: string;
  readonly urlTitle: string;
  readonly device: string;
  readonly sound: string;
  readonly priority: string;
  readonly retryMs: number;
  readonly expireMs: number;
  readonly ttlMs: number;
  readonly html: boolean;
  readonly monospace: boolean;
}

export const pushover: Field<PushoverConfig> = section<PushoverConfig>(
  {
    ...common(true),
    apiUrl: text('https://api.pushover.net/1/messages.json'),
    userKey: secret,
    userKeyFile: optional(path),
    token: secret,
    tokenFile: optional(path),
    title: text('{{ template "pushover.default.title" . }}'),
    message: text('{{ template "pushover.default.message" . }}'),
    url: text('{{ template "pushover.default.url" . }}'),
    urlTitle: text(),
    device: text(),
    sound: text(),
    priority: text('{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
    retryMs: duration(60_000),
    expireMs: duration(3_600_000),
    ttlMs: duration(0),
    html: flag(false),
    monospace: flag(false),
  },
  ({ userKey, userKeyFile, token, tokenFile, html, monospace }) =>
    fileProblem('user_key', [userKey, userKeyFile], 'needed') ??
    fileProblem('token', [token, tokenFile], 'needed') ??
    (html && monospace ? 'at most one of monospace & html must be configured' : undefined),
);

export function pushoverSender(config: PushoverConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const { text } = texts;
    const message = (config.html ? texts.html(config.message) : text(config.message)).trim();
    const body = new URLSearchParams({
      token: text(await revealed(config.token, config.tokenFile, 'Pushover token')),
      user: text(await revealed(config.userKey, config.userKeyFile, 'Pushover user key')),
      title: truncated(text(config.title), maxTitleChars),
      // An empty one is refused.
      message: truncated(message || '(no details)', maxMessageChars),
      url: truncated(text(config.url), maxUrlChars),
      url_title: truncated(text(config.urlTitle), maxUrlTitleChars),
      priority: text(config.priority),
      retry: String(Math.floor(config.retryMs / 1000)),
      expire: String(Math.floor(config.expireMs / 1000)),
      device: text(config.device),
      sound: text(config.sound),
    });
    if (config.html) body.set('html', '1');
    if (config.monospace) body.set('monospace', '1');
    if (config.ttlMs > 0) body.set('ttl', String(Math.floor(config.ttlMs / 1000)));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await http.post({ url: config.apiUrl, body: body.toString(), headers, signal });
    return undefined;
  });
}
