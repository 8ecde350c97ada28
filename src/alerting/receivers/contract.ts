import type { Clock } from '#base';
import type { Notification, Recall } from '../contract.ts';
import type { AlertMessage, MessageMaker } from '../messages/contract.ts';
import type { TemplateSet } from '../template/template-set.ts';

/** One way to tell, ready to be used. */
export interface Sender extends Disposable {
  /**
   * Tells once.
   * @param recall what an earlier message of the group gave back
   * @returns what the group's next message should know; nothing: as before
   * @throws {DeliveryError}
   */
  send(
    notification: Notification,
    signal: AbortSignal,
    recall?: Recall,
  ): Promise<Recall | undefined>;
}

/** One that holds nothing that must be given back. */
export function sender(
  send: (
    notification: Notification,
    signal: AbortSignal,
    recall: Recall,
  ) => Promise<Recall | undefined>,
): Sender {
  return {
    send: (notification, signal, recall = {}) => send(notification, signal, recall),
    [Symbol.dispose]: () => {},
  };
}

/** A text of a configuration, filled in for one notification. */
export interface Texts {
  text(source: string): string;
  html(source: string): string;
}

export interface SenderDeps {
  readonly templates: TemplateSet;
  readonly http: HttpSender;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent: the texts of the configuration are what is sent. */
  readonly messages?: MessageMaker | undefined;
}

/**
 * The notification with what helps to act; undefined where the texts of the configuration are to be sent,
 * and where it could not be made: they go in its place.
 */
export async function messageFor(
  { messages }: SenderDeps,
  notification: Notification,
  signal: AbortSignal,
): Promise<AlertMessage | undefined> {
  if (messages?.settings.isEnabled !== true) return undefined;
  try {
    return await messages.make(notification, signal);
  } catch {
    return undefined;
  }
}

/** An answer to a message; longer ones are cut off by the client. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface HttpSender {
  /**
   * Sends JSON, or a text or bytes as they are. @throws {DeliveryError} when there is no 2xx answer
   */
  post(request: {
    readonly url: string;
    /** Undefined: none. */
    readonly body: unknown;
    readonly method?: 'GET' | 'POST' | 'PUT';
    readonly headers?: Readonly<Record<string, string>>;
    /** 0: only the notification's own end. */
    readonly timeoutMs?: number;
    readonly signal: AbortSignal;
  }): Promise<HttpAnswer>;
}

export type FailureReason =
  | 'clientError'
  | 'serverError'
  | 'rateLimited'
  | 'contextDeadlineExceeded'
  | 'other';

/** A message that did not arrive. */
export class DeliveryError extends Error {
  /** Another try may help. */
  readonly isRetryable: boolean;
  readonly reason: FailureReason;
  /** What the other side asked for. */
  readonly retryAfterMs: number | undefined;
  /** Status and body of the answer, where there was one. */
  readonly status: number | undefined;
  readonly answer: string | undefined;

  constructor(
    message: string,
    options: {
      readonly isRetryable: boolean;
      readonly reason?: FailureReason;
      readonly retryAfterMs?: number | undefined;
      readonly status?: number;
      readonly answer?: string;
      readonly cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryError';
    this.isRetryable = options.isRetryable;
    this.reason = options.reason ?? 'other';
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.answer = options.answer;
  }
}
