import { backoffMs, type Clock, type Logger } from '#base';
import type { Integration } from '../config/integrations.ts';
import type { Notification, NotifiedAlert, Recall } from '../contract.ts';
import { DeliveryError, type Sender } from '../receivers/contract.ts';
import { textFailuresOf } from '../receivers/texts.ts';
import type { AlertingMetrics } from './metrics.ts';
import { logRetentionMs, type NotificationLog, needsNotification } from './notification-log.ts';

/** Pauses between tries; as the reference's. */
const backoff = { baseMs: 1000, maxMs: 60_000 };
/**
 * A try that has begun has so long at least, however near the deadline is: cut short it may have arrived all the
 * same, and would be told again.
 */
const minTryMs = 10_000;
/** Messages under way at once to one receiver; the next ones wait for their turn. */
const maxInFlight = 16;

export interface Delivery {
  readonly notification: Notification;
  readonly repeatIntervalMs: number;
  /** No try begins after it; of the monotonic clock, for the other may be set meanwhile. */
  readonly deadlineMs: number;
  /** Ends the wait between tries; a try under way is finished. */
  readonly stop: AbortSignal;
}

interface DeliveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AlertingMetrics;
  readonly entries: NotificationLog;
  readonly random?: () => number;
}

/** How the last try to tell went, since the program started. */
export interface DeliveryAttempt {
  readonly atMs: number;
  readonly durationMs: number;
  /** Absent: the receiver took it, and all of its texts were made. */
  readonly error?: string;
}

/** What can be seen of an integration. */
export type ChannelView = Pick<Channel, 'name' | 'kind' | 'sendResolved' | 'lastAttempt'>;

/** Whether a notification arrived, and what the next one should know. */
interface Sent {
  readonly isDone: boolean;
  readonly recall?: Recall | undefined;
}

/** One integration with its queue: tells what has not been told, with retries, and notes it. */
export class Channel implements Disposable {
  readonly name: string;
  readonly kind: Integration['kind'];
  readonly sendResolved: boolean;
  readonly #sender: Sender;
  readonly #deps: DeliveryDeps;
  #inFlight = 0;
  /** One after the other once the receiver said that it is too much, more again as it takes them. */
  #room = maxInFlight;
  /** The receiver asked for silence until then: of all groups. */
  #pausedUntilMs = 0;
  readonly #waiting: (() => void)[] = [];
  #lastAttempt: DeliveryAttempt | undefined;

  constructor(integration: Integration, sender: Sender, deps: DeliveryDeps) {
    const { receiver, kind, index } = integration;
    this.name = `${receiver}/${kind}/${index}`;
    this.kind = kind;
    this.sendResolved = integration.config.sendResolved;
    this.#sender = sender;
    this.#deps = deps;
  }

  get lastAttempt(): DeliveryAttempt | undefined {
    return this.#lastAttempt;
  }

  [Symbol.dispose](): void {
    this.#sender[Symbol.dispose]();
  }

  /** Whether the receiver knows now what there is to know. */
  async deliver(delivery: Delivery): Promise<boolean> {
    const { clock, log, entries } = this.#deps;
    const { notification, repeatIntervalMs } = delivery;
    const key = `${notification.groupKey}:${this.name}`;
    const firing = fingerprints(notification.alerts, 'firing');
    const resolved = fingerprints(notification.alerts, 'resolved');
    const nowMs = clock.nowMs();
    const options = { sendResolved: this.sendResolved, repeatIntervalMs, nowMs };
    const entry = entries.get(key, nowMs);
    if (!needsNotification(entry, { firing, resolved }, options)) return true;
    const alerts = this.sendResolved
      ? notification.alerts
      : notification.alerts.filter(({ status }) => status === 'firing');
    let recall = entry?.recall;
    if (alerts.length > 0) {
      const sent = await this.#sendInTurn({ ...notification, alerts }, delivery, recall);
      if (!sent.isDone) return false;
      recall = sent.recall ?? recall;
    }
    // Nothing fires any more: what comes next belongs to no message of before.
    if (firing.length === 0) recall = undefined;
    const timestampMs = clock.nowMs();
    // A log entry must outlive the wait for the next reminder.
    const expiresAtMs = timestampMs + Math.max(logRetentionMs, 2 * repeatIntervalMs);
    try {
      await entries.put(key, {
        firing,
        resolved,
        timestampMs,
        expiresAtMs,
        ...(recall === undefined ? {} : { recall }),
      });
    } catch (error) {
      log.error('A notification is sent, but not noted on disk', {
        receiver: this.name,
        err: error,
      });
    }
    return true;
  }

