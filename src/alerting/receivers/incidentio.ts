import {
  count,
  duration,
  type Field,
  optional,
  path,
  type Secret,
  secret,
  section,
} from '#metrics/config';
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { webhookBody } from './webhook.ts';

/** incident.io answers 429 to larger ones, for good. */
const maxBodyBytes = 512 * 1024;

export interface IncidentioConfig extends CommonFields {
  readonly url: Secret | undefined;
  readonly urlFile: string | undefined;
  readonly alertSourceToken: Secret | undefined;
  readonly alertSourceTokenFile: string | undefined;
  /** 0: all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
}

export const incidentio: Field<IncidentioConfig> = section<IncidentioConfig>(
  {
    ...common(true),
    url: secretUrl,
    urlFile: optional(path),
    alertSourceToken: secret,
    alertSourceTokenFile: optional(path),
    maxAlerts: count(0),
    timeoutMs: duration(0),
  },
  ({ url, urlFile, alertSourceToken, alertSourceTokenFile, httpConfig }) => {
    const problem =
      fileProblem('url', [url, urlFile], 'needed') ??
      fileProblem('alert_source_token', [alertSourceToken, alertSourceTokenFile]);
    if (problem !== undefined) return problem;
    const hasToken = (alertSourceToken ?? alertSourceTokenFile) !== undefined;
    const hasAuthorization = httpConfig?.authorization !== undefined;
    if (hasToken && hasAuthorization) {
      return 'cannot specify alert_source_token or alert_source_token_file when using http_config.authorization';
    }
    return hasToken || hasAuthorization
      ? undefined
      : 'at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured';
  },
);

export function incidentioSender(config: IncidentioConfig, { http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const url = await revealed(config.url, config.urlFile, 'url of incident.io');
    const { alertSourceToken: token, alertSourceTokenFile: tokenFile } = config;
    const hasToken = (token ?? tokenFile) !== undefined;
    const headers = hasToken
      ? { authorization: `Bearer ${await revealed(token, tokenFile, 'alert source token')}` }
      : {};
    const bodyOf = (maxAlerts: number): string =>
      JSON.stringify({ ...webhookBody(notification, maxAlerts), version: '1' });
    const whole = bodyOf(config.maxAlerts);
    // One incident is made of the group: the first alert is enough for it.
    const body = Buffer.byteLength(whole) <= maxBodyBytes ? whole : bodyOf(1);
    await http.post({ url, body, headers, timeoutMs: config.timeoutMs, signal });
    return undefined;
  });
}
