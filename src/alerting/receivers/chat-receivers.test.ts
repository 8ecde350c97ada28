import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { DeliveryError } from './contract.ts';
import { groupHash } from './group-hash.ts';
import {
  type Answer,
  firing,
  groupKey,
  openReceiver,
  openService,
  sent,
} from './receivers.fixture.ts';

const json = (body: unknown): Answer => ({
  type: 'application/json',
  body: JSON.stringify(body),
});
const alertsUrl = 'http://nunchi/#/alerts?receiver=r';
const subject = '[FIRING:1] Down';

describe('wechat', () => {
  const config = `wechat_configs: [{api_url: 'HOOK/cgi-bin', corp_id: c, api_secret: s, to_user: u, agent_id: '7', message: m, message_type: markdown}]`;
  it('asks for a token once, and anew when it is stale', async () => {
    const answers: Answer[] = [
      json({ errcode: 0, access_token: 'a' }),
      json({ errcode: 0 }),
      json({ errcode: 42001, errmsg: 'expired' }),
      json({ errcode: 0, access_token: 'b' }),
      json({ errcode: 0 }),
    ];
    await using service = await openService((_, count) => answers[count - 1]);
    using receiver = openReceiver(config, service.url);
    await receiver.send(firing);
    const stale = await receiver.send(firing).catch((error: unknown) => error);
    assert.ok(stale instanceof DeliveryError && stale.isRetryable);
    await receiver.send(firing);
    assert.deepEqual(
      service.seen.map(({ method, path }) => `${method} ${path}`),
      [
        'GET /cgi-bin/gettoken?corpsecret=s&corpid=c',
        'POST /cgi-bin/message/send?access_token=a',
        'POST /cgi-bin/message/send?access_token=a',
        'GET /cgi-bin/gettoken?corpsecret=s&corpid=c',
        'POST /cgi-bin/message/send?access_token=b',
      ],
    );
    assert.deepEqual(service.seen[1]?.body, {
      touser: 'u',
      toparty: '',
      totag: '',
      agentid: '7',
      safe: '0',
      msgtype: 'markdown',
      markdown: { content: 'm' },
    });
  });
});

describe('webex', () => {
  it('sends markdown, cut to the bytes that are allowed', async () => {
    const { seen, error } = await sent(
      `webex_configs: [{api_url: 'HOOK/v1/messages', room_id: r1, message: '${'가'.repeat(3000)}', http_config: {authorization: {credentials: x}}}]`,
      firing,
    );
    assert.equal(error, undefined);
    const { markdown, roomId } = seen[0]!.body as { markdown: string; roomId: string };
    assert.equal(roomId, 'r1');
    assert.equal(markdown, `${'가'.repeat(2478)}…`);
    assert.equal(seen[0]?.headers['authorization'], 'Bearer x');
  });
});

describe('rocketchat', () => {
  it('posts with tokens, and reads what comes back', async () => {
    const config = `rocketchat_configs: [{api_url: 'HOOK/', token: t, token_id: i, channel: '#c', text: x, short_fields: true, fields: [{title: a, value: b}], actions: [{text: Open, url: 'http://o'}]}]`;
    const good = await sent(config, firing, json({ success: true }));
    assert.equal(good.error, undefined);
    const [request] = good.seen;
    assert.equal(request?.path, '/api/v1/chat.postMessage');
    assert.equal(request?.headers['x-auth-token'], 't');
    assert.equal(request?.headers['x-user-id'], 'i');
    assert.deepEqual(request?.body, {
      channel: '#c',
      attachments: [
        {
          title: subject,
          title_link: alertsUrl,
          text: 'x',
          color: 'red',
          fields: [{ title: 'a', value: 'b', short: true }],
          actions: [{ type: 'button', text: 'Open', url: 'http://o' }],
        },
      ],
    });
    const bad = await sent(config, firing, json({ success: false, error: 'no room' }));
    assert.ok(bad.error instanceof DeliveryError && !bad.error.isRetryable);
    assert.equal(bad.error.message, 'rocketchat: no room');
  });

  it('posts to an incoming webhook', async () => {
    const { seen, error } = await sent(
      `rocketchat_configs: [{webhook_url: 'HOOK/hooks/1'}]`,
      firing,
    );
    assert.equal(error, undefined);
    assert.equal(seen[0]?.path, '/hooks/1');
  });
});

describe('mattermost', () => {
  it('sends an attachment', async () => {
    const { seen, error } = await sent(
      `mattermost_configs: [{webhook_url: 'HOOK/hooks/1', channel: c, text: x, fields: [{title: a, value: b, short: true}], props: {card: k}, priority: {priority: Important, requested_ack: true, persistent_notifications: true}}]`,
      firing,
    );
    assert.equal(error, undefined);
    assert.deepEqual(seen[0]?.body, {
      channel: 'c',
      username: 'Alertmanager',
      attachments: [
        {
          fallback: `${subject} | ${alertsUrl}`,
          color: 'danger',
          text: 'x',
          title: subject,
          title_link: alertsUrl,
          fields: [{ title: 'a', value: 'b', short: true }],
        },
      ],
      props: { card: 'k' },
      priority: { priority: 'important', requested_ack: true, persistent_notifications: false },
    });
  });

  it('sends attachments of its own below the text', async () => {
    const { seen } = await sent(
      `mattermost_configs: [{webhook_url: 'HOOK/hooks/1', text: x, attachments: [{text: '{{ .Status }}'}]}]`,
      firing,
    );
    assert.deepEqual(seen[0]?.body, {
      text: 'x',
      username: 'Alertmanager',
      attachments: [{ text: 'firing' }],
    });
  });
});

