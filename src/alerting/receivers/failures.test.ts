import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { DeliveryError, type FailureReason } from './contract.ts';
import { type Answer, firing, openReceiver, openService, type Seen } from './receivers.fixture.ts';
import { type IntegrationKind, integrationKinds } from './registry.ts';

const awsKeys = 'sigv4: {region: eu-west-1, access_key: AKID, secret_key: s}';
/** Every way to tell over HTTP, with a secret in its URL or body. */
const configs: Readonly<Record<Exclude<IntegrationKind, 'email'>, string>> = {
  webhook: "{url: 'HOOK/verysecret'}",
  slack: "{api_url: 'HOOK/services/T/B/verysecret', channel: '#c'}",
  pagerduty: "{url: 'HOOK/v2/enqueue', routing_key: verysecret}",
  opsgenie: "{api_url: 'HOOK/', api_key: verysecret}",
  discord: "{webhook_url: 'HOOK/api/webhooks/1/verysecret'}",
  msteams: "{webhook_url: 'HOOK/verysecret'}",
  msteamsv2: "{webhook_url: 'HOOK/verysecret'}",
  telegram: '{api_url: HOOK, bot_token: verysecret, chat_id: 1}',
  sns: `{api_url: 'HOOK/', topic_arn: 'arn:aws:sns:eu-west-1:1:t', ${awsKeys}}`,
  victorops: "{api_url: 'HOOK/', api_key: verysecret, routing_key: k}",
  pushover: "{api_url: 'HOOK/', user_key: verysecret, token: verysecret}",
  wechat: "{api_url: 'HOOK/', api_secret: verysecret, corp_id: c}",
  webex: "{api_url: 'HOOK/', room_id: r, http_config: {authorization: {credentials: verysecret}}}",
  jira: "{api_url: 'HOOK/rest/api/2', project: P, issue_type: Bug}",
  rocketchat: '{api_url: HOOK, token: verysecret, token_id: verysecret}',
  mattermost: "{webhook_url: 'HOOK/hooks/verysecret'}",
  incidentio: "{url: 'HOOK/', alert_source_token: verysecret}",
  googlechat: "{webhook_url: 'HOOK/v1/spaces/x/messages?key=verysecret'}",
  matrix: "{homeserver_url: HOOK, access_token: verysecret, room_id: '!a:b'}",
  zenduty: '{api_url: HOOK, integration_key: verysecret}',
  feishu: "{webhook_url: 'HOOK/open-apis/bot/v2/hook/verysecret'}",
  dingtalk: "{webhook_url: 'HOOK/robot/send?access_token=verysecret'}",
  line: "{api_url: 'HOOK/', channel_token: verysecret, to: U1}",
  threema:
    "{api_url: 'HOOK/', gateway_id: '*ABCDEF1', recipient_id: ABCDEFGH, api_secret: verysecret}",
  kafka: "{rest_proxy: 'HOOK/verysecret', topic: t}",
  grafanaSlack: "{url: 'HOOK/services/T/B/verysecret'}",
  grafanaWebhook: "{url: 'HOOK/verysecret'}",
};
const configOf = (kind: keyof typeof configs): string => {
  const key = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${key}_configs: [${configs[kind]}]`;
};
const kinds = Object.keys(configs) as (keyof typeof configs)[];

/** These say in the body whether they did it: a good status alone is no yes. */
const readsBody: ReadonlySet<IntegrationKind> = new Set([
  'slack',
  'grafanaSlack',
  'telegram',
  'wechat',
  'jira',
  'rocketchat',
  'feishu',
  'dingtalk',
]);

async function failureOf(
  kind: keyof typeof configs,
  answer: Answer | ((seen: Seen) => Answer),
): Promise<unknown> {
  await using service = await openService((seen) =>
    typeof answer === 'function' ? answer(seen) : answer,
  );
  using receiver = openReceiver(configOf(kind), service.url);
  return await receiver.send(firing).then(
    () => undefined,
    (error: unknown) => error,
  );
}

interface Want {
  readonly isRetryable: boolean;
  readonly reason: FailureReason;
  readonly retryAfterMs?: number;
}

describe('every receiver', () => {
  it('is in these tables', () => {
    assert.deepEqual([...kinds, 'email'].sort(), [...integrationKinds].sort());
  });

  const f = (name: string, answer: Answer, want: Want): void =>
    void it(name, async () => {
      for (const kind of kinds) {
        const error = await failureOf(kind, answer);
        assert.ok(error instanceof DeliveryError, `${kind}: ${String(error)}`);
        const { isRetryable, reason, retryAfterMs } = error;
        assert.deepEqual(
          { kind, isRetryable, reason, retryAfterMs },
          { kind, retryAfterMs: undefined, ...want },
        );
        assert.doesNotMatch(error.message, /verysecret/, kind);
      }
    });
  f('gives up at 400', { status: 400, body: 'bad' }, { isRetryable: false, reason: 'clientError' });
  f('gives up at 403', { status: 403 }, { isRetryable: false, reason: 'clientError' });
  f('gives up at 404', { status: 404 }, { isRetryable: false, reason: 'clientError' });
  f('tries again at 500', { status: 500 }, { isRetryable: true, reason: 'serverError' });
  f('tries again at 503', { status: 503 }, { isRetryable: true, reason: 'serverError' });
  f(
    'waits at 429 as long as the header says',
    { status: 429, headers: { 'retry-after': '7' } },
    {
      isRetryable: true,
      reason: 'rateLimited',
      retryAfterMs: 7000,
    },
  );
  const inBody = (name: string, body: unknown, retryAfterMs: number): void =>
    f(
      name,
      { status: 429, body: JSON.stringify(body) },
      { isRetryable: true, reason: 'rateLimited', retryAfterMs },
    );
  inBody('waits at 429 as Discord says', { message: 'limited', retry_after: 0.25 }, 250);
  inBody('waits at 429 as Telegram says', { ok: false, parameters: { retry_after: 5 } }, 5000);
  inBody(
    'waits at 429 as Matrix says',
    { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2000 },
    2000,
  );
  inBody('waits at 429 no longer than is good', { retry_after: 1e9 }, 600_000);
  const large = 'x'.repeat(300 * 1024);
  f(
    'tries again at 500 with a page that has no end',
    { status: 500, body: large },
    {
      isRetryable: true,
      reason: 'serverError',
    },
  );

  it('does not show what it was asked with, where the other side says it again', async () => {
    for (const kind of kinds) {
      const error = await failureOf(kind, ({ path, headers }) => ({
        status: 404,
        body: `Cannot POST ${path} (${decodeURIComponent(path ?? '')}) with ${JSON.stringify(headers)}`,
      }));
      assert.ok(error instanceof DeliveryError, kind);
      assert.match(error.message, /unexpected status code 404: Cannot POST/, kind);
      assert.doesNotMatch(error.message, /verysecret/, kind);
    }
  });

  it('takes a good status with a page that has no end, or that is no JSON, at its word where it is one', async () => {
    for (const body of [large, '<html>']) {
      for (const kind of kinds) {
        const error = await failureOf(kind, { body, type: 'text/html' });
        if (!readsBody.has(kind)) assert.equal(error, undefined, kind);
        else assert.ok(error instanceof DeliveryError, kind);
      }
    }
  });

  it('ends when its time is over, though the other side hangs', async () => {
    for (const kind of kinds) {
      await using service = await openService(() => undefined);
      using receiver = openReceiver(configOf(kind), service.url);
      const hanging = new AbortController();
      const sending = receiver.send(firing, {}, hanging.signal).catch((error: unknown) => error);
      while (service.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      hanging.abort(new DOMException('', 'TimeoutError'));
      const error = await sending;
      assert.ok(error instanceof DeliveryError, kind);
      assert.deepEqual(
        [kind, error.isRetryable, error.reason],
        [kind, true, 'contextDeadlineExceeded'],
      );
    }
  });

  it('tries again where nobody listens, or the connection breaks', async () => {
    const breaking = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(breaking, 'listening');
    const { port } = breaking.address() as AddressInfo;
    for (const kind of kinds) {
      using receiver = openReceiver(configOf(kind), `http://127.0.0.1:${port}`);
      const error = await receiver.send(firing).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof DeliveryError && error.isRetryable, kind);
      assert.doesNotMatch(error.message, /verysecret/, kind);
    }
    breaking.close();
  });
});
