import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Alert, LogEntry } from '../contract.ts';
import { fingerprintOf } from '../labels.ts';
import { AlertStore } from './alert-store.ts';
import { Dispatcher } from './dispatcher.ts';
import { needsNotification } from './notification-log.ts';
import { buildRoutes } from './route.ts';

const waitMs = 30_000;
const intervalMs = 60_000;
const repeatMs = 600_000;
const route = buildRoutes({
  receiver: 'r',
  matchers: [],
  groupBy: ['g'],
  groupWaitMs: waitMs,
  groupIntervalMs: intervalMs,
  repeatIntervalMs: repeatMs,
  continue: false,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
});

interface Sent {
  /** Noted, but nobody was told: an end that the receiver does not want. */
  readonly isSilent: boolean;
  readonly atMs: number;
  readonly group: string;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

interface Event {
  readonly afterMs: number;
  readonly group: string;
  readonly name: string;
  readonly kind: 'fire' | 'resolve';
  readonly ttlMs: number;
}

/** Runs events through the machines; a receiver that takes everything, or refuses some. */
function simulate(
  events: readonly Event[],
  sendResolved: boolean,
  refuses: (n: number) => boolean,
) {
  const store = new AlertStore();
  const dispatcher = new Dispatcher(route);
  const entries = new Map<string, LogEntry>();
  const sent: Sent[] = [];
  const flushes: { atMs: number; group: string }[] = [];
  let tries = 0;
  let nowMs = 1_000_000_000_000;
  const runUntil = (endMs: number): void => {
    for (;;) {
      const dueMs = dispatcher.nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      nowMs = Math.max(nowMs, dueMs);
      for (const flush of dispatcher.takeDue(nowMs)) {
        flushes.push({ atMs: nowMs, group: flush.groupKey });
        const of = (wanted: string) =>
          flush.alerts
            .filter(({ status }) => status === wanted)
            .map(({ alert }) => alert.fingerprint);
        const set = { firing: of('firing'), resolved: of('resolved') };
        const options = { sendResolved, repeatIntervalMs: repeatMs, nowMs };
        let isDone = true;
        if (needsNotification(entries.get(flush.groupKey), set, options)) {
          isDone = !refuses(tries++);
          const isSilent = !sendResolved && set.firing.length === 0;
          if (isDone) sent.push({ atMs: nowMs, group: flush.groupKey, isSilent, ...set });
          if (isDone) {
            const expiresAtMs = Number.POSITIVE_INFINITY;
            entries.set(flush.groupKey, { ...set, timestampMs: nowMs, expiresAtMs });
          }
        }
        dispatcher.finish(flush, isDone);
      }
    }
    nowMs = endMs;
  };
  const firing = new Map<string, Alert>();
  for (const { afterMs, group, name, kind, ttlMs } of events) {
    runUntil(nowMs + afterMs);
    const labels = { g: group, alertname: name };
    const fingerprint = fingerprintOf(labels);
    const alert: Alert = {
      fingerprint,
      labels,
      annotations: {},
      startsAtMs: firing.get(fingerprint)?.startsAtMs ?? nowMs,
      endsAtMs: kind === 'fire' ? nowMs + ttlMs : nowMs,
      updatedAtMs: nowMs,
      generatorUrl: '',
      isTimeout: false,
    };
    const stored = store.put(alert, nowMs);
    assert.ok(stored);
    firing.set(fingerprint, stored);
    dispatcher.insert(stored, nowMs);
  }
  return {
    sent,
    flushes,
    finish: (forMs: number) => runUntil(nowMs + forMs),
    groupOf: (alert: Alert) => `{}:{g="${alert.labels['g']}"}`,
    alerts: () => [...store.all()],
    now: () => nowMs,
    dispatcher,
  };
}

const event = (): fc.Arbitrary<Event> =>
  fc.record({
    afterMs: fc.integer({ min: 0, max: 200_000 }),
    group: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('x', 'y', 'z'),
    kind: fc.constantFrom('fire' as const, 'fire' as const, 'resolve' as const),
    ttlMs: fc.integer({ min: 1000, max: 2_000_000 }),
  });

describe('Dispatcher and notification log over random alerts', () => {
  it('forget nothing: in the end receivers believe what is so', () => {
    fc.assert(
      fc.property(
        fc.array(event(), { maxLength: 40 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        (events, refusals) => {
          const run = simulate(events, true, (n) => refusals[n] ?? false);
          run.finish(5_000_000);
          const belief = new Map<string, readonly string[]>();
          for (const { group, firing } of run.sent) belief.set(group, firing);
          for (const [group, believed] of belief) {
            const truth = run
              .alerts()
              .filter((alert) => run.groupOf(alert) === group && alert.endsAtMs > run.now());
            assert.deepEqual([...believed].sort(), truth.map((one) => one.fingerprint).sort());
          }
          // All is over by now, so nothing is held any more.
          assert.equal(run.dispatcher.held().size, 0);
        },
      ),
    );
  });

  it('say nothing twice before the repeat interval', () => {
    fc.assert(
      fc.property(fc.array(event(), { maxLength: 40 }), fc.boolean(), (events, sendResolved) => {
        const run = simulate(events, sendResolved, () => false);
        run.finish(3_000_000);
        const last = new Map<string, Sent>();
        for (const one of run.sent) {
          const before = last.get(one.group);
          if (before !== undefined) {
            const isSame =
              one.firing.every((f) => before.firing.includes(f)) &&
              (one.resolved.every((r) => before.resolved.includes(r)) || !sendResolved) &&
              one.firing.length > 0;
            if (isSame && !one.isSilent) assert.ok(one.atMs - before.atMs > repeatMs, 'told twice');
          }
          last.set(one.group, one);
        }
      }),
    );
  });

  it('keep the interval between two flushes of a group', () => {
    fc.assert(
      fc.property(fc.array(event(), { maxLength: 40 }), (events) => {
        const run = simulate(events, true, () => false);
        run.finish(1_000_000);
        const last = new Map<string, number>();
        for (const { atMs, group } of run.flushes) {
          const before = last.get(group);
          // A group that was empty in between is a new one, which waits group_wait.
          if (before !== undefined) assert.ok(atMs - before >= intervalMs, 'too early');
          last.set(group, atMs);
        }
      }),
    );
  });
});