describe('googlechat', () => {
  it('sends a text, a thread for each group', async () => {
    const { seen, error } = await sent(
      `googlechat_configs: [{webhook_url: 'HOOK/v1/spaces/x/messages?key=k&token=t', message: m}]`,
      firing,
      json({ name: 'spaces/x/messages/1' }),
    );
    assert.equal(error, undefined);
    assert.equal(
      seen[0]?.path,
      '/v1/spaces/x/messages?key=k&token=t&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
    );
    assert.deepEqual(seen[0]?.body, {
      text: `*${subject}*\nm`,
      thread: { threadKey: groupHash(groupKey) },
    });
  });
});

describe('matrix', () => {
  it('puts an event, under one transaction however often it is tried', async () => {
    const config = `matrix_configs: [{homeserver_url: 'HOOK', access_token: t, room_id: '!a:b', message: m, html: '<b>{{ (index .Alerts 0).Annotations.summary }}</b>'}]`;
    await using service = await openService(() => json({ event_id: '$1' }));
    using receiver = openReceiver(config, service.url);
    await receiver.send(firing);
    await receiver.send(firing);
    const [first, second] = service.seen;
    assert.equal(first?.method, 'PUT');
    assert.match(
      first?.path ?? '',
      /^\/_matrix\/client\/v3\/rooms\/!a%3Ab\/send\/m\.room\.message\/[0-9a-f]{64}$/,
    );
    assert.equal(second?.path, first?.path);
    assert.equal(first?.headers['authorization'], 'Bearer t');
    assert.deepEqual(first?.body, {
      msgtype: 'm.text',
      body: 'm',
      format: 'org.matrix.custom.html',
      formatted_body: '<b>&lt;a&gt; &amp; &#34;b&#34;</b>',
    });
  });
});

describe('feishu', () => {
  it('sends a signed card, and reads what comes back', async () => {
    const config = `feishu_configs: [{webhook_url: 'HOOK/open-apis/bot/v2/hook/1', secret: s, message: m}]`;
    const { seen, error } = await sent(config, firing, json({ code: 0 }));
    assert.equal(error, undefined);
    const { timestamp, sign, ...body } = seen[0]!.body as Record<string, unknown>;
    const key = `${String(timestamp)}\ns`;
    assert.equal(sign, createHmac('sha256', key).update('').digest('base64'));
    assert.deepEqual(body, {
      msg_type: 'interactive',
      card: {
        config: { wide_screen_mode: true },
        header: { title: { tag: 'plain_text', content: subject }, template: 'red' },
        elements: [{ tag: 'markdown', content: 'm' }],
      },
    });
    const busy = await sent(config, firing, json({ code: 11232, msg: 'frequency limited' }));
    assert.ok(busy.error instanceof DeliveryError && busy.error.reason === 'rateLimited');
    const bad = await sent(config, firing, json({ code: 19021, msg: 'sign match fail' }));
    assert.ok(bad.error instanceof DeliveryError && !bad.error.isRetryable);
  });
});

describe('dingtalk', () => {
  const of = (more: string): string =>
    `dingtalk_configs: [{webhook_url: 'HOOK/robot/send?access_token=t', message: m${more}}]`;
  it('sends signed markdown', async () => {
    const { seen, error } = await sent(of(', secret: s'), firing, json({ errcode: 0 }));
    assert.equal(error, undefined);
    const query = new URL(`http://x${seen[0]?.path}`).searchParams;
    const stamp = query.get('timestamp');
    assert.equal(query.get('access_token'), 't');
    assert.equal(
      query.get('sign'),
      createHmac('sha256', 's').update(`${stamp}\ns`).digest('base64'),
    );
    const markdown = { title: subject, text: 'm' };
    assert.deepEqual(seen[0]?.body, { msgtype: 'markdown', markdown });
  });

  const body = (messageType: string, want: object): void =>
    void it(`sends ${messageType}`, async () => {
      const { seen } = await sent(
        of(`, message_type: ${messageType}`),
        firing,
        json({ errcode: 0 }),
      );
      assert.deepEqual(seen[0]?.body, { msgtype: messageType, [messageType]: want });
    });
  body('text', { content: 'm' });
  body('link', { title: subject, text: 'm', messageUrl: alertsUrl });
  body('actionCard', { title: subject, text: 'm', singleTitle: 'More', singleURL: alertsUrl });

  it('waits where it is told that it is too fast', async () => {
    const { error } = await sent(of(''), firing, json({ errcode: 130101, errmsg: 'too fast' }));
    assert.ok(error instanceof DeliveryError && error.reason === 'rateLimited');
  });
});

describe('line', () => {
  it('pushes under a key, and takes a known one for good', async () => {
    const config = `line_configs: [{api_url: 'HOOK/v2/bot/message/push', channel_token: t, to: U1, message: m}]`;
    const { seen, error } = await sent(config, firing, {
      status: 409,
      body: '{"message":"known"}',
    });
    assert.equal(error, undefined);
    assert.equal(seen[0]?.headers['authorization'], 'Bearer t');
    assert.match(String(seen[0]?.headers['x-line-retry-key']), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.deepEqual(seen[0]?.body, { to: 'U1', messages: [{ type: 'text', text: 'm' }] });
  });
});

describe('threema', () => {
  it('sends a form', async () => {
    const { seen, error } = await sent(
      `threema_configs: [{api_url: 'HOOK/send_simple', gateway_id: '*ABCDEF1', recipient_id: ABCDEFGH, api_secret: s, message: m}]`,
      firing,
    );
    assert.equal(error, undefined);
    assert.deepEqual(seen[0]?.body, {
      from: '*ABCDEF1',
      to: 'ABCDEFGH',
      secret: 's',
      text: `${subject}\nm`,
    });
  });
});
