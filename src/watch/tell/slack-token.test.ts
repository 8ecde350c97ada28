import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import { defaultHttpClient } from '#metrics/config';
import { createHttpClient } from '#metrics/http';
import type { Collection } from '#state';
import { FakeSlack } from '../../../test/clients/fake-slack.ts';
import { eventually } from '../../../test/eventually.ts';
import type { IncidentMessage } from '../messages/contract.ts';
import { sampleMessages } from '../messages/samples.fixture.ts';
import { DeadLetters } from './dead-letters.ts';
import { type Delivery, Outbox } from './outbox.ts';
import { type SlackRoot, slackTokenTeller } from './slack-token-teller.ts';

/** Enough of a collection for one run. */
function collection<T>(): Collection<T> & { readonly map: Map<string, T> } {
  const map = new Map<string, T>();
  return {
    map,
    get: async (id: string) =>
      map.has(id)
        ? { id, version: 1, createdMs: 0, updatedMs: 0, value: map.get(id) as T }
        : undefined,
    list: async () =>
      [...map].map(([id, value]) => ({ id, version: 1, createdMs: 0, updatedMs: 0, value })),
    put: async (id: string, value: T) => {
      map.set(id, value);
      return { id, version: 1, createdMs: 0, updatedMs: 0, value };
    },
    delete: async (id: string) => map.delete(id),
  } as unknown as Collection<T> & { readonly map: Map<string, T> };
}

const channel = '알림-채널';
const [, oom] = sampleMessages.find(([name]) => name === 'out of memory') ?? [];
const [, over] = sampleMessages.find(([name]) => name === 'resolved') ?? [];
const png = Buffer.from('a picture');

describe('an incident in a channel of Slack, with a bot', () => {
  let slack: FakeSlack;
  let outbox: Outbox;
  const roots = collection<SlackRoot>();
  const deliveries = new Map<string, Delivery>();
  const client = createHttpClient(defaultHttpClient, { clock: systemClock, env: {}, version: '0' });

  before(async () => {
    slack = await FakeSlack.open({ C1: channel });
    const settings = { token: 'xoxb-1', channel, apiurl: `${slack.url}/api` };
    const teller = slackTokenTeller({ type: 'slack', settings } as never, client, {
      roots,
      isAnswered: (token) => token === 'xoxb-1',
    });
    outbox = await Outbox.open('slack', teller, {
      clock: new ManualClock(0),
      log: silentLogger,
      metrics: new MetricsRegistry(),
      entries: collection(),
      threads: collection(),
      deadLetters: await DeadLetters.open(collection()),
      retry: { maxAttempts: 1, delayMs: 1, maxBackoffMs: 1 },
      pictureOf: async (id) => (id === 'gone' ? undefined : png),
      onDelivery: (_incident, delivery) => deliveries.set(delivery.id, delivery),
    });
    outbox.start();
  });
  after(async () => {
    await outbox[Symbol.asyncDispose]();
    client[Symbol.dispose]();
    await slack[Symbol.asyncDispose]();
  });

  const root = () => slack.messages('C1')[0] as { ts: string; text: string; blocks: object[] };
  const created = oom as IncidentMessage;

  it('is one message with buttons, and its chart in the thread', async () => {
    await outbox.add({ ...created, picture: { id: 'p', altText: 'Memory of api' } });
    const file = await eventually(() => slack.files[0]);
    assert.equal(file.name, 'incident.png');
    assert.equal(file.content, png.toString());
    assert.equal(file.thread, root().ts);
    assert.match(JSON.stringify(root().blocks[0]), /🚨 Incident — \*OOMKilled\*/);
    assert.match(JSON.stringify(root().blocks), /incident:ack.*incident:silence/);
    const states = await eventually(() =>
      [...deliveries.values()].every(({ state }) => state === 'delivered')
        ? [...deliveries.values()]
        : undefined,
    );
    assert.deepEqual(
      states.map(({ provider, what, tries }) => [provider, what, tries]),
      [['slack', 'created', 1]],
    );
  });

  it('says on that message who is at it', async () => {
    const notes = [{ kind: 'acknowledged', by: 'U02AB34CD', untilMs: 0 }] as const;
    await outbox.add({ kind: 'notes', incident: created.incident, notes });
    await eventually(() =>
      JSON.stringify(root().blocks).includes('Acknowledged by <@U02AB34CD>') ? true : undefined,
    );
    assert.equal(slack.messages('C1').length, 1);
  });

  it('has a chart that was late in its thread, and does without one that is gone', async () => {
    const { incident } = created;
    await outbox.add({ kind: 'picture', incident, picture: { id: 'gone', altText: 'x' } });
    await outbox.add({ kind: 'picture', incident, picture: { id: 'late', altText: 'CPU of api' } });
    const file = await eventually(() => slack.files[1]);
    assert.equal(file.thread, root().ts);
  });

  it('is over in the thread, for all to see, and on the message itself', async () => {
    await outbox.add(over as IncidentMessage);
    await eventually(() =>
      JSON.stringify(root().blocks).includes('✅ Resolved after 3m 20s') ? true : undefined,
    );
    const said = slack.messages('C1');
    assert.equal(said.length, 2);
    assert.equal(said[1]?.['thread_ts'], root().ts);
    assert.equal(said[1]?.['reply_broadcast'], true);
    assert.doesNotMatch(JSON.stringify(root().blocks), /incident:ack/);
    assert.equal(roots.map.size, 0);
    assert.deepEqual(slack.problems, []);
  });

  it('is told though its chart is not taken', async () => {
    slack.nextAnswers.push({
      method: 'files.getUploadURLExternal',
      status: 200,
      body: { ok: false, error: 'missing_scope' },
    });
    const id = 'fedcba9876543210';
    const incident = { ...created.incident, id };
    await outbox.add({ ...created, incident, picture: { id: 'p', altText: 'x' } });
    await eventually(() =>
      [...deliveries.values()].some(
        ({ what, state }) => what === 'created' && state === 'delivered',
      ) && outbox.waiting === 0
        ? true
        : undefined,
    );
    assert.equal(slack.messages('C1').length, 3, 'once');
    assert.equal(slack.files.length, 2);
  });
});
