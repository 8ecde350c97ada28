import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprintOf } from '../labels.ts';
import { DeliveryError } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { openMailServer } from './mail-server.fixture.ts';
import { type Answer, firing, groupKey, resolved, sent } from './receivers.fixture.ts';

const wire = {
  firing: {
    status: 'firing',
    labels: { alertname: 'Down', pod: 'a' },
    annotations: { summary: '<a> & "b"' },
    startsAt: '2026-03-31T05:10:11.25Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prom/graph?a=1&b=2',
    fingerprint: fingerprintOf({ alertname: 'Down', pod: 'a' }),
  },
};

describe('webhook', () => {
  it('sends version 4, cut to max_alerts, with credentials', async () => {
    const { seen, error } = await sent(
      `webhook_configs: [{url: 'HOOK/hook?x=1', max_alerts: 1, http_config: {basic_auth: {username: u, password: p}}}]`,
      firing,
    );
    assert.equal(error, undefined);
    const [request] = seen;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.path, '/hook?x=1');
    assert.equal(request?.headers['authorization'], 'Basic dTpw');
    assert.match(String(request?.headers['user-agent']), /^Alertmanager\//);
    assert.deepEqual(request?.body, {
      receiver: 'r',
      status: 'firing',
      alerts: [wire.firing],
      groupLabels: { alertname: 'Down' },
      commonLabels: { alertname: 'Down' },
      commonAnnotations: {},
      externalURL: 'http://nunchi',
      version: '4',
      groupKey,
      truncatedAlerts: 1,
    });
  });

  it('sends a body of its own', async () => {
    const payload = `{text: '{{ .Status }} {{ len .Alerts }}', n: 1, list: ['{{ .GroupLabels.alertname }}']}`;
    const { seen } = await sent(`webhook_configs: [{url: 'HOOK', payload: ${payload}}]`, firing);
    assert.deepEqual(seen[0]?.body, { text: 'firing 2', n: 1, list: ['Down'] });
  });

  const refused = (answer: Answer, want: Partial<DeliveryError>): void =>
    void it(`takes ${answer.status} for ${want.reason}`, async () => {
      const { error } = await sent(`webhook_configs: [{url: 'HOOK/secret'}]`, firing, answer);
      assert.ok(error instanceof DeliveryError);
      const { isRetryable, reason, retryAfterMs } = error;
      assert.deepEqual({ isRetryable, reason, retryAfterMs }, { retryAfterMs: undefined, ...want });
      assert.doesNotMatch(error.message, /secret/);
    });
  refused({ status: 400 }, { isRetryable: false, reason: 'clientError' });
  refused({ status: 503 }, { isRetryable: true, reason: 'serverError' });
  refused(
    { status: 429, headers: { 'retry-after': '7' } },
    { isRetryable: true, reason: 'rateLimited', retryAfterMs: 7000 },
  );
});

describe('slack', () => {
  it('sends an attachment to a hook', async () => {
    const config = `slack_configs: [{api_url: 'HOOK/services/T/B/X', channel: '#c', text: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}',
      fields: [{title: Pods, value: '{{ range .Alerts }}{{ .Labels.pod }} {{ end }}'}], short_fields: true,
      actions: [{type: button, text: Open, url: '{{ .ExternalURL }}', confirm: {text: Sure}}], link_names: true, icon_emoji: ':x:'}]`;
    const { seen, error } = await sent(config, firing);
    assert.equal(error, undefined);
    assert.equal(seen[0]?.path, '/services/T/B/X');
    assert.deepEqual(seen[0]?.body, {
      channel: '#c',
      username: 'Alertmanager',
      icon_emoji: ':x:',
      link_names: true,
      attachments: [
        {
          title: '[FIRING:1] Down',
          title_link: 'http://nunchi/#/alerts?receiver=r',
          text: '<a> & "b"',
          fallback: '[FIRING:1] Down | http://nunchi/#/alerts?receiver=r',
          callback_id: '',
          fields: [{ title: 'Pods', value: 'a b ', short: true }],
          actions: [
            { type: 'button', text: 'Open', url: 'http://nunchi', confirm: { text: 'Sure' } },
          ],
          footer: '',
          color: 'danger',
          mrkdwn_in: ['fallback', 'pretext', 'text'],
        },
      ],
    });
  });

  it('sends a token to chat.postMessage, and reads what the method answers', async () => {
    const config = `slack_configs: [{app_token: xoxb-1, app_url: 'HOOK/api/chat.postMessage', channel: C1}]`;
    const json = 'application/json; charset=utf-8';
    const good = await sent(config, resolved, { type: json, body: '{"ok":true,"ts":"1"}' });
    assert.equal(good.error, undefined);
    assert.equal(good.seen[0]?.headers['authorization'], 'Bearer xoxb-1');
    const bad = await sent(config, resolved, {
      type: json,
      body: '{"ok":false,"error":"channel_not_found"}',
    });
    assert.ok(bad.error instanceof DeliveryError);
    assert.equal(bad.error.message, 'channel "C1": error response from Slack: channel_not_found');
    assert.equal(bad.error.isRetryable, false);
  });

  it('takes a hook at its word', async () => {
    const config = `slack_configs: [{api_url: 'HOOK/x', channel: '#c'}]`;
    const { error } = await sent(config, firing, { status: 404, body: 'no_service' });
    assert.ok(error instanceof DeliveryError);
    assert.equal(error.message, 'channel "#c": unexpected status code 404: no_service');
  });
});