  async #sendInTurn(
    notification: Notification,
    delivery: Delivery,
    recall: Recall | undefined,
  ): Promise<Sent> {
    while (this.#inFlight >= this.#room) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inFlight++;
    try {
      return await this.#sendWithRetries(notification, delivery, recall);
    } finally {
      this.#inFlight--;
      const free = Math.max(0, this.#room - this.#inFlight);
      for (const wake of this.#waiting.splice(0, free)) wake();
    }
  }

  async #sendWithRetries(
    notification: Notification,
    delivery: Delivery,
    recall: Recall | undefined,
  ): Promise<Sent> {
    const { clock, log, metrics, random } = this.#deps;
    const { deadlineMs, stop } = delivery;
    const labels = { integration: this.kind, receiver_name: notification.receiver };
    metrics.notifications.add(1, labels);
    let failure: DeliveryError | undefined;
    for (let attempt = 0; clock.monotonicMs() < deadlineMs && !stop.aborted; attempt++) {
      if (!(await this.#pause(this.#pausedUntilMs - clock.monotonicMs(), delivery))) break;
      if (clock.monotonicMs() >= deadlineMs) break;
      const outcome = await this.#try(notification, deadlineMs - clock.monotonicMs(), recall);
      if (!(outcome instanceof DeliveryError)) {
        if (attempt > 0) log.info('A notification arrived', { receiver: this.name, attempt });
        this.#room = Math.min(maxInFlight, this.#room + 1);
        return outcome;
      }
      failure = outcome;
      if (failure.reason === 'rateLimited') {
        this.#room = 1;
        const untilMs = clock.monotonicMs() + (failure.retryAfterMs ?? 0);
        this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
      }
      if (!failure.isRetryable) break;
      log.warn('A notification failed, it is tried again', {
        receiver: this.name,
        attempt,
        reason: failure.message,
      });
      const pauseMs = Math.max(backoffMs(attempt, backoff, random), failure.retryAfterMs ?? 0);
      if (!(await this.#pause(pauseMs, delivery))) break;
    }
    if (stop.aborted && failure?.isRetryable !== false) return { isDone: false };
    const reason = failure?.reason ?? 'contextDeadlineExceeded';
    metrics.notificationsFailed.add(1, { ...labels, reason });
    log.error('A notification did not arrive', {
      receiver: this.name,
      groupKey: notification.groupKey,
      alerts: notification.alerts.length,
      reason: failure?.message ?? 'no time was left',
    });
    return { isDone: false };
  }

  /** Waits, no longer than the delivery may take. @returns false: it is told to stop */
  async #pause(pauseMs: number, { deadlineMs, stop }: Delivery): Promise<boolean> {
    const { clock } = this.#deps;
    const ms = Math.min(pauseMs, deadlineMs - clock.monotonicMs());
    if (ms <= 0) return !stop.aborted;
    try {
      await clock.sleep(ms, stop);
      return true;
    } catch {
      return false;
    }
  }

  async #try(
    notification: Notification,
    leftMs: number,
    recall: Recall | undefined,
  ): Promise<Sent | DeliveryError> {
    const { clock, metrics } = this.#deps;
    const labels = { integration: this.kind, receiver_name: notification.receiver };
    const startMs = clock.monotonicMs();
    metrics.requests.add(1, labels);
    let failure: DeliveryError | undefined;
    let given: Recall | undefined;
    try {
      const ends = AbortSignal.timeout(Math.max(minTryMs, Math.ceil(leftMs)));
      given = await this.#sender.send(notification, ends, recall);
    } catch (error) {
      metrics.requestsFailed.add(1, labels);
      failure =
        error instanceof DeliveryError
          ? error
          : new DeliveryError(error instanceof Error ? error.message : String(error), {
              isRetryable: false,
              cause: error,
            });
    }
    const untold = textFailuresOf(notification);
    if (untold.length > 0) {
      this.#deps.log.error('Templates of a message failed, it says so in their place', {
        receiver: this.name,
        groupKey: notification.groupKey,
        reasons: untold,
      });
    }
    const problems = [...(failure === undefined ? [] : [failure.message]), ...untold];
    const durationMs = clock.monotonicMs() - startMs;
    metrics.latency.observe(durationMs / 1000, labels);
    this.#lastAttempt = {
      atMs: clock.nowMs(),
      durationMs,
      ...(problems.length === 0 ? {} : { error: problems.join('; ') }),
    };
    return failure ?? { isDone: true, recall: given };
  }
}

const fingerprints = (
  alerts: readonly NotifiedAlert[],
  wanted: NotifiedAlert['status'],
): string[] =>
  alerts.flatMap(({ alert, status }) => (status === wanted ? [alert.fingerprint] : [])).sort();
