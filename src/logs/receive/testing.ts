import fastify, { type FastifyInstance } from 'fastify';
import { AppError, MetricsRegistry, silentLogger, systemClock } from '#base';
import { forEachEvent } from '#logs/batch';
import type { AppendResult, LogBatch } from '#logs/store';
import type { Edge } from '#server';
import type { ReceiveDeps } from './contract.ts';

/** One event as the fake store keeps it. */
export interface StoredEvent {
  readonly group: string;
  readonly stream: string;
  readonly timeMs: number;
  readonly message: string;
}

/** A store that keeps events in memory and can be told to be full. For tests of receivers. */
export class MemoryStore {
  readonly events: StoredEvent[] = [];
  appends = 0;
  /** Appends to refuse before taking one. */
  fullFor = 0;

  async append(batch: LogBatch): Promise<AppendResult> {
    this.appends++;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.fullFor > 0) {
      this.fullFor--;
      throw new AppError('STORE_FULL', 'The disk is full');
    }
    const firstSequence = this.events.length + 1;
    for (const section of batch.sections) {
      forEachEvent(section, (timeMs, message) => {
        const { group, stream } = section;
        this.events.push({ group, stream, timeMs, message: message.toString('utf8') });
      });
    }
    return { firstSequence, events: this.events.length + 1 - firstSequence, duplicate: false };
  }
}

export interface TestDeps extends ReceiveDeps {
  readonly store: MemoryStore;
  readonly metrics: MetricsRegistry;
}

export function testDeps(clock: ReceiveDeps['clock'] = systemClock): TestDeps {
  return { store: new MemoryStore(), log: silentLogger, metrics: new MetricsRegistry(), clock };
}

/** A server with one edge, as the real one registers it. */
export async function serveEdge(edge: Edge): Promise<AsyncDisposable & { readonly url: string }> {
  const app: FastifyInstance = fastify({ bodyLimit: 32 * 1024 * 1024 });
  await app.register(async (scope) => edge.register(scope));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

/** Waits until `check` holds; fails after a minute. */
export async function until(what: string, check: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!check()) {
    if (performance.now() > deadlineMs) throw new Error(`Waited too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
