import type { Clock } from '#base';
import type { SourceEvent } from '../sources/contract.ts';

/** What a sink is sent: the sources that tell of it, and the event. */
export interface Told {
  readonly sources: readonly string[];
  readonly event: SourceEvent;
}

/** @throws {AppError} CHAT_MESSAGE_REFUSED when another try would not help, else CHAT_SINK_FAILED */
export type SendTold = (told: Told, signal: AbortSignal) => Promise<void>;

export interface SinkDeps {
  readonly clock: Clock;
  readonly clusterName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
