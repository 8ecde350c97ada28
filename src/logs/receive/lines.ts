import { pipeline, type Readable } from 'node:stream';
import zlib from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, describeError, isAppError } from '#base';
import type { Edge } from '#server';
import { JsonSplitter, parseContentEncoding } from '#wire';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { ReceiveDeps } from './contract.ts';
import { eventTimeMs, timeFieldNames } from './event-time.ts';
import { failureOf, mediaType, setRetryHeaders } from './http.ts';

/** Longest line; CloudWatch's bound on an event. */
const maxLineBytes = 1024 * 1024;
/** A body streams through, so its bound only guards against one that never ends. */
const maxBodyBytes = 4 * 1024 * 1024 * 1024;
/** Events gathered before they are appended: one fsync for about this many bytes. */
const appendBytes = 4 * 1024 * 1024;
const maxReportedErrors = 20;

type Format = 'ndjson' | 'json' | 'text';

/** The answer of an ingest request. */
export interface IngestReport {
  readonly accepted: number;
  readonly rejected: number;
  /** The first 20 of the rejected; `line` counts from 1 (of elements, where the body is an array). */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
}

/**
 * Plain HTTP: `POST /nunchi/logs/ingest/:group/:stream`, or `/nunchi/logs/ingest?group=&stream=`.
 * Query: `timeField` (member that holds the time; without it the usual names are tried), `format`
 * (`ndjson`, `json` for one array, `text`; without it the type and the first byte tell). The body
 * streams, gzip, deflate and zstd are taken. Answers an IngestReport; events accepted are durable.
 */
export function linesEdge(deps: ReceiveDeps): Edge {
  const metrics = new ReceiverMetrics('http', deps.metrics);
  const log = deps.log.child('logs/receive');

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const params = request.params as { group?: string; stream?: string };
    const query = request.query as Record<string, string | string[] | undefined>;
    const text = (name: string): string | undefined => {
      const value = query[name];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const group = params.group ?? text('group');
    const stream = params.stream ?? text('stream') ?? 'default';
    if (group === undefined) {
      throw new AppError('INVALID_REQUEST', 'The request names no log group', {
        hint: 'Send POST /nunchi/logs/ingest/GROUP/STREAM (percent-encoded), or ?group=…&stream=…',
      });
    }
    const ingest = new LineIngest(new Collector(deps, metrics), metrics, {
      group,
      stream,
      timeField: text('timeField'),
      format: formatOf(text('format'), mediaType(request)),
    });
    const body = openBody(request);
    try {
      for await (const piece of body) await ingest.push(piece as Buffer);
      await ingest.finish();
    } catch (error) {
      const failure = isAppError(error) ? error : bodyFailure(error);
      // The sender must learn what is stored already, or it would send it twice.
      if (ingest.report.accepted === 0) throw failure;
      throw new AppError(
        failure.code,
        `${failure.message}; ${ingest.report.accepted} events before it are stored`,
        { cause: error, details: { ...failure.details, ...ingest.report } },
      );
    }
    const { report } = ingest;
    // Nothing good in it: most likely the wrong format or the wrong address.
    const isUseless = report.accepted === 0 && report.rejected > 0;
    return reply
      .code(isUseless ? 400 : 200)
      .type('application/json')
      .send(JSON.stringify(report));
  };

  return {
    name: 'lines-ingest',
    register: (app) => {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      app.setErrorHandler((error, request, reply) => {
        const { status, message } = failureOf(error);
        metrics.failed(failureReason(error));
        if (status === 500)
          log.error('Ingest of lines failed', { requestId: request.id, err: error });
        setRetryHeaders(reply, status);
        const details = isAppError(error) ? error.details : {};
        const hint = isAppError(error) ? error.hint : undefined;
        return reply
          .code(status)
          .type('application/json')
          .send(
            JSON.stringify({
              code: failureReason(error),
              message,
              hint,
              details,
              requestId: request.id,
            }),
          );
      });
      const config = { access: 'agent', maxBodyBytes } as const;
      app.post('/nunchi/logs/ingest', { config, bodyLimit: maxBodyBytes }, handle);
      app.post('/nunchi/logs/ingest/:group/:stream', { config, bodyLimit: maxBodyBytes }, handle);
    },
  };
}

function formatOf(name: string | undefined, type: string): Format | undefined {
  if (name === 'ndjson' || name === 'json' || name === 'text') return name;
  if (name !== undefined) {
    throw new AppError('INVALID_REQUEST', `Format "${name}" is not known`, {
      hint: 'format is ndjson, json or text',
    });
  }
  if (type === 'text/plain') return 'text';
  return type === 'application/x-ndjson' || type === 'application/jsonl' ? 'ndjson' : undefined;
}

