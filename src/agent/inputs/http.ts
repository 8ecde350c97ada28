import type Http from 'node:http';
import { describeError, isAppError } from '#base';
import { decompress, parseContentEncoding } from '#wire';
import type { AgentEvent, RecordMap } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { parseRecordPath, textOf, valueAt } from '../records/accessor.ts';
import { parseJsonStream } from '../records/json-parse.ts';
import { eventTimeNow } from './clock-time.ts';
import { listen } from './forward.ts';

/** Events as JSON over HTTP; the path is the tag. */
export const httpInput: InputPlugin = {
  name: 'http',
  options: {
    tag_key: option.text,
    buffer_max_size: option.size,
    buffer_chunk_size: option.noEffect('buffers grow as bodies need it'),
    successful_response_code: option.integer,
    http2: option.noEffect('HTTP/1.1 is used'),
  },
  create: (settings, scope) => {
    const okCode = settings.number('successful_response_code', 201);
    if (![200, 201, 204].includes(okCode)) {
      throw settings.problem(
        'http: successful_response_code must be 200, 201 or 204',
        'successful_response_code',
      );
    }
    const maxBytes = settings.size('buffer_max_size', 4 * 1024 * 1024);
    const tagKey = settings.text('tag_key');
    const tagPath = tagKey === undefined ? undefined : parseRecordPath(tagKey);
    return {
      name: settings.name,
      run: async (context, signal) => {
        const take = async (
          request: Http.IncomingMessage,
        ): Promise<[code: number, text: string]> => {
          if (request.method !== 'POST') return [400, 'error: invalid HTTP method\n'];
          const encoding = parseContentEncoding(request.headers['content-encoding']);
          if (encoding === undefined) return [400, "error: invalid 'Content-Encoding'\n"];
          const parts: Buffer[] = [];
          let size = 0;
          for await (const part of request as AsyncIterable<Buffer>) {
            size += part.length;
            if (size > maxBytes) return [413, `error: the body is over ${maxBytes} bytes\n`];
            parts.push(part);
          }
          if (size === 0) return [400, 'error: no payload found\n'];
          const body = Buffer.from(
            await decompress(encoding, Buffer.concat(parts), maxBytes),
          ).toString('utf8');
          const records = recordsOf(body, request.headers['content-type'] ?? '');
          if (typeof records === 'string') return [400, records];
          const path = (request.url ?? '/').split('?')[0]!.replace(/^\/+/, '').replaceAll('/', '.');
          const tag = path === '' ? settings.text('tag', settings.name) : decodeURIComponent(path);
          const time = eventTimeNow(scope.clock);
          const byTag = Map.groupBy(
            records.map((record): AgentEvent => ({ time, record })),
            ({ record }) => {
              const value = tagPath === undefined ? undefined : valueAt(record, tagPath);
              return value === undefined ? tag : textOf(value);
            },
          );
          for (const [name, events] of byTag) await context.emit(name, events);
          return [okCode, ''];
        };
        const server = process.getBuiltinModule('node:http').createServer((request, response) => {
          take(request)
            .catch((error: unknown): [number, string] => {
              const isTheirs = isAppError(error) || error instanceof URIError;
              return [isTheirs ? 400 : 500, `error: ${describeError(error)}\n`];
            })
            .then(([code, text]) => {
              response.writeHead(code, { 'content-type': 'text/plain' }).end(text);
            });
        });
        server.requestTimeout = 60_000;
        await listen(server, {
          host: settings.text('listen', '0.0.0.0'),
          port: settings.number('port', 9880),
        });
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        server.close();
        server.closeAllConnections();
      },
    };
  },
};

/** Records of a body, or what is wrong with it. */
function recordsOf(body: string, contentType: string): RecordMap[] | string {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return [new Map(new URLSearchParams(body))];
  if (
    type !== 'application/json' &&
    type !== 'application/x-ndjson' &&
    type !== 'application/jsonl'
  ) {
    return "error: invalid 'Content-Type'\n";
  }
  const { values, complete } = parseJsonStream(body);
  const records = values.flat().filter((value) => value instanceof Map);
  if (!complete || records.length === 0)
    return 'error: the payload is no JSON object or list of objects\n';
  return records as RecordMap[];
}
