import { AppError } from '#base';
import type { Edge } from '#server';

/** What the server knows of sources that are told by others. */
export interface IncomingView {
  /** False: there is no such source. */
  readonly hear: (source: string, payload: Readonly<Record<string, unknown>>) => boolean;
}

const maxBodyBytes = 256 * 1024;

/** `POST /sources/v1/NAME`: Botkube's incoming webhook. */
export function sourcesEdge({ hear }: IncomingView): Edge {
  return {
    name: 'chat/api',
    register: (app) => {
      app.route<{ Params: { source: string } }>({
        method: 'POST',
        url: '/sources/v1/:source',
        config: { access: 'editor', maxBodyBytes },
        bodyLimit: maxBodyBytes,
        handler: async ({ params: { source }, body }) => {
          if (hear(source, readPayload(body))) return { told: true };
          throw new AppError(
            'CHAT_SOURCE_NOT_FOUND',
            `There is no source "${source}" that is told by others`,
          );
        },
      });
    },
  };
}

function readPayload(body: unknown): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new AppError('CHAT_PAYLOAD_INVALID', 'The body is no JSON object');
}
