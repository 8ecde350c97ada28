import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { yamlOf } from '../alerting.fixture.ts';
import type { LogEntry, Notification, Recall } from '../contract.ts';
import { DeliveryError, type Sender } from '../receivers/contract.ts';
import { Channel } from './delivery.ts';
import { alertingMetrics } from './metrics.ts';
import { NotificationLog } from './notification-log.ts';

const startMs = Date.UTC(2026, 2, 31);
const yaml = yamlOf(
  "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://h'}]}]",
);

function channelOver(send: Sender['send']) {
  const clock = new ManualClock(startMs);
  const noted = new Map<string, LogEntry | undefined>();
  const entries = new NotificationLog(async (key, entry) => {
    noted.set(key, entry);
  });
  const [integration] = yaml.receivers.get('r') ?? [];
  assert.ok(integration);
  const channel = new Channel(
    integration,
    { send, [Symbol.dispose]: () => {} },
    {
      clock,
      log: silentLogger,
      metrics: alertingMetrics(new MetricsRegistry()),
      entries,
      random: () => 0,
    },
  );
  const stop = new AbortController();
  const deliver = (group: string, status: 'firing' | 'resolved' = 'firing', forMs = 60_000) =>
    channel.deliver({
      notification: notificationOf(group, status, clock.nowMs()),
      repeatIntervalMs: 3_600_000,
      deadlineMs: clock.monotonicMs() + forMs,
      stop: stop.signal,
    });
  return { channel, clock, deliver, noted, stop };
}

const notificationOf = (
  group: string,
  status: 'firing' | 'resolved',
  nowMs: number,
): Notification => ({
  receiver: 'r',
  groupKey: group,
  groupLabels: {},
  alerts: [
    {
      status,
      alert: {
        fingerprint: 'f',
        labels: { alertname: group },
        annotations: {},
        startsAtMs: startMs,
        endsAtMs: status === 'firing' ? nowMs + 1000 : nowMs,
        updatedAtMs: nowMs,
        generatorUrl: '',
        isTimeout: false,
      },
    },
  ],
  externalUrl: '',
  nowMs,
});

/** Lets everything happen that needs no time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Channel', () => {
  it('gives each message what the one before gave back, until all is over', async () => {
    const recalled: (Recall | undefined)[] = [];
    const { deliver, clock, noted } = channelOver(async (_, __, recall) => {
      recalled.push(recall);
      return recalled.length === 1 ? { ts: '1' } : undefined;
    });
    await deliver('A');
    assert.deepEqual(noted.get('A:r/webhook/0')?.recall, { ts: '1' });
    clock.advance(4_000_000);
    await deliver('A');
    await deliver('A', 'resolved');
    clock.advance(1);
    await deliver('A');
    assert.deepEqual(recalled, [undefined, { ts: '1' }, { ts: '1' }, undefined]);
  });

  it('does not cut short what is under way at the deadline: it may have arrived', async () => {
    const { deliver, noted } = channelOver(async (_, signal) => {
      await sleep(20, undefined, { signal });
      return undefined;
    });
    assert.equal(await deliver('A', 'firing', 1), true);
    assert.ok(noted.has('A:r/webhook/0'));
  });

  it('is quiet for all groups as long as the receiver asks for', async () => {
    const sent: string[] = [];
    const { deliver, clock } = channelOver(async ({ groupKey }) => {
      sent.push(`${groupKey} ${(clock.nowMs() - startMs) / 1000}`);
      if (sent.length === 1) {
        throw new DeliveryError('slow down', {
          isRetryable: true,
          reason: 'rateLimited',
          retryAfterMs: 7000,
        });
      }
      return undefined;
    });
    const first = deliver('A');
    await settled();
    const second = deliver('B');
    await settled();
    clock.advance(6999);
    await settled();
    assert.deepEqual(sent, ['A 0']);
    clock.advance(1);
    assert.deepEqual(await Promise.all([first, second]), [true, true]);
    assert.deepEqual(sent.slice(1).sort(), ['A 7', 'B 7']);
  });

  it('gives up at its deadline, and says that nobody knows', async () => {
    const { deliver, clock, noted } = channelOver(() =>
      Promise.reject(new DeliveryError('away', { isRetryable: true })),
    );
    const done = deliver('A', 'firing', 3000);
    for (let tries = 0; tries < 10; tries++) {
      await settled();
      clock.advance(1000);
    }
    assert.equal(await done, false);
    assert.equal(noted.size, 0);
  });

  it('stops waiting when it is told to', async () => {
    const { deliver, stop } = channelOver(() =>
      Promise.reject(
        new DeliveryError('away', {
          isRetryable: true,
          reason: 'rateLimited',
          retryAfterMs: 50_000,
        }),
      ),
    );
    const done = deliver('A');
    await settled();
    stop.abort();
    assert.equal(await done, false);
  });
});
