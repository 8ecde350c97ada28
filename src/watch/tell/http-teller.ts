import { AppError, describeError, isAppError } from '#base';
import type { HttpClient } from '#metrics/http';
import type { ProviderConfig } from '../config/contract.ts';
import type { WatchMessage } from '../messages/contract.ts';
import type { Teller } from './contract.ts';
import { type PictureRequest, pictureRequests } from './pictures.ts';
import { type ProviderRequest, providerRequests } from './requests.ts';

const timeoutMs = 30_000;
const maxAnswerBytes = 256 * 1024;

/** Providers that only take messages about incidents. */
const incidentsOnly = new Set(['pagerduty', 'opsgenie', 'zenduty', 'webhook']);

/** Posts one message. @throws {AppError} WATCH_DELIVERY_FAILED; `details.retryAfterMs`, `details.isFinal` */
export async function post(
  client: HttpClient,
  { url, method = 'POST', headers = {}, body, isOk }: ProviderRequest,
  signal: AbortSignal,
): Promise<string> {
  const type = 'application/json; charset=utf-8';
  const request = { url, method, headers: { 'content-type': type, ...headers } };
  const text = await send(client, { ...request, body: Buffer.from(JSON.stringify(body)) }, signal);
  if (isOk?.(text) === false) throw failed(`the answer is no: ${text.slice(0, 300)}`, {});
  return text;
}

/** Sends bytes as they are. @throws {AppError} WATCH_DELIVERY_FAILED, as `post` */
export async function send(
  client: HttpClient,
  request: {
    readonly url: string;
    readonly method?: 'POST' | 'PUT';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
  },
  signal: AbortSignal,
): Promise<string> {
  const { url, method = 'POST', headers, body } = request;
  let answer: Awaited<ReturnType<HttpClient['request']>>;
  try {
    answer = await client.request({
      url,
      method,
      headers: { ...headers },
      body,
      maxBytes: maxAnswerBytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    throw failed(withoutPath(describeError(error), url), {});
  }
  const text = answer.body.toString('utf8');
  const { status } = answer;
  if (status < 200 || status > 299) {
    const after = Number(answer.headers['retry-after']);
    throw failed(`status ${status}: ${text.slice(0, 300)}`, {
      isFinal: status < 500 && status !== 429 && status !== 408,
      ...(after > 0 ? { retryAfterMs: Math.min(after, 3600) * 1000 } : {}),
    });
  }
  return text;
}

/** A form with files. @throws {AppError} WATCH_DELIVERY_FAILED, as `post` */
async function postForm(
  client: HttpClient,
  { url, form }: PictureRequest,
  signal: AbortSignal,
): Promise<void> {
  const encoded = new Response(form);
  const type = encoded.headers.get('content-type') ?? 'multipart/form-data';
  const body = Buffer.from(await encoded.arrayBuffer());
  await send(client, { url, headers: { 'content-type': type }, body }, signal);
}

export const failed = (message: string, details: Readonly<Record<string, unknown>>): AppError =>
  new AppError('WATCH_DELIVERY_FAILED', message, { details });

/** Paths of hooks are secrets, which logs must not have. */
function withoutPath(message: string, url: string): string {
  if (!URL.canParse(url)) return message;
  const { origin, pathname } = new URL(url);
  return message.replaceAll(url, `${origin}/…`).replaceAll(pathname, '/…');
}

/** A provider to which every message is one request. */
export function httpTeller(
  config: ProviderConfig,
  client: HttpClient,
  nowMs: () => number,
): Teller {
  const build = providerRequests[config.type];
  if (build === undefined) throw new TypeError(`no requests for ${config.type}`);
  const takesTexts = !incidentsOnly.has(config.type);
  const pictureOf = pictureRequests[config.type];
  return {
    ...(pictureOf === undefined
      ? {}
      : {
          tellPicture: async (picture, { incident }, signal) =>
            postForm(client, pictureOf(config, picture, incident), signal),
        }),
    type: config.type,
    takesTexts,
    tell: async (message: WatchMessage, _thread, signal) => {
      const told = takesTexts ? withBody(message) : message;
      const request = build(told, config, nowMs());
      if (request === undefined) return undefined;
      try {
        await post(client, request, signal);
      } catch (error) {
        const bare = withoutPicture(told);
        const isFinal = isAppError(error) && error.details['isFinal'] === true;
        if (bare === undefined || !isFinal) throw error;
        // Where it cannot fetch the chart a provider refuses the whole message.
        const again = build(bare, config, nowMs());
        if (again !== undefined) await post(client, again, signal);
      }
      return undefined;
    },
    [Symbol.dispose]: () => {},
  };
}

/** Undefined: it has none. */
function withoutPicture(message: WatchMessage): WatchMessage | undefined {
  if (message.kind === 'text' || message.picture?.url === undefined) return undefined;
  const { picture: _none, ...bare } = message;
  return bare;
}

/** What a template has made stands for the message. */
export const withBody = (message: WatchMessage): WatchMessage =>
  message.kind === 'incident' && message.body !== undefined
    ? { kind: 'text', text: message.body }
    : message;
