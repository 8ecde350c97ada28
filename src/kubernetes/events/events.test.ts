import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Event } from 'kubernetes-types/core/v1.d.ts';
import { eventRecord, occurrenceOf, parseEventRecord } from './record.ts';
import { SeenEvents } from './seen.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const event = (more: object): Event =>
  ({
    metadata: {
      name: 'web.1',
      namespace: 'shop',
      uid: 'u',
      creationTimestamp: '2026-03-01T10:00:00Z',
    },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7f-x' },
    ...more,
  }) as Event;

describe('occurrenceOf()', () => {
  const f = (what: string, more: object, count: number, time: string): void =>
    void it(what, () => {
      const found = occurrenceOf(event(more), nowMs);
      assert.deepEqual([found.count, new Date(found.lastMs).toISOString()], [count, time]);
    });
  f(
    'of the core API',
    { count: 3, lastTimestamp: '2026-03-01T11:00:00Z' },
    3,
    '2026-03-01T11:00:00.000Z',
  );
  f(
    'of events.k8s.io',
    { eventTime: '2026-03-01T11:00:00.123456Z', lastTimestamp: null, count: null },
    1,
    '2026-03-01T11:00:00.123Z',
  );
  f(
    'of a series',
    {
      eventTime: '2026-03-01T11:00:00Z',
      series: { count: 7, lastObservedTime: '2026-03-01T11:30:00.5Z' },
    },
    7,
    '2026-03-01T11:30:00.500Z',
  );
  f('without any time', {}, 1, '2026-03-01T10:00:00.000Z');
  f(
    'with a time far ahead',
    { lastTimestamp: '2036-03-01T11:00:00Z' },
    1,
    '2026-03-01T12:00:00.000Z',
  );
  f('with no time at all', { metadata: { uid: 'u', name: 'n' } }, 1, '2026-03-01T12:00:00.000Z');
});

it('eventRecord() is read back from its text', () => {
  const told = event({
    type: 'Warning',
    reason: 'BackOff',
    message: '다시 시작 "main"',
    count: 3,
    lastTimestamp: '2026-03-01T11:00:00Z',
    reportingComponent: 'kubelet',
    source: {},
  });
  const owners = [
    { kind: 'ReplicaSet', name: 'web-7f', uid: '1' },
    { kind: 'Deployment', name: 'web', uid: '2' },
  ];
  const record = eventRecord(told, occurrenceOf(told, nowMs), 2, owners);
  assert.deepEqual(record.workload, { kind: 'Deployment', name: 'web' });
  assert.equal(record.source.component, 'kubelet');
  const text = JSON.stringify(record);
  assert.deepEqual(parseEventRecord(text), JSON.parse(text));
  for (const other of ['', 'null', '{}', 'no JSON', '{"involvedObject":{}}']) {
    assert.equal(parseEventRecord(other), undefined, other);
  }
});

describe('SeenEvents', () => {
  it('tells each occurrence once, in whatever order and however often it is seen', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ uid: fc.constantFrom('a', 'b', 'c'), count: fc.integer({ min: 1, max: 9 }) }),
        ),
        (sightings) => {
          const seen = new SeenEvents();
          const told = new Map<string, number>();
          const highest = new Map<string, number>();
          for (const { uid, count } of sightings) {
            const occurrences = seen.take({ uid, count, lastMs: count * 1000 }, 'shop');
            told.set(uid, (told.get(uid) ?? 0) + occurrences);
            highest.set(uid, Math.max(highest.get(uid) ?? 0, count));
          }
          assert.deepEqual(told, highest);
        },
      ),
    ));

  it('counts a later time without a higher count once', () => {
    const seen = new SeenEvents();
    const take = (lastMs: number): number => seen.take({ uid: 'a', count: 1, lastMs }, '');
    assert.deepEqual([take(1), take(1), take(5), take(5), take(3)], [1, 0, 1, 0, 0]);
  });

  it('forgets what the API server no longer has, in the namespace that was listed', () => {
    const seen = new SeenEvents();
    const take = (uid: string, namespace: string): number =>
      seen.take({ uid, count: 1, lastMs: 1 }, namespace);
    take('a', 'x');
    take('b', 'x');
    take('c', 'y');
    seen.keepOnly(new Set(['a']), 'x');
    assert.deepEqual([take('a', 'x'), take('b', 'x'), take('c', 'y')], [0, 1, 0]);
    seen.keepOnly(new Set(), undefined);
    assert.equal(seen.size, 0);
  });

  it('holds no more than its bound', () => {
    const seen = new SeenEvents(2);
    for (const uid of ['a', 'b', 'c']) seen.take({ uid, count: 1, lastMs: 1 }, '');
    assert.deepEqual([seen.size, seen.forgotten], [2, 1]);
  });
});
