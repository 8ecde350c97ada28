import type { CronJob } from 'kubernetes-types/batch/v1.d.ts';
import { nextScheduleMs, parseSchedule, timeMsOf } from '#kubernetes/cluster';
import type { Trouble } from '../contract.ts';

/** A run may be late by so much, ms. */
const graceMs = 5 * 60_000;

export interface CronJobLook {
  readonly troubles: readonly Trouble[];
  /** Unix ms at which the answer may change though the object does not. */
  readonly nextMs: number | undefined;
}

/**
 * Whether a run was due and did not begin.
 * @param sinceMs runs that were due before are none of our business: it was suspended, or had another schedule
 */
export function findCronJobTroubles(
  { metadata, spec, status }: CronJob,
  sinceMs: number | undefined,
  nowMs: number,
): CronJobLook {
  const lastMs = timeMsOf(status?.lastScheduleTime) ?? timeMsOf(metadata?.creationTimestamp);
  if (spec === undefined || spec.suspend === true || lastMs === undefined) return nothing;
  const dueMs = dueAfter(spec.schedule, spec.timeZone, Math.max(lastMs, sinceMs ?? 0));
  if (dueMs === undefined) return nothing;
  if (nowMs < dueMs + graceMs) return { troubles: [], nextMs: dueMs + graceMs };
  const namespace = metadata?.namespace ?? '';
  const subject = { kind: 'CronJob', namespace, name: metadata?.name ?? '' };
  const isBlocked = spec.concurrencyPolicy === 'Forbid' && (status?.active ?? []).length > 0;
  const due = new Date(dueMs).toISOString().slice(0, 16).replace('T', ' ');
  const why = isBlocked ? ': a run that has not ended keeps the next ones from starting' : '';
  return {
    troubles: [
      {
        reason: 'CronJobNotScheduled',
        severity: 'medium',
        subject,
        owner: subject,
        labels: metadata?.labels,
        message: `The run that was due at ${due} UTC (${spec.schedule}) has not begun${why}`,
        finding: {
          code: isBlocked ? 'notRunBlocked' : 'notRun',
          parameters: [due, spec.schedule],
        },
        sinceMs: dueMs,
      },
    ],
    nextMs: undefined,
  };
}

const nothing: CronJobLook = { troubles: [], nextMs: undefined };

/** A schedule in words of its own (`@every 1h`) is not reckoned with. */
function dueAfter(
  schedule: string,
  timeZone: string | undefined,
  afterMs: number,
): number | undefined {
  const read = parseSchedule(schedule, timeZone);
  return read === undefined || 'everyMs' in read ? undefined : nextScheduleMs(read, afterMs);
}