describe('pagerduty', () => {
  it('triggers, and resolves under the same key', async () => {
    const config = `pagerduty_configs: [{routing_key: k, url: 'HOOK/v2/enqueue', class: c, details: {num_firing: x, extra: '{{ .Status }}'}, links: [{href: 'http://l', text: t}]}]`;
    const { seen, error } = await sent(config, firing, { status: 202 });
    assert.equal(error, undefined);
    const body = seen[0]?.body as { payload: { custom_details: Record<string, string> } };
    const { custom_details: details, ...payload } = body.payload;
    assert.deepEqual(
      { ...body, payload },
      {
        routing_key: 'k',
        dedup_key: groupHash(groupKey),
        event_action: 'trigger',
        payload: {
          summary: '[FIRING:1] Down',
          source: 'Alertmanager',
          severity: 'error',
          class: 'c',
        },
        client: 'Alertmanager',
        client_url: 'http://nunchi/#/alerts?receiver=r',
        links: [{ href: 'http://l', text: 't' }],
      },
    );
    assert.deepEqual(Object.keys(details).sort(), [
      'extra',
      'firing',
      'num_firing',
      'num_resolved',
      'resolved',
    ]);
    assert.deepEqual(
      [details['num_firing'], details['num_resolved'], details['extra']],
      ['x', '1', 'firing'],
    );
    assert.match(details['firing'] ?? '', /pod = a/);
    const end = (await sent(config, resolved, { status: 202 })).seen[0]?.body as typeof body & {
      event_action: string;
    };
    assert.equal(end.event_action, 'resolve');
  });
});

describe('opsgenie', () => {
  const config = `opsgenie_configs: [{api_key: k, api_url: 'HOOK/', tags: 'a, b', priority: P1, update_alerts: true,
    responders: [{name: 'x,y', type: teams}, {username: u, type: User}], details: {d: '{{ .Status }}'}}]`;
  it('opens and changes an alert', async () => {
    const { seen, error } = await sent(config, firing, { status: 202 });
    assert.equal(error, undefined);
    const alias = groupHash(groupKey);
    assert.deepEqual(
      seen.map(({ method, path }) => `${method} ${path}`),
      [
        'POST /v2/alerts',
        `PUT /v2/alerts/${alias}/message?identifierType=alias`,
        `PUT /v2/alerts/${alias}/description?identifierType=alias`,
      ],
    );
    assert.equal(seen[0]?.headers['authorization'], 'GenieKey k');
    const { description, ...body } = (seen[0]?.body ?? {}) as Record<string, unknown>;
    assert.match(String(description), /Firing:\nLabels:\n {2}alertname = Down/);
    assert.deepEqual(body, {
      alias,
      message: '[FIRING:1] Down',
      details: { alertname: 'Down', d: 'firing' },
      source: 'http://nunchi/#/alerts?receiver=r',
      responders: [
        { name: 'x', type: 'team' },
        { name: 'y', type: 'team' },
        { username: 'u', type: 'user' },
      ],
      tags: ['a', 'b'],
      priority: 'P1',
    });
  });

  it('closes it', async () => {
    const { seen } = await sent(config, resolved, { status: 202 });
    assert.equal(seen[0]?.path, `/v2/alerts/${groupHash(groupKey)}/close?identifierType=alias`);
    assert.deepEqual(seen[0]?.body, { source: 'http://nunchi/#/alerts?receiver=r' });
  });
});

