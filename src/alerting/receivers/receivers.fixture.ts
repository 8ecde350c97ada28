import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#base';
import { yamlOf } from '../alerting.fixture.ts';
import type { Notification, NotifiedAlert, Recall } from '../contract.ts';
import { fingerprintOf } from '../labels.ts';
import type { MessageMaker } from '../messages/contract.ts';
import { openSender } from './open.ts';

export const startMs: number = Date.UTC(2026, 2, 31, 5, 10, 11, 250);
export const alert = (
  labels: Record<string, string>,
  status: NotifiedAlert['status'],
  annotations: Record<string, string> = {},
): NotifiedAlert => ({
  status,
  alert: {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations,
    startsAtMs: startMs,
    endsAtMs: startMs + 60_000,
    updatedAtMs: startMs,
    generatorUrl: 'http://prom/graph?a=1&b=2',
    isTimeout: false,
  },
});
export const groupKey: string = '{}:{alertname="Down"}';
export const notification = (alerts: readonly NotifiedAlert[]): Notification => ({
  receiver: 'r',
  groupKey,
  groupLabels: { alertname: 'Down' },
  alerts,
  externalUrl: 'http://nunchi',
  nowMs: startMs + 90_000,
});
export const firing: Notification = notification([
  alert({ alertname: 'Down', pod: 'a' }, 'firing', { summary: '<a> & "b"' }),
  alert({ alertname: 'Down', pod: 'b' }, 'resolved'),
]);
export const resolved: Notification = notification([
  alert({ alertname: 'Down', pod: 'a' }, 'resolved'),
]);

export interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A service that writes down what it gets. `answer` says what it says; undefined: nothing, ever. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

export async function openService(
  answer: (seen: Seen, count: number) => Answer | undefined,
): Promise<Service> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const one = await seenOf(request);
    seen.push(one);
    const said = answer(one, seen.length);
    if (said === undefined) return;
    response
      .writeHead(said.status ?? 200, { 'content-type': said.type ?? 'text/plain', ...said.headers })
      .end(said.body ?? 'ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Bodies are JSON or forms; anything else stays a text. */
async function seenOf(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url: path, headers } = request;
  const text = Buffer.concat(chunks).toString();
  const type = String(headers['content-type'] ?? '');
  let body: unknown = text;
  if (type.startsWith('application/json')) body = JSON.parse(text);
  if (type.startsWith('application/x-www-form-urlencoded')) {
    body = Object.fromEntries(new URLSearchParams(text));
  }
  return { method, path, headers, body };
}

/** Sends with `receiver` (YAML, `HOOK` stands for the service), over and over. */
export function openReceiver(
  receiver: string,
  service: string,
  messages?: MessageMaker,
): Disposable & {
  send(what: Notification, recall?: Recall, signal?: AbortSignal): Promise<Recall | undefined>;
} {
  const yaml = yamlOf(
    `route: {receiver: r}\nreceivers:\n- name: r\n  ${receiver.replaceAll('HOOK', service)}\n`,
  );
  const [integration] = yaml.receivers.get('r') ?? [];
  assert.ok(integration);
  const sender = openSender(integration, yaml.templates, {
    clock: systemClock,
    env: {},
    version: '1',
    messages,
  });
  return {
    send: (what, recall, signal = AbortSignal.timeout(60_000)) => sender.send(what, signal, recall),
    [Symbol.dispose]: () => sender[Symbol.dispose](),
  };
}

/** What one sending puts on the wire. */
export async function sent(
  receiver: string,
  what: Notification,
  answer: Answer | ((seen: Seen, count: number) => Answer | undefined) = {},
): Promise<{ readonly seen: Seen[]; readonly error: unknown }> {
  await using service = await openService(typeof answer === 'function' ? answer : () => answer);
  using sender = openReceiver(receiver, service.url);
  try {
    await sender.send(what);
    return { seen: service.seen, error: undefined };
  } catch (error) {
    return { seen: service.seen, error };
  }
}
