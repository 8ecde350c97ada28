import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { MessageMaker, MessageSettings } from '../messages/contract.ts';
import { messageMaker } from '../messages/make.ts';
import { firing, settings, sources } from '../messages/messages.fixture.ts';
import { DeliveryError } from './contract.ts';
import { openMailServer } from './mail-server.fixture.ts';
import { type Answer, openReceiver, openService, type Seen } from './receivers.fixture.ts';

const json = (body: unknown): Answer => ({ type: 'application/json', body: JSON.stringify(body) });
const makerWith = (more: Partial<MessageSettings> = {}): MessageMaker =>
  messageMaker(
    () => ({ ...settings, ...more }),
    () => sources,
  );

interface Block {
  readonly type: string;
  readonly image_url?: string;
  readonly slack_file?: { readonly id: string };
}
const blocksOf = ({ body }: Seen): readonly Block[] =>
  (body as { blocks?: readonly Block[] }).blocks ?? [];
const pathsOf = (seen: readonly Seen[]): readonly (string | undefined)[] =>
  seen.map(({ path }) => path);

async function told(
  config: string,
  answer: (seen: Seen, count: number, url: string) => Answer,
  maker = makerWith(),
): Promise<readonly Seen[]> {
  let url = '';
  await using service = await openService((seen, count) => answer(seen, count, url));
  url = service.url;
  using receiver = openReceiver(config, service.url, maker);
  await receiver.send(firing);
  return service.seen;
}

describe('rich messages of Slack', () => {
  const hook = "slack_configs: [{api_url: 'HOOK/services/T/B/X', channel: '#c'}]";
  const token =
    "slack_configs: [{app_token: xoxb-1, app_url: 'HOOK/api/chat.postMessage', channel: '#c', threads: true}]";

  it('go to a webhook with a picture that has an address', async () => {
    const [seen] = await told(hook, () => ({}));
    const body = seen!.body as Record<string, unknown>;
    assert.deepEqual(
      [body['channel'], body['username'], body['attachments']],
      ['#c', 'Alertmanager', undefined],
    );
    assert.match(String(body['text']), /PodMemoryHigh/);
    const image = blocksOf(seen as Seen).find(({ type }) => type === 'image');
    assert.equal(image?.image_url, 'https://nunchi.example.com/nunchi/pictures/abc.png');
  });

  it('go without the picture where Slack cannot fetch it', async () => {
    const seen = await told(hook, (_, count) =>
      count === 1 ? { status: 400, body: 'invalid_blocks' } : {},
    );
    assert.equal(seen.length, 2);
    assert.equal(
      blocksOf(seen[1] as Seen).some(({ type }) => type === 'image'),
      false,
    );
  });

  it('upload the picture with a token', async () => {
    const seen = await told(token, ({ path }, _, url) => {
      if (path === '/api/files.getUploadURLExternal') {
        return json({ ok: true, upload_url: `${url}/upload/1`, file_id: 'F1' });
      }
      return path === '/upload/1' ? {} : json({ ok: true, channel: 'C1', ts: '1.1' });
    });
    assert.deepEqual(pathsOf(seen), [
      '/api/files.getUploadURLExternal',
      '/upload/1',
      '/api/files.completeUploadExternal',
      '/api/chat.postMessage',
    ]);
    assert.equal((seen[0]!.body as Record<string, string>)['filename'], 'alert.png');
    assert.match(String(seen[1]?.body), /PNG/);
    assert.deepEqual(seen[2]?.body, {
      files: [{ id: 'F1', title: 'Chart of PodMemoryHigh · shop' }],
    });
    const image = blocksOf(seen[3] as Seen).find(({ type }) => type === 'image');
    assert.deepEqual(image?.slack_file, { id: 'F1' });
  });

  it('go on time where the token may not upload', async () => {
    const seen = await told(token, ({ path }) =>
      path === '/api/chat.postMessage'
        ? json({ ok: true, channel: 'C1', ts: '1.1' })
        : json({ ok: false, error: 'missing_scope' }),
    );
    assert.deepEqual(pathsOf(seen), ['/api/files.getUploadURLExternal', '/api/chat.postMessage']);
  });

  it('do not hide what is wrong with the channel', async () => {
    await assert.rejects(
      told(hook, () => ({ status: 404, body: 'channel_not_found' })),
      (error: unknown) =>
        error instanceof DeliveryError &&
        /^channel "#c": unexpected status code 404/.test(error.message),
    );
  });

  const exact = (name: string, config: string, maker = makerWith()): void =>
    void it(`are not sent ${name}`, async () => {
      const [seen] = await told(config, () => ({}), maker);
      assert.ok(Object.hasOwn(seen?.body as object, 'attachments'));
    });
  exact('where a text is written', hook.replace('}]', ", text: '{{ .Status }}'}]"));
  exact('where a title is written', hook.replace('}]', ', title: T}]'));
  exact('where they are switched off', hook, makerWith({ isEnabled: false }));
  exact('where one cannot be made', hook, {
    settings,
    make: () => Promise.reject(new Error('a bug')),
  });
});

