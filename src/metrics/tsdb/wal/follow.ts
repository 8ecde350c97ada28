import { AppError } from '#base';
import type { Labels } from '#metrics/model';
import { type FollowedBatch, SampleBatch, type SeriesRef } from '../contract.ts';
import { numberedPath } from './files.ts';
import { newScan, readFrames } from './frames.ts';
import type { LogPosition, SampleLog } from './log.ts';
import { frameTypes, readExemplars, readSamples } from './records.ts';
import { readSeries } from './series-record.ts';

/** Labels that the log named while it was followed; more than this and the oldest go. */
const maxKnownLabels = 500_000;

export interface Follower {
  /** Files of the log from this one on are still needed. */
  segment: number;
}

export function parseCursor(cursor: string, now: LogPosition): LogPosition {
  if (cursor === '') return now;
  const match = /^(\d+):(\d+)$/.exec(cursor);
  if (match === null) {
    throw new AppError('CURSOR_INVALID', `"${cursor}" is not a place in the log`, {
      hint: 'Use the cursor of a batch that was followed, or an empty one for now',
    });
  }
  return { segment: Number(match[1]), offset: Number(match[2]) };
}

/**
 * Batches of the log after a place, and then those that come. A place that is gone (the log was kept
 * up to its bound only) goes on with the oldest that is there.
 */
export async function* followLog(
  directory: string,
  log: SampleLog,
  start: LogPosition,
  follower: Follower,
  labelsOf: (ref: SeriesRef) => Labels | undefined,
  signal: AbortSignal,
): AsyncGenerator<FollowedBatch> {
  const known = new Map<SeriesRef, Labels>();
  const labels = (ref: SeriesRef): Labels | undefined => labelsOf(ref) ?? known.get(ref);
  let { segment, offset } = start;
  for (;;) {
    if (signal.aborted) return;
    const oldest = Math.min(log.position.segment, ...log.sizes.keys());
    if (segment < oldest || (segment > log.position.segment && log.position.offset === 0)) {
      segment = oldest;
      offset = 0;
    }
    follower.segment = segment;
    const isCurrent = segment === log.position.segment;
    const limit = isCurrent ? log.position.offset : (log.sizes.get(segment) ?? 0);
    if (offset < limit) {
      const path = numberedPath(directory, segment, 'wal');
      for await (const { type, payload, end } of readFrames(path, offset, newScan())) {
        if (end > limit) break;
        offset = end;
        if (type === frameTypes.series) {
          readSeries(payload, (ref, each) => {
            if (known.size >= maxKnownLabels) known.delete(known.keys().next().value!);
            known.set(ref, each);
          });
          continue;
        }
        const batch = new SampleBatch();
        if (type === frameTypes.samples) readSamples(payload, batch);
        else if (type === frameTypes.exemplars) batch.exemplars = readExemplars(payload);
        else continue;
        yield { cursor: `${segment}:${end}`, batch, labels };
        if (signal.aborted) return;
      }
      if (offset < limit && !isCurrent) offset = limit;
      continue;
    }
    if (segment < log.position.segment) {
      segment = Math.min(
        log.position.segment,
        ...[...log.sizes.keys()].filter((number) => number > segment),
      );
      offset = 0;
      continue;
    }
    await nextWrite(log, signal);
  }
}

function nextWrite(log: SampleLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      log.listeners.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    log.listeners.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
  });
}
