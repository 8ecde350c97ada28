import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { isAbortError, type Logger } from '#base';
import type { QueryRun } from '#logs/queries';
import { wireQueryEvent } from './translate.ts';

/** Proxies close what is silent for longer. */
const heartbeatMs = 15_000;

/** A run as server-sent events: what has been so far, then what happens, until its end. */
export function queryEventStream(run: QueryRun, signal: AbortSignal, log: Logger): Readable {
  const stream = new PassThrough();
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), heartbeatMs);
  const pump = async (): Promise<void> => {
    try {
      for await (const event of run.watch(signal)) {
        const isFull = !stream.write(`data: ${JSON.stringify(wireQueryEvent(event))}\n\n`);
        // A slow browser slows its own stream only: the run keeps its rows itself.
        if (isFull) await once(stream, 'drain', { signal });
      }
    } catch (error) {
      if (!isAbortError(error)) log.warn('A query could not be followed', { err: error });
    } finally {
      clearInterval(heartbeat);
      stream.end();
    }
  };
  void pump();
  return stream;
}
