import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '#base';
import { yamlOf } from '../alerting.fixture.ts';
import { openMailServer } from './mail-server.fixture.ts';
import { type PicturePost, postPicture, takesPictures } from './picture-post.ts';
import { type Answer, openService, type Seen } from './receivers.fixture.ts';

const post: PicturePost = {
  title: 'Daily <memory>',
  titleUrl: 'http://nunchi/d/self?from=now-24h',
  text: 'now-24h – now',
  png: Buffer.from('\x89PNG', 'latin1'),
  width: 1200,
  height: 600,
};
const json = (body: unknown): Answer => ({ type: 'application/json', body: JSON.stringify(body) });

async function posted(receiver: string, url: string, publicUrl: string | undefined): Promise<void> {
  const yaml = yamlOf(
    `route: {receiver: r}\nreceivers:\n- name: r\n  ${receiver.replaceAll('HOOK', url)}\n`,
  );
  const [integration] = yaml.receivers.get('r') ?? [];
  assert.ok(integration && takesPictures(integration));
  const deps = {
    clock: systemClock,
    env: {},
    version: '1',
    externalUrl: 'http://nunchi',
    publish: async () => publicUrl,
  };
  await postPicture(integration, post, yaml.templates, deps, AbortSignal.timeout(60_000));
}

describe('postPicture()', () => {
  const hook = "slack_configs: [{api_url: 'HOOK/services/T/B/X', channel: '#c'}]";

  it("gives a webhook of Slack the picture's address", async () => {
    await using service = await openService(() => ({}));
    await posted(hook, service.url, 'https://nunchi.example.com/p.png');
    assert.deepEqual(service.seen[0]?.body, {
      channel: '#c',
      username: 'Alertmanager',
      text: 'Daily <memory>',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*<http://nunchi/d/self?from=now-24h|Daily &lt;memory&gt;>*\nnow-24h – now',
            verbatim: true,
          },
        },
        {
          type: 'image',
          image_url: 'https://nunchi.example.com/p.png',
          alt_text: 'Daily <memory>',
        },
      ],
    });
  });

  it('gives a webhook of Slack the link alone, where the picture has no address', async () => {
    await using service = await openService(() => ({}));
    await posted(hook, service.url, undefined);
    const { blocks } = service.seen[0]!.body as { blocks: object[] };
    assert.equal(blocks.length, 1);
    assert.match(JSON.stringify(blocks), /http:\/\/nunchi\/d\/self\?from=now-24h\|Daily/);
  });

  it('uploads it with a token', async () => {
    let url = '';
    await using service = await openService(({ path }: Seen) =>
      path === '/api/files.getUploadURLExternal'
        ? json({ ok: true, upload_url: `${url}/upload`, file_id: 'F1' })
        : path === '/upload'
          ? {}
          : json({ ok: true, channel: 'C1', ts: '1' }),
    );
    url = service.url;
    const config =
      "slack_configs: [{app_token: xoxb-1, app_url: 'HOOK/api/chat.postMessage', channel: '#c'}]";
    await posted(config, url, undefined);
    const { blocks } = service.seen.at(-1)!.body as { blocks: object[] };
    assert.deepEqual(blocks[1], {
      type: 'image',
      slack_file: { id: 'F1' },
      alt_text: 'Daily <memory>',
    });
  });

  it('mails it inline', async () => {
    await using server = await openMailServer();
    const config = `email_configs: [{to: a@x, from: n@x, smarthost: '127.0.0.1:${server.port}', require_tls: false}]`;
    await posted(config, '', undefined);
    const all = server.lines.join('\n').replaceAll('=\n', '');
    assert.match(all, /^Subject: Daily <memory>$/m);
    assert.match(all, /Daily &lt;memory&gt;/);
    assert.match(all, /<img src=3D"cid:report@nunchi"/);
    assert.match(all, /Content-Id: <report@nunchi>/i);
  });
});
