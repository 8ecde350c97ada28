/**
 * Decides line by line which lines are one event. `alone`: an event by itself (an open group ends);
 * `starts`: the first line of a group (an open one ends); `continues`: belongs to the open group;
 * `ends`: belongs to it and is its last.
 */
export type LineJoin = 'alone' | 'starts' | 'continues' | 'ends';

/** State of one stream of lines. */
export interface LineJoiner {
  accept(line: string): LineJoin;
  /** The open group was emitted. */
  reset(): void;
}
