import type { ChatMessage } from '../contract.ts';

/** Something that a source tells. */
export interface SourceEvent {
  readonly message: ChatMessage;
  /** What templates of actions see as `.Event`, and what sinks are sent. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly timeMs: number;
}

/** @param told what each source tells of the same thing, by its name */
export type SourceListener = (told: ReadonlyMap<string, SourceEvent>) => void;