function openBody(request: FastifyRequest): Readable {
  const source = request.body as Readable | undefined;
  if (source === undefined || typeof source.pipe !== 'function') {
    throw new AppError('INVALID_REQUEST', 'The request has no body');
  }
  const header = request.headers['content-encoding'];
  const encoding = parseContentEncoding(header);
  if (encoding === 'identity') return source;
  if (encoding === undefined || encoding === 'snappy') {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding "${header}" is not supported`, {
      hint: 'Send gzip, zstd or deflate, or no encoding',
    });
  }
  const inflate =
    encoding === 'gzip'
      ? zlib.createGunzip()
      : encoding === 'deflate'
        ? zlib.createInflate()
        : zlib.createZstdDecompress();
  // Errors surface where the inflated stream is read.
  return pipeline(source, inflate, () => {});
}

/** A body that breaks off or does not decompress is the sender's fault; all else is not. */
function bodyFailure(error: unknown): AppError {
  const code = String((error as { code?: unknown }).code ?? '');
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new AppError('WIRE_INVALID', `The body breaks off: ${describeError(error)}`, {
      cause: error,
    });
  }
  throw error;
}

interface LineOptions {
  readonly group: string;
  readonly stream: string;
  readonly timeField: string | undefined;
  readonly format: Format | undefined;
}

/** Takes a body piece by piece, appending as it goes. */
class LineIngest {
  readonly #collector: Collector;
  readonly #metrics: ReceiverMetrics;
  readonly #options: LineOptions;
  #format: Format | undefined;
  #array: JsonSplitter | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The rest of a line that is too long goes unread. */
  #skipping = false;
  #line = 0;
  #accepted = 0;
  #rejected = 0;
  #totalBytes = 0;
  readonly #errors: { line: number; message: string }[] = [];

  constructor(collector: Collector, metrics: ReceiverMetrics, options: LineOptions) {
    this.#collector = collector;
    this.#metrics = metrics;
    this.#options = options;
    this.#format = options.format;
  }

  get report(): IngestReport {
    return { accepted: this.#accepted, rejected: this.#rejected, errors: this.#errors };
  }

  async push(piece: Buffer): Promise<void> {
    this.#totalBytes += piece.length;
    if (this.#totalBytes > maxBodyBytes) {
      throw new AppError('WIRE_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes`);
    }
    if (this.#format === undefined) {
      const first = piece.find((byte) => byte > 0x20);
      if (first === undefined) return;
      this.#format = first === 0x5b ? 'json' : first === 0x7b ? 'ndjson' : 'text';
    }
    if (this.#format === 'json') {
      this.#array ??= new JsonSplitter(true, maxLineBytes);
      for (const element of this.#array.push(piece)) {
        this.#line++;
        this.#addJson(element, true);
      }
    } else this.#splitLines(piece);
    if (this.#collector.bytes >= appendBytes) await this.#append();
  }

  async finish(): Promise<void> {
    if (this.#format === 'json') {
      if (this.#array !== undefined && !this.#array.closed) {
        this.#reject('The JSON array has no end', this.#line + 1);
      }
    } else if (this.#pendingBytes > 0 || this.#skipping) this.#takeLine(Buffer.alloc(0));
    await this.#append();
  }

  async #append(): Promise<void> {
    const { events } = this.#collector;
    await this.#collector.append();
    this.#accepted += events;
  }

  #splitLines(piece: Buffer): void {
    let start = 0;
    for (;;) {
      const end = piece.indexOf(0x0a, start);
      if (end === -1) break;
      this.#takeLine(piece.subarray(start, end));
      start = end + 1;
    }
    if (start === piece.length || this.#skipping) return;
    const rest = piece.subarray(start);
    this.#pending.push(Buffer.from(rest));
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > maxLineBytes) {
      this.#skipping = true;
      this.#pending = [];
      this.#pendingBytes = 0;
    }
  }

  #takeLine(tail: Buffer): void {
    this.#line++;
    if (this.#skipping || this.#pendingBytes + tail.length > maxLineBytes) {
      this.#skipping = false;
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#reject(`The line is longer than ${maxLineBytes} bytes`, this.#line);
      return;
    }
    let line = tail;
    if (this.#pendingBytes > 0) {
      line = Buffer.concat([...this.#pending, tail]);
      this.#pending = [];
      this.#pendingBytes = 0;
    }
    if (line.at(-1) === 0x0d) line = line.subarray(0, -1);
    // Blank lines separate; they are not events.
    if (line.length === 0) return;
    if (this.#format === 'text')
      this.#collector.add(this.#options.group, this.#options.stream, this.#arrivalMs(), line);
    else this.#addJson(line, false);
  }

  #addJson(bytes: Buffer, isElement: boolean): void {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      this.#reject(`Not JSON: ${describeError(error)}`, this.#line);
      return;
    }
    const { group, stream, timeField } = this.#options;
    let timeMs: number | undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const object = value as Record<string, unknown>;
      if (timeField !== undefined) {
        timeMs = eventTimeMs(memberAt(object, timeField));
        if (timeMs === undefined) {
          this.#reject(`"${timeField}" holds no time`, this.#line);
          return;
        }
      } else {
        for (const name of timeFieldNames) {
          timeMs = Object.hasOwn(object, name) ? eventTimeMs(object[name]) : undefined;
          if (timeMs !== undefined) break;
        }
      }
    } else if (timeField !== undefined) {
      this.#reject(`There is no "${timeField}" in a value that is no object`, this.#line);
      return;
    }
    // A text in an array is a line of text; everything else is kept as it was written.
    const message = isElement && typeof value === 'string' ? value : bytes;
    this.#collector.add(group, stream, timeMs ?? this.#arrivalMs(), message);
  }

  /** Lines without a time are not a sign of a broken clock: they are not counted as retimed. */
  #arrivalMs(): number {
    return this.#collector.nowMs();
  }

  #reject(message: string, line: number): void {
    this.#rejected++;
    this.#metrics.rejected(1, 'line');
    if (this.#errors.length < maxReportedErrors) this.#errors.push({ line, message });
  }
}

/** `a.b.c` in nested objects; a member with the whole name wins. */
function memberAt(object: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path];
  let value: unknown = object;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
