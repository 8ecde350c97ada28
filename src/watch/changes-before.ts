import { changesLogGroup, parseChangeRecord } from '#kubernetes/changes';
import type { LogStore } from '#logs/store';
import type { Trouble } from './contract.ts';

const maxChanges = 5;
const maxScannedEvents = 20_000;

/** What changed about the owner of a trouble, and on its node, newest first, in one line each. */
export function changesBefore(
  logs: LogStore,
  clusterName: string,
): (
  trouble: Trouble,
  fromMs: number,
  toMs: number,
  signal: AbortSignal,
) => Promise<readonly string[]> {
  return async ({ owner, node, subject }, fromMs, toMs, signal) => {
    const group = changesLogGroup(clusterName);
    if (logs.group(group) === undefined) return [];
    const names = new Set([owner.name, subject.name]);
    const isAbout = (message: string): ReturnType<typeof parseChangeRecord> => {
      const change = parseChangeRecord(message);
      if (change === undefined) return undefined;
      const { object, workload } = change;
      const isNode = object.kind === 'Node' && object.name === node;
      const isOurs =
        (object.namespace ?? '') === subject.namespace &&
        (names.has(object.name) || workload.name === owner.name);
      return isNode || isOurs ? change : undefined;
    };
    const { events } = await logs.readEvents(
      {
        groups: [group],
        fromMs,
        toMs,
        direction: 'backward',
        maxEvents: maxChanges,
        maxScannedEvents,
        accept: (message) => isAbout(message) !== undefined,
      },
      signal,
    );
    return events.flatMap((event) => {
      const change = isAbout(event.message);
      if (change === undefined) return [];
      const minutes = Math.max(0, Math.round((toMs - event.timestampMs) / 60_000));
      const when = minutes === 0 ? 'just before' : `${minutes} min before`;
      return [`${when}: ${change.message}`];
    });
  };
}
