import type { Incident } from '../contract.ts';
import type { MessagePicture, SilenceNote, WatchMessage } from '../messages/contract.ts';

/** A provider, ready to be used. */
export interface Teller extends Disposable {
  readonly type: string;
  /**
   * Tells once.
   * @param thread what an earlier message of the incident gave; undefined: there was none
   * @returns what later messages of the incident are given
   * @throws {AppError} WATCH_DELIVERY_FAILED
   */
  tell(
    message: WatchMessage,
    thread: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Whether plain texts (start, digests) are told too. */
  readonly takesTexts: boolean;
  /**
   * Sends the chart of an incident that has been told of; absent: it cannot carry one.
   * @throws {AppError} WATCH_DELIVERY_FAILED
   */
  tellPicture?(
    picture: MessagePicture & { readonly png: Buffer },
    about: { readonly incident: Incident; readonly thread: string | undefined },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Shows who is at an incident on what was told of it; absent: what was told cannot be changed.
   * @throws {AppError} WATCH_DELIVERY_FAILED
   */
  tellNotes?(incident: Incident, notes: readonly SilenceNote[], signal: AbortSignal): Promise<void>;
}
