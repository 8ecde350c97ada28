import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a hook was sent. */
export interface Hooked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Behaves as an incoming webhook of Slack does; others are told too. */
export interface HookServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: Hooked[];
  /** What it answers from now on. */
  answer: { readonly status: number; readonly body: string };
}

export async function startHookServer(port = 0): Promise<HookServer> {
  const seen: Hooked[] = [];
  const state = { answer: { status: 200, body: 'ok' } };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = state.answer;
      if (status === 200) {
        seen.push({
          path: request.url ?? '',
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Hooked['body'],
        });
      }
      response.writeHead(status, { 'content-type': 'text/html' }).end(body);
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get answer() {
      return state.answer;
    },
    set answer(next) {
      state.answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An attachment of a Slack message. */
export const attachmentOf = ({ body }: Hooked): Readonly<Record<string, unknown>> =>
  (body['attachments'] as readonly Readonly<Record<string, unknown>>[])[0]!;

export interface ApiAnswer {
  readonly status: number;
  // Bodies are looked into by the tests.
  readonly body: unknown;
  readonly text: string;
}

/** Calls Grafana's API of a server. */
export function apiOf(
  url: string,
): (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer> {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = text === '' ? undefined : JSON.parse(text);
    } catch {
      parsed = text;
    }
    return { status: response.status, body: parsed, text };
  };
}

/** Writes samples by the text format of an import. */
export async function pushMetric(url: string, name: string, value: number): Promise<void> {
  const nowNs = `${Date.now()}000000`;
  const response = await fetch(`${url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: [] },
          scopeMetrics: [
            {
              scope: {},
              metrics: [
                {
                  name,
                  gauge: {
                    dataPoints: [
                      {
                        asDouble: value,
                        timeUnixNano: nowNs,
                        attributes: [{ key: 'pod', value: { stringValue: 'pod-a' } }],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  });
  if (!response.ok)
    throw new Error(`the sample was not taken: ${response.status} ${await response.text()}`);
}
