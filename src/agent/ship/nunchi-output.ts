import { constants, zstdCompressSync } from 'node:zlib';
import { systemClock } from '#base';
import { encodeBatch, SectionBuilder, storableTimestampMs } from '#logs/batch';
import type { AgentEvent, Chunk, DeliveryResult, Output } from '../contract.ts';
import { BatchClient, type BatchClientOptions } from './client.ts';

export interface NunchiOutputOptions {
  readonly name: string;
  readonly client: BatchClientOptions;
  /** Log group and stream of an event. */
  readonly place: (
    tag: string,
    event: AgentEvent,
  ) => { readonly group: string; readonly stream: string };
  /** The message; undefined: the event is not sent (counted by the caller). */
  readonly message: (event: AgentEvent) => string | undefined;
}

/** A server that is back gets what waits soon: a refused connection costs nothing. */
export const retryWithinMs = 2000;

const level1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Sends chunks to a Nunchi server as numbered batches. The same chunk makes the same batch with the
 * same number, whenever it is sent: the server stores it once. Also what `cloudwatch_logs` turns
 * into when its endpoint answers as a Nunchi server.
 */
export class NunchiOutput implements Output {
  readonly name: string;
  readonly #options: NunchiOutputOptions;
  readonly #client: BatchClient;

  /** @throws {AppError} SERVER_URL_INVALID */
  constructor(options: NunchiOutputOptions) {
    this.name = options.name;
    this.#options = options;
    this.#client = new BatchClient(options.client);
  }

  async deliver(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult> {
    const { source } = chunk;
    if (source === undefined) return { kind: 'drop', reason: 'The chunk has no number' };
    const sections = new Map<string, SectionBuilder>();
    for (const event of chunk.events) {
      const message = this.#options.message(event);
      if (message === undefined) continue;
      const { group, stream } = this.#options.place(chunk.tag, event);
      const key = `${group}\n${stream}`;
      let section = sections.get(key);
      if (section === undefined) {
        section = new SectionBuilder(group, stream);
        sections.set(key, section);
      }
      const { seconds, nanoseconds } = event.time;
      const timestampMs = seconds * 1000 + Math.floor(nanoseconds / 1e6);
      section.add(storableTimestampMs(timestampMs, systemClock.nowMs()), message);
    }
    if (sections.size === 0) return { kind: 'ok' };
    const batch = encodeBatch([...sections.values()].map((section) => section.finish()));
    const result = await this.#client.send(source, zstdCompressSync(batch, level1), signal);
    if (result.kind === 'stored') return { kind: 'ok' };
    if (result.kind === 'refused') return { kind: 'drop', reason: result.reason };
    const { reason, afterMs } = result;
    const withinMs = retryWithinMs;
    return { kind: 'retry', reason, withinMs, ...(afterMs === undefined ? {} : { afterMs }) };
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}

/**
 * Is there a Nunchi server at this address? False for anything else that answers; throws when
 * nothing does (ask again later).
 */
export async function isNunchiServer(
  client: BatchClientOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const probe = new BatchClient(client);
  try {
    return (await probe.storedUpTo('probe', signal)) !== undefined;
  } finally {
    probe.close();
  }
}
