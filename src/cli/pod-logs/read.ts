import { type ClientFlags, callServer } from '../client.ts';
import type { ContainerRun } from './find.ts';

export interface StoredLine {
  readonly pointer: string;
  readonly timestampMs: number;
  readonly message: string;
}

interface Page {
  readonly events: readonly StoredLine[];
  readonly next: string | null;
  readonly last: string | null;
}

/** What the server gives at once. */
const maxPageEvents = 2000;

export interface ReadRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** Only lines after this position. */
  readonly after?: string | undefined;
}

/** A run's lines, oldest first; returns the position behind the last. */
export async function* readForward(
  flags: ClientFlags,
  run: ContainerRun,
  range: ReadRange,
): AsyncGenerator<readonly StoredLine[], string | undefined> {
  let position = range.after;
  for (;;) {
    const page = await readPage(
      flags,
      run,
      { ...range, after: position },
      'forward',
      maxPageEvents,
    );
    if (page.events.length > 0) yield page.events;
    position = page.last ?? position;
    if (page.next === null) return position;
    position = page.next;
  }
}

/** The last lines over all runs of a container, oldest first, and the position behind each run's last. */
export async function readLast(
  flags: ClientFlags,
  runs: readonly ContainerRun[],
  range: ReadRange,
  count: number,
): Promise<{
  readonly lines: readonly StoredLine[];
  readonly positions: ReadonlyMap<ContainerRun, string>;
}> {
  const positions = new Map<ContainerRun, string>();
  let lines: StoredLine[] = [];
  for (const run of runs.toReversed()) {
    let after: string | undefined;
    do {
      const missing = count - lines.length;
      // One is asked for where none is wanted: where to go on from must be known.
      const limit = Math.min(Math.max(missing, 1), maxPageEvents);
      const page = await readPage(flags, run, { ...range, after }, 'backward', limit);
      if (page.last !== null && !positions.has(run)) positions.set(run, page.last);
      if (missing > 0) lines = [...page.events, ...lines];
      after = page.next ?? undefined;
    } while (after !== undefined && lines.length < count);
  }
  return { lines, positions };
}

async function readPage(
  flags: ClientFlags,
  { group, stream }: ContainerRun,
  { fromMs, toMs, after }: ReadRange,
  direction: 'forward' | 'backward',
  limit: number,
): Promise<Page> {
  const query = new URLSearchParams({
    group,
    stream,
    fromMs: String(fromMs),
    toMs: String(toMs),
    direction,
    limit: String(limit),
    ...(after === undefined ? {} : { after }),
  });
  const response = await callServer(flags, `/nunchi/logs/events?${query}`);
  return (await response.json()) as Page;
}