describe('rich messages of Discord', () => {
  it('have the picture attached', async () => {
    const [seen] = await told(
      "discord_configs: [{webhook_url: 'HOOK/api/webhooks/1/x'}]",
      () => ({}),
    );
    assert.match(String(seen?.headers['content-type']), /^multipart\/form-data; boundary=/);
    const body = String(seen?.body);
    assert.match(
      body,
      /name="payload_json"\r\ncontent-type: application\/json\r\n\r\n\{"embeds":\[\{"title":/,
    );
    assert.match(body, /attachment:\/\/alert\.png/);
    assert.match(body, /name="files\[0\]"; filename="alert\.png"\r\ncontent-type: image\/png/);
  });
});

describe('rich messages of Teams workflows', () => {
  it('are cards', async () => {
    const [seen] = await told("msteamsv2_configs: [{webhook_url: 'HOOK/x'}]", () => ({
      status: 202,
    }));
    const { attachments } = seen!.body as { attachments: { content: { actions: object[] } }[] };
    assert.equal(attachments[0]?.content.actions.length, 6);
  });
});

describe('rich mails', () => {
  it('carry the picture, and the same as a text', async () => {
    await using server = await openMailServer();
    const config = `email_configs: [{to: a@x, from: n@x, smarthost: '127.0.0.1:${server.port}', require_tls: false}]`;
    using receiver = openReceiver(config, '', makerWith());
    await receiver.send(firing);
    const all = server.lines.join('\n').replaceAll('=\n', '');
    assert.match(all, /^Subject: =\?UTF-8\?\w\?/m);
    assert.match(all, /Content-Type: text\/plain[\s\S]*Content-Type: text\/html/);
    assert.match(all, /<img src=3D"cid:chart@nunchi"/);
    assert.match(
      all,
      /Content-Type: image\/png; name=alert\.png\n[\s\S]*Content-Id: <chart@nunchi>/i,
    );
    assert.match(all, /Content-Disposition: inline/);
  });
});

describe('webhooks', () => {
  const config = "webhook_configs: [{url: 'HOOK/x'}]";
  it('are as they ever were', async () => {
    const [seen] = await told(config, () => ({}));
    assert.equal(Object.hasOwn(seen?.body as object, 'nunchi'), false);
  });
  it('get what was found where that is asked for', async () => {
    const [seen] = await told(config, () => ({}), makerWith({ hasWebhookExtras: true }));
    const { nunchi } = seen!.body as { nunchi: { threshold: string; alerts: { value: number }[] } };
    assert.equal(nunchi.threshold, '> 0.9');
    assert.equal(nunchi.alerts[0]?.value, 0.95);
  });
});

/** As contact points are written, where nobody gave them texts of their own. */
const grafanaTexts = `title: '{{ template "default.title" . }}', message: '{{ template "default.message" . }}'`;

describe('rich messages of Telegram', () => {
  const config =
    "telegram_configs: [{api_url: 'HOOK', bot_token: '1:t', chat_id: -5, message_thread_id: 7}]";
  const ok = () => json({ ok: true });

  it('are the chart with the words below it, or the words and then the chart', async () => {
    const [first, second] = await told(config, ok);
    // The last lines make it longer than what may stand below a picture.
    assert.equal(first?.path, '/bot1:t/sendMessage');
    const { text, ...rest } = first!.body as Record<string, string>;
    assert.match(text ?? '', /0\.95 &gt; 0\.9/);
    assert.match(text ?? '', /<pre>[\s\S]+<\/pre>/);
    assert.ok((text ?? '').length <= 4096);
    assert.equal(rest['parse_mode'], 'HTML');
    assert.equal(second?.path, '/bot1:t/sendPhoto');
    assert.match(
      String(second?.body),
      /name="message_thread_id"[\s\S]*7[\s\S]*name="photo"; filename="alert\.png"/,
    );
  });

  it('are told though the chart is refused', async () => {
    const seen = await told(config, ({ path }) =>
      path?.endsWith('sendPhoto') === true ? { status: 400, body: '{"ok":false}' } : ok(),
    );
    assert.equal(seen.length, 2);
  });
});

describe('rich messages of Google Chat', () => {
  it('are cards with the chart, the lines and links', async () => {
    const [seen] = await told("googlechat_configs: [{webhook_url: 'HOOK/v1/x?key=k'}]", () => ({}));
    const { cardsV2, text } = seen!.body as { cardsV2: object[]; text: string };
    assert.match(text, /PodMemoryHigh/);
    const card = JSON.stringify(cardsV2);
    assert.match(card, /"imageUrl":"https:\/\/nunchi\.example\.com\/nunchi\/pictures\/abc\.png"/);
    assert.match(card, /"openLink"/);
    assert.match(card, /0\.95 &gt; 0\.9/);
  });
});

describe('contact points', () => {
  it('of Slack upload the chart with a token, and call whom they name', async () => {
    const config =
      'grafana_slack_configs: [{endpoint_url: HOOK/api/chat.postMessage, token: t, recipient: C1, mention_channel: here}]';
    const seen = await told(config, ({ path }, _, url) =>
      path === '/api/files.getUploadURLExternal'
        ? json({ ok: true, upload_url: `${url}/upload/1`, file_id: 'F1' })
        : path === '/upload/1'
          ? {}
          : json({ ok: true, channel: 'C1', ts: '1.1' }),
    );
    const last = seen.at(-1) as Seen;
    assert.equal((last.body as { channel: string }).channel, 'C1');
    assert.match(JSON.stringify(blocksOf(last)[0]), /<!here>/);
    const image = blocksOf(last).find(({ type }) => type === 'image');
    assert.deepEqual(image?.slack_file, { id: 'F1' });
  });

  it('of webhooks keep their form, with the address of the chart', async () => {
    const [seen] = await told("grafana_webhook_configs: [{url: 'HOOK/x'}]", () => ({}));
    const { alerts, title } = seen!.body as { alerts: { imageURL: string }[]; title: string };
    assert.equal(alerts[0]?.imageURL, 'https://nunchi.example.com/nunchi/pictures/abc.png');
    assert.match(title, /FIRING/);
  });

  for (const [kind, config, isRich] of [
    ['Discord', `discord_configs: [{webhook_url: 'HOOK/x', ${grafanaTexts}}]`, true],
    [
      'Discord',
      `discord_configs: [{webhook_url: 'HOOK/x', title: mine, message: '{{ template "default.message" . }}'}]`,
      false,
    ],
    ['Slack', 'grafana_slack_configs: [{url: HOOK/services/T/B/X, text: mine}]', false],
  ] as const) {
    it(`of ${kind} ${isRich ? 'without texts of their own are rich' : 'say what was written for them'}`, async () => {
      const [seen] = await told(config, () => ({}));
      assert.equal(/alert\.png|"blocks"|name="payload_json"/.test(bodyText(seen as Seen)), isRich);
    });
  }
});

const bodyText = ({ body }: Seen): string =>
  typeof body === 'string' || Buffer.isBuffer(body) ? String(body) : JSON.stringify(body);

describe('templates of a user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-templates-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const config = `discord_configs: [{webhook_url: 'HOOK/x'}]`;
  const withTemplate = (text: string): string => {
    writeFileSync(join(folder, 'own.tmpl'), text);
    return `${config}\ntemplates: ['${join(folder, '*.tmpl')}']`;
  };

  it('that take the place of a default one decide: nothing is added', async () => {
    const own = withTemplate(
      '{{ define "discord.default.message" }}mine {{ len .Alerts }}{{ end }}',
    );
    const [seen] = await told(own, () => ({}));
    const { embeds } = seen!.body as { embeds: { description: string }[] };
    assert.equal(embeds[0]?.description, 'mine 2');
  });

  it('of other names decide nothing where no receiver uses them', async () => {
    const [seen] = await told(withTemplate('{{ define "other" }}x{{ end }}'), () => ({}));
    assert.match(bodyText(seen as Seen), /alert\.png/);
  });
});
