import { readFile } from 'node:fs/promises';
import { describeError } from '#base';
import type { TlsConfig } from '#metrics/config';
import type { EmailConfig } from '../config/more-receiver-fields.ts';
import type { Notification } from '../contract.ts';
import type { AlertMessage } from '../messages/contract.ts';
import { htmlMessage, mailSubject, textMessage } from '../messages/html-message.ts';
import {
  DeliveryError,
  messageFor,
  type Sender,
  type SenderDeps,
  sender,
  type Texts,
} from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor } from './texts.ts';

/** A mail server that says nothing for so long is away. */
const silenceMs = 30_000;
const implicitTlsPort = 465;

/** SMTP, a connection for each message. */
export function emailSender(config: EmailConfig, deps: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const texts = textsFor(deps.templates, notification);
    const { text } = texts;
    const rich = await messageFor(deps, notification, signal);
    const headers = Object.fromEntries(
      Object.entries(config.headers).map(([name, value]) => [name, text(value)]),
    );
    const taken = (name: string): string | undefined => {
      const key = Object.keys(headers).find((one) => one.toLowerCase() === name);
      if (key === undefined) return undefined;
      const value = headers[key];
      delete headers[key];
      return value;
    };
    const to = text(config.to);
    const from = text(config.from);
    const message = {
      envelope: { from, to },
      to: taken('to') ?? to,
      from: taken('from') ?? from,
      subject:
        taken('subject') ??
        (rich === undefined ? text('{{ template "email.default.subject" . }}') : mailSubject(rich)),
      headers,
      ...threadOf(config, notification),
      ...(rich === undefined ? contentOf(config, texts) : richContentOf(rich)),
      // A template is no way to read files of the server.
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    await mail(config, message, signal);
    return undefined;
  });
}

const contentOf = (config: EmailConfig, { text, html }: Texts): object => ({
  ...(config.html === '' ? {} : { html: html(config.html) }),
  ...(config.text === '' && config.html !== '' ? {} : { text: text(config.text) }),
});

/** The picture goes along: programs of mail fetch nothing from elsewhere without being told to. */
function richContentOf(message: AlertMessage): object {
  const { picture } = message;
  const cid = 'chart@nunchi';
  return {
    html: htmlMessage(message, picture === undefined ? undefined : cid),
    text: textMessage(message),
    ...(picture === undefined
      ? {}
      : {
          attachments: [
            {
              filename: 'alert.png',
              content: picture.png,
              contentType: 'image/png',
              contentDisposition: 'inline',
              cid,
            },
          ],
        }),
  };
}

/** Every message of a thread refers to one that was never sent: programs show them together. */
function threadOf(
  { threading }: EmailConfig,
  { groupKey, nowMs }: Notification,
): { readonly references?: string; readonly inReplyTo?: string } {
  if (!threading.enabled) return {};
  const day = threading.threadByDate === 'none' ? '' : new Date(nowMs).toISOString().slice(0, 10);
  const id = `<alert-${groupHash(groupKey).slice(0, 16)}-${day}@alertmanager>`;
  return { references: id, inReplyTo: id };
}

/** One mail over a connection of its own. @throws {DeliveryError} */
export async function mail(
  config: EmailConfig,
  message: object,
  signal: AbortSignal,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const [, host = '', port = '25'] = /^(.*):(\d+)$/.exec(config.smarthost) ?? [];
  const needsTls = config.requireTls ?? true;
  const auth = await authOf(config);
  const transport = createTransport({
    host: host.replace(/^\[|\]$/g, '') || 'localhost',
    port: Number(port),
    secure: config.forceImplicitTls ?? Number(port) === implicitTlsPort,
    requireTLS: needsTls,
    ignoreTLS: !needsTls,
    name: config.hello,
    ...(auth === undefined ? {} : auth),
    tls: await tlsOptions(config.tlsConfig),
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
  });
  const ended = Promise.withResolvers<never>();
  const onAbort = (): void =>
    ended.reject(
      new DeliveryError('the mail server did not take it in time', {
        isRetryable: true,
        reason: 'contextDeadlineExceeded',
      }),
    );
  signal.addEventListener('abort', onAbort, { once: true });
  ended.promise.catch(() => {});
  try {
    await Promise.race([transport.sendMail(message), ended.promise]);
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    const { responseCode } = error as { readonly responseCode?: unknown };
    const isRefused = typeof responseCode === 'number' && responseCode >= 500;
    throw new DeliveryError(describeError(error), {
      isRetryable: !isRefused,
      reason: isRefused ? 'clientError' : 'other',
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    transport.close();
  }
}

/** A secret is for CRAM-MD5, a password for PLAIN or LOGIN. */
async function authOf(
  config: EmailConfig,
): Promise<
  { readonly auth: { user: string; pass: string }; readonly authMethod?: string } | undefined
> {
  const { authUsername: user } = config;
  if (user === '') return undefined;
  if ((config.authSecret ?? config.authSecretFile) !== undefined) {
    const pass = await revealed(config.authSecret, config.authSecretFile, 'SMTP secret');
    return { auth: { user, pass }, authMethod: 'CRAM-MD5' };
  }
  const pass = await revealed(config.authPassword, config.authPasswordFile, 'SMTP password');
  return { auth: { user, pass } };
}

async function tlsOptions(tls: TlsConfig | undefined): Promise<Record<string, unknown>> {
  if (tls === undefined) return {};
  const read = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : await readFile(path, 'utf8');
  const options = {
    ca: tls.ca ?? (await read(tls.caFile)),
    cert: tls.cert ?? (await read(tls.certFile)),
    key: tls.key?.reveal() ?? (await read(tls.keyFile)),
    servername: tls.serverName,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), rejectUnauthorized: !tls.insecureSkipVerify };
}