describe('discord', () => {
  it('sends an embed', async () => {
    const config = `discord_configs: [{webhook_url: 'HOOK/api', message: '{{ .Status }}', username: n}]`;
    const { seen } = await sent(config, firing, { status: 204, body: '' });
    assert.deepEqual(seen[0]?.body, {
      content: '',
      embeds: [{ title: '[FIRING:1] Down', description: 'firing', color: 10_038_562 }],
      username: 'n',
    });
  });
});

describe('msteams', () => {
  it('sends a message card', async () => {
    const { seen } = await sent(`msteams_configs: [{webhook_url: 'HOOK', text: T}]`, resolved);
    assert.deepEqual(seen[0]?.body, {
      '@context': 'http://schema.org/extensions',
      '@type': 'MessageCard',
      title: '[RESOLVED] Down (a)',
      summary: '[RESOLVED] Down (a)',
      text: 'T',
      themeColor: '2DC72D',
    });
  });

  it('sends an adaptive card to a workflow', async () => {
    const { seen } = await sent(`msteamsv2_configs: [{webhook_url: 'HOOK', text: T}]`, firing);
    const body = seen[0]?.body as { type: string; attachments: { content: { body: object[] } }[] };
    assert.equal(body.type, 'message');
    assert.deepEqual(body.attachments[0]?.content.body, [
      {
        type: 'TextBlock',
        text: '[FIRING:1] Down',
        weight: 'Bolder',
        size: 'Medium',
        wrap: true,
        style: 'heading',
        color: 'Attention',
      },
      { type: 'TextBlock', text: 'T', wrap: true },
    ]);
  });
});

describe('telegram', () => {
  it('sends HTML with escaped values', async () => {
    const config = `telegram_configs: [{api_url: 'HOOK', bot_token: '1:t', chat_id: -5, message: '<b>{{ (index .Alerts 0).Annotations.summary }}</b>'}]`;
    const { seen, error } = await sent(config, firing, { body: '{"ok":true}' });
    assert.equal(error, undefined);
    assert.equal(seen[0]?.path, '/bot1:t/sendMessage');
    assert.deepEqual(seen[0]?.body, {
      chat_id: '-5',
      text: '<b>&lt;a&gt; &amp; &#34;b&#34;</b>',
      parse_mode: 'HTML',
      disable_web_page_preview: true,
    });
  });
});

describe('email', () => {
  async function mailed(refuses: boolean) {
    await using server = await openMailServer(refuses);
    const config = `email_configs: [{to: 'a@x, b@x', from: n@x, smarthost: '127.0.0.1:${server.port}', hello: me, require_tls: false,
      auth_username: u, auth_password: p, headers: {Subject: 'S {{ .Status }}', X-Team: t}, threading: {enabled: true}, text: 'plain {{ len .Alerts }}'}]`;
    const { error } = await sent(config, firing);
    return { error, lines: server.lines };
  }

  it('sends text and HTML to every recipient', async () => {
    const { error, lines } = await mailed(false);
    assert.equal(error, undefined);
    const all = lines.join('\n');
    assert.match(all, /^EHLO me$/m);
    assert.match(all, new RegExp(`AUTH PLAIN ${Buffer.from('\0u\0p').toString('base64')}`));
    assert.match(all, /MAIL FROM:<n@x>[\s\S]*RCPT TO:<a@x>\nRCPT TO:<b@x>/);
    assert.match(all, /^Subject: S firing$/m);
    assert.match(all, /^X-Team: t$/m);
    const id = `<alert-${groupHash(groupKey).slice(0, 16)}-2026-03-31@alertmanager>`;
    assert.ok(all.includes(`References: ${id}`) && all.includes(`In-Reply-To: ${id}`));
    assert.match(all, /plain 2/);
    assert.match(all, /Content-Type: text\/html/);
    assert.match(all.replaceAll('=\n', ''), /&lt;a&gt; &amp; &#34;b&#34;/);
  });

  it('does not insist where the server says no', async () => {
    const { error } = await mailed(true);
    assert.ok(error instanceof DeliveryError);
    assert.equal(error.isRetryable, false);
  });
});
