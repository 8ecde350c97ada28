import { describeError } from '#base';
import type { DeliveryResult } from '../contract.ts';
import { type OptionTable, option, type Settings } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { type HttpAnswer, type HttpClient, type HttpRequest, retryAfterMs } from './http-client.ts';

/** Options that the outputs over HTTP share. */
export const httpOptions: OptionTable = {
  http_user: option.text,
  http_passwd: option.text,
  bearer_token: option.text,
  header: option.words(2),
  compress: option.text,
};

/** `http(s)://host:port/path` of the common options. */
export function urlOf(
  settings: Settings,
  defaults: { port: number; path: string },
  pathKey = 'uri',
): URL {
  const scheme = settings.bool('tls', false) ? 'https' : 'http';
  const host = settings.text('host', '127.0.0.1');
  const port = settings.number('port', defaults.port);
  const path = settings.text(pathKey, defaults.path);
  const text = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path.startsWith('/') ? '' : '/'}${path}`;
  if (!URL.canParse(text)) throw settings.problem(`${settings.plugin}: '${text}' is no URL`);
  return new URL(text);
}

/** Headers of `header` lines and of the credentials. */
export function headersOf(settings: Settings): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const user = settings.text('http_user');
  if (user !== undefined) {
    const pair = `${user}:${settings.text('http_passwd', '')}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const token = settings.text('bearer_token');
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  for (const line of settings.texts('header')) {
    const [name = '', value = ''] = splitWords(line, 2);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** The encoding of `compress`. @throws {AppError} for one that is not in `allowed` */
export function compressionOf<T extends string>(
  settings: Settings,
  allowed: readonly T[],
): T | 'identity' {
  const name = settings.text('compress')?.toLowerCase();
  if (name === undefined) return 'identity';
  const known = allowed.find((item) => item === name);
  if (known === undefined) {
    throw settings.problem(
      `${settings.plugin}: compress must be one of ${allowed.join(', ')}, not '${name}'`,
      'compress',
    );
  }
  return known;
}

/** Sends and reads the answer as `judge` says; no answer at all means retry. */
export async function sendOver(
  client: HttpClient,
  request: HttpRequest,
  judge: (answer: HttpAnswer) => DeliveryResult['kind'],
  nowMs: number,
): Promise<{ readonly result: DeliveryResult; readonly answer?: HttpAnswer }> {
  let answer: HttpAnswer;
  try {
    answer = await client.send(request);
  } catch (error) {
    return { result: { kind: 'retry', reason: describeError(error) } };
  }
  const kind = judge(answer);
  if (kind === 'ok') return { result: { kind }, answer };
  const reason = `${request.url.host} answered ${answer.status}: ${answer.text.slice(0, 200).trim()}`;
  if (kind === 'drop') return { result: { kind, reason }, answer };
  const afterMs = retryAfterMs(answer, nowMs);
  return { result: { kind, reason, ...(afterMs !== undefined && { afterMs }) }, answer };
}

/** 200 to 205 is fine, 408, 429 and what is not 4xx may pass, other 4xx never will. */
export function judgeStatus({ status }: HttpAnswer): DeliveryResult['kind'] {
  if (status >= 200 && status <= 205) return 'ok';
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'drop' : 'retry';
}
