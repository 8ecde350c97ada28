import { constants, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#base';
import type { Checkpoint } from '../contract.ts';
import { decodeFrame, type FrameHeader, frameLength, framePrefixBytes } from './frames.ts';

/** One frame in the queue. */
export interface SpooledFrame {
  readonly frame: number;
  readonly source: string;
  readonly batch: number;
  readonly events: number;
  readonly bytes: number;
  /** Acknowledged, and waits for older frames to leave. */
  readonly done: boolean;
}

/** A frame and where it is kept. */
export interface Entry extends SpooledFrame {
  readonly segment: Segment;
  readonly offset: number;
  /** Kept while it is likely to be sent at once; read back from the file otherwise. */
  encoded: Buffer | undefined;
  done: boolean;
}

/** A file of frames. */
export interface Segment {
  readonly path: string;
  readonly number: number;
  /** Opened at the first use; readers and the writer may ask at the same time. */
  handle: Promise<FileHandle> | undefined;
  bytes: number;
  /** Frames in it that are not acknowledged. */
  frames: number;
}

/** One descriptor a segment, however many ask for it at once; a failed opening is tried again. */
export function openSegment(segment: Segment): Promise<FileHandle> {
  if (segment.handle === undefined) {
    const opening = open(segment.path, constants.O_RDWR | constants.O_CREAT, 0o640);
    segment.handle = opening;
    opening.catch(() => {
      if (segment.handle === opening) segment.handle = undefined;
    });
  }
  return segment.handle;
}

/** Closes the descriptor, if there is one. */
export async function closeSegment(segment: Segment): Promise<void> {
  const { handle } = segment;
  segment.handle = undefined;
  if (handle !== undefined) await (await handle).close();
}

/** A segment is deleted as a whole: small ones give space back early. */
export const segmentBytes: number = 8 * 1024 * 1024;

export function newSegment(folder: string, number: number): Segment {
  const path = join(folder, `${String(number).padStart(10, '0')}.frames`);
  return { path, number, handle: undefined, bytes: 0, frames: 0 };
}

/** What an earlier run left. */
export interface FoundFrames {
  readonly entries: Entry[];
  readonly segments: Segment[];
  /** Of the frames, in their order. */
  readonly checkpoints: Checkpoint[];
  /** Frames that were damaged and whose events and positions are lost. */
  readonly lostFrames: number;
}

/**
 * Reads what an earlier run left. In the last segment everything from a torn or damaged frame on is
 * cut off: it was written shortly before a crash, and since the positions go with it, the events are
 * read again. Damage in an older segment costs that frame alone, for its source may be long gone.
 */
export async function readSegments(
  folder: string,
  acked: number,
  logger: Logger,
): Promise<FoundFrames> {
  const entries: Entry[] = [];
  const segments: Segment[] = [];
  const checkpoints: Checkpoint[] = [];
  let lostFrames = 0;
  let lastFrame = acked;
  let damaged = false;
  const names = (await readdir(folder)).filter((name) => /^\d+\.frames$/.test(name)).sort();
  for (const name of names) {
    const segment = newSegment(folder, Number.parseInt(name, 10));
    const isLast = name === names.at(-1);
    const bytes = readFileSync(segment.path);
    let at = 0;
    while (at < bytes.length) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) {
        const next = nextFrame(bytes, at + 1);
        // Acknowledged frames may be damaged: nobody misses them.
        const harmless = next !== undefined && next.header.frame <= lastFrame + 1;
        if (isLast && !harmless) break;
        damaged = true;
        at = next?.at ?? bytes.length;
        continue;
      }
      const { header, length } = frame;
      if (header.frame > acked) {
        if (damaged && header.frame > lastFrame + 1) {
          const frames = header.frame - lastFrame - 1;
          lostFrames += frames;
          logger.error('Frames of the spool are damaged: their events are lost', {
            path: segment.path,
            frames,
          });
        }
        const { source, batch, events } = header;
        const place = { bytes: length, segment, offset: at, encoded: undefined, done: false };
        entries.push({ frame: header.frame, source, batch, events, ...place });
        for (const checkpoint of header.checkpoints) checkpoints.push(checkpoint);
        segment.frames++;
      }
      damaged = false;
      lastFrame = Math.max(lastFrame, header.frame);
      at += length;
    }
    if (at < bytes.length) {
      logger.warn('Cut a torn frame off the spool', {
        path: segment.path,
        bytes: bytes.length - at,
      });
      await truncate(segment.path, at);
    }
    segment.bytes = at;
    if (segment.frames === 0 && !isLast) rmSync(segment.path, { force: true });
    else segments.push(segment);
  }
  return { entries, segments, checkpoints, lostFrames };
}

function frameAt(
  bytes: Buffer,
  at: number,
): { readonly header: FrameHeader; readonly length: number } | undefined {
  const length = frameLength(bytes.subarray(at, at + framePrefixBytes));
  if (length === undefined) return undefined;
  const decoded = decodeFrame(bytes.subarray(at, at + length));
  return decoded === undefined ? undefined : { header: decoded.header, length };
}

/** The first whole frame at or after `from`. */
function nextFrame(
  bytes: Buffer,
  from: number,
): { readonly header: FrameHeader; readonly at: number } | undefined {
  for (let at = bytes.indexOf('NSF1', from); at >= 0; at = bytes.indexOf('NSF1', at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame !== undefined) return { header: frame.header, at };
  }
  return undefined;
}
