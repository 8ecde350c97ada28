import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recall } from '../contract.ts';
import { type Answer, firing, openReceiver, openService, resolved } from './receivers.fixture.ts';

const json = (body: unknown): Answer => ({ type: 'application/json', body: JSON.stringify(body) });
const config = (more: string): string =>
  `slack_configs: [{app_token: xoxb-1, app_url: 'HOOK/api/chat.postMessage', channel: '#c', send_resolved: true, ${more}}]`;

describe('Slack with a token', () => {
  /** Sends each of the group's messages with what the one before gave back. */
  const told = (
    name: string,
    more: string,
    messages: readonly (typeof firing)[],
    want: readonly (readonly [
      method: string,
      channel: string,
      ts?: string | undefined,
      thread?: string,
    ])[],
    refusals: Readonly<Record<number, string>> = {},
  ): void =>
    void it(name, async () => {
      let posts = 0;
      await using service = await openService((seen, count) => {
        const error = refusals[count];
        if (error !== undefined) return json({ ok: false, error });
        if (seen.path !== '/api/chat.postMessage') return json({ ok: true });
        posts++;
        return json({ ok: true, channel: 'C1', ts: `1.${posts}` });
      });
      using receiver = openReceiver(config(more), service.url);
      let recall: Recall | undefined;
      for (const message of messages) recall = await receiver.send(message, recall);
      const calls = service.seen.map(({ path, body }) => {
        const { channel, ts, thread_ts: thread } = body as Record<string, string>;
        return [path?.replace('/api/', ''), channel, ts, thread];
      });
      assert.deepEqual(
        calls,
        want.map(([method, channel, ts, thread]) => [method, channel, ts, thread]),
      );
    });

  told(
    'posts each message on its own unless told otherwise',
    '',
    [firing, resolved],
    [
      ['chat.postMessage', '#c'],
      ['chat.postMessage', '#c'],
    ],
  );
  told(
    'answers in the thread of the first, until all is over',
    'threads: true',
    [firing, firing, resolved, firing],
    [
      ['chat.postMessage', '#c'],
      ['chat.postMessage', 'C1', undefined, '1.1'],
      ['chat.postMessage', 'C1', undefined, '1.1'],
      ['chat.postMessage', '#c'],
    ],
  );
  told(
    'changes the first message',
    'update_message: true',
    [firing, resolved, firing],
    [
      ['chat.postMessage', '#c'],
      ['chat.update', 'C1', '1.1'],
      ['chat.postMessage', '#c'],
    ],
  );
  told(
    'does both',
    'update_message: true, threads: true',
    [firing, resolved],
    [
      ['chat.postMessage', '#c'],
      ['chat.update', 'C1', '1.1'],
      ['chat.postMessage', 'C1', undefined, '1.1'],
    ],
  );
  told(
    'begins anew where the first message is gone',
    'update_message: true',
    [firing, firing, firing],
    [
      ['chat.postMessage', '#c'],
      ['chat.update', 'C1', '1.1'],
      ['chat.postMessage', '#c'],
      ['chat.update', 'C1', '1.2'],
    ],
    { 2: 'message_not_found' },
  );
});
