import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { ChatInRoom } from './chat-in-room.ts';
import { discordRoom, type Room, slackRoom, teamsRoom } from './chat-rooms.ts';
import type { SlackWhisper } from './fake-slack.ts';

type Json = Readonly<Record<string, unknown>>;

async function chatIn(room: Room): Promise<ChatInRoom> {
  const chat = await ChatInRoom.open(room);
  await chat.start();
  await eventually(() => room.isConnected() || undefined);
  // Its channels are known to it from then on.
  await eventually(
    () => room.said().filter(({ text }) => /is now active for/.test(text)).length >= 2 || undefined,
  );
  return chat;
}

describe('forms in Slack', { timeout: 200_000 }, () => {
  let room: Awaited<ReturnType<typeof slackRoom>>;
  let chat: ChatInRoom;
  before(async () => {
    room = await slackRoom();
    chat = await chatIn(room);
  });
  after(async () => {
    await chat?.[Symbol.asyncDispose]();
    await room?.close();
  });

  const textOf = (whisper: SlackWhisper): string => JSON.stringify(whisper.blocks);
  const elementOf = (whisper: SlackWhisper, name: string): Json => {
    for (const block of whisper.blocks) {
      for (const element of [...((block['elements'] ?? []) as Json[]), block['element'] as Json])
        if (element?.['action_id'] === `form:${name}`) return element;
    }
    throw new Error(`no ${name} in ${textOf(whisper)}`);
  };
  const optionsOf = (whisper: SlackWhisper, name: string): readonly string[] =>
    (elementOf(whisper, name)['options'] as { value: string }[]).map(({ value }) => value);
  /** Changes a field, and waits for what is in the place of the form then. */
  const change = async (whisper: SlackWhisper, name: string, value: string): Promise<void> => {
    const { replaced } = whisper;
    const isText = elementOf(whisper, name)['type'] === 'plain_text_input';
    room.fake.actOnWhisper(
      whisper,
      `form:${name}`,
      isText ? { value } : { selected_option: { value } },
    );
    await eventually(() => whisper.replaced > replaced || undefined);
  };

  it('`kubectl` alone is a form for the one who asks, until its command is run', async () => {
    room.write('kubectl', { thread: '17.5' });
    const form = await eventually(() => room.fake.whispers.at(-1));
    assert.equal(form.user, 'U2');
    assert.equal(form.thread, '17.5');
    assert.deepEqual(optionsOf(form, 'verb').slice(0, 4), ['get', 'describe', 'logs', 'top']);
    assert.doesNotMatch(textOf(form), /form:resource|Run command/);

    await change(form, 'verb', 'get');
    assert.deepEqual(optionsOf(form, 'resource'), ['pods', 'deployments', 'configmaps', 'nodes']);
    await change(form, 'resource', 'pods');
    assert.deepEqual(optionsOf(form, 'namespace'), ['*', 'default', 'shop']);
    assert.match(textOf(form), /kubectl get pods -n default/);
    // 130 names and `all`: the list has room for a hundred, the rest is found by its name.
    assert.equal(optionsOf(form, 'name').length, 100);
    assert.match(textOf(form), /The first 99 of 130 names are shown/);
    await change(form, 'search', 'web-22');
    assert.equal(optionsOf(form, 'name').length, 11);
    await change(form, 'namespace', 'shop');
    await change(form, 'name', 'web-225');
    await change(form, 'filter', 'say "hi"');
    const wanted = 'kubectl get pods web-225 -n shop --filter="say \\"hi\\""';
    assert.ok(textOf(form).includes(JSON.stringify(wanted).slice(1, -1)), textOf(form));
    await change(form, 'verb', 'logs');
    assert.match(textOf(form), /kubectl logs pods\/web-225 -n shop/);
    await change(form, 'filter', '');

    const from = room.said().length;
    room.fake.actOnWhisper(form, 'cmd:kubectl logs pods/web-225 -n shop');
    const answer = await eventually(() => room.said()[from]);
    assert.match(
      answer.text,
      /^`kubectl logs pods\/web-225 -n shop` on `c1` by <@U2>\n```\nran .*logs/,
    );
    assert.equal(answer.thread, '17.5');
    assert.ok(
      chat.audited.some(({ command, as }) => command.includes('logs pods') && as !== undefined),
    );
  });

  it('says what cannot be listed, and makes the command without it', async () => {
    room.write('kubectl');
    const form = await eventually(() => room.fake.whispers[1]);
    assert.equal(form.thread, undefined);
    await change(form, 'verb', 'describe');
    await change(form, 'resource', 'configmaps');
    assert.match(textOf(form), /Names cannot be listed: .*configmaps is forbidden/);
    assert.match(textOf(form), /kubectl describe configmaps -n default/);
    await change(form, 'resource', 'nodes');
    assert.doesNotMatch(textOf(form), /form:namespace/);
    await change(form, 'verb', 'cluster-info');
    assert.doesNotMatch(textOf(form), /form:resource/);
    const from = room.said().length;
    room.fake.actOnWhisper(form, 'cmd:kubectl cluster-info');
    // Nobody else sees the form: its answer stands in the channel, not under it.
    assert.equal((await eventually(() => room.said()[from])).thread, undefined);
  });

  it('sources are chosen in a dialogue, which a press opens', async () => {
    room.write('edit sourcebindings');
    const whisper = await eventually(() => room.fake.whispers[2]);
    assert.match(textOf(whisper), /Adjust notifications/);
    room.fake.actOnWhisper(whisper, 'cmd:edit sourcebindings');
    const view = await eventually(() => room.fake.views.at(-1));
    assert.match(JSON.stringify(view), /"initial_options":\[[^\]]*k8s-err-events/);
    const from = room.said().length;
    const chosen = ['k8s-all-events', 'k8s-create-events'].map((value) => ({ value }));
    room.fake.submit(view, {
      sources: { 'form:sources': { type: 'multi_static_select', selected_options: chosen } },
    });
    const answer = await eventually(() => room.said()[from]);
    assert.match(answer.text, /:white_check_mark: <@U2> adjusted the Botkube notifications/);
    assert.match(answer.text, /`k8s-all-events` and `k8s-create-events`/);
    assert.equal(answer.channel, 'alerts');
    room.write('status sourcebindings');
    await eventually(() => room.said().find(({ text }) => /`k8s-create-events`\./.test(text)));
  });

  it('an output that is a file has its filter under it', async () => {
    const from = room.said().length;
    room.write('kubectl get pods -o yaml');
    const box = await eventually(() => room.said()[from]);
    assert.match(box.text, /Filter output.*plain_text_input/);
    assert.ok(box.thread !== undefined);
    assert.equal(room.files().at(-1)?.name, 'Response.txt');
    const shown = room.fake.messages('C1').at(-1) ?? {};
    const [block] = (shown['blocks'] ?? []) as readonly Json[];
    const { element, block_id: id } = block ?? {};
    room.fake.act('C1', { ...(element as Json), block_id: id, value: 'line 7' }, box.thread);
    const filtered = await eventually(() => room.said()[from + 1]);
    assert.match(filtered.text, /^`kubectl get pods -o yaml` on `c1` by <@U2>\n```\nline 7\n/);
    assert.equal(filtered.thread, box.thread);
  });

  it('a press that is delivered twice is one', async () => {
    const button = { type: 'button', action_id: 'cmd:say pressed', value: '<@U0BOT> say pressed' };
    const payload = room.fake.act('C1', button, '1.7');
    room.fake.send('interactive', payload, crypto.randomUUID(), 1);
    room.write('say then');
    await eventually(() => room.said().find(({ text }) => text.includes('answer to then')));
    const pressed = chat.audited.filter(({ command }) => command === 'say pressed');
    assert.equal(pressed.length, 1);
    // Slack asks for a new connection every few hours.
    const opened = (): number =>
      room.fake.calls.filter(({ method }) => method === 'apps.connections.open').length;
    const before = opened();
    room.fake.disconnect('refresh');
    await eventually(() => (opened() > before && room.fake.connections > 0) || undefined);
    room.write('say refreshed');
    await eventually(() => room.said().find(({ text }) => text.includes('answer to refreshed')));
  });

  it('comes back after Slack was away for longer than a call is tried', async () => {
    for (let at = 0; at < 6; at++) {
      const body = { ok: false, error: 'internal_error' };
      room.fake.nextAnswers.push({ method: 'apps.connections.open', status: 503, body });
    }
    room.fake.disconnect('cut');
    await eventually(() => room.fake.connections > 0 || undefined, 60_000);
    assert.deepEqual(room.fake.nextAnswers, []);
    room.write('say outlived');
    await eventually(() => room.said().find(({ text }) => text.includes('answer to outlived')));
    assert.deepEqual(room.problems(), []);
  });
});

describe('presses in Discord', { timeout: 200_000 }, () => {
  let room: Awaited<ReturnType<typeof discordRoom>>;
  let chat: ChatInRoom;
  before(async () => {
    room = await discordRoom();
    chat = await chatIn(room);
  });
  after(async () => {
    await chat?.[Symbol.asyncDispose]();
    await room?.close();
  });

  const next = async (from: number): Promise<{ body: Json; isPrivate: boolean; id: string }> =>
    eventually(() => room.fake.said[from]);
  const idsOf = (body: Json): readonly string[] =>
    (body['components'] as { components: { custom_id?: string }[] }[]).flatMap(({ components }) =>
      components.map(({ custom_id: id = '' }) => id),
    );

  it('a button runs its command, a list what is chosen', async () => {
    const help = room.fake.said.find(({ body }) => /is now active/.test(String(body['content'])));
    assert.ok(help !== undefined && idsOf(help.body).includes('cmd:list actions'));
    let from = room.fake.said.length;
    room.fake.press('11', 'cmd:list actions');
    const listed = await next(from);
    assert.match(String(listed.body['content']), /show-logs-on-error +false/);
    assert.equal(listed.isPrivate, false);

    chat.happen('web', 'Back-off');
    const event = await eventually(() =>
      room.fake.said.find(({ body }) => JSON.stringify(body['embeds']).includes('v1/pods error')),
    );
    assert.deepEqual(idsOf(event.body), ['run']);
    assert.match(JSON.stringify(event.body['components']), /kubectl logs pods\/web/);
    from = room.fake.said.length;
    const pressed = { values: ['kubectl logs pods/web --namespace default'], id: '77' };
    room.fake.press('11', 'run', pressed);
    room.fake.press('11', 'run', pressed);
    const logs = await next(from);
    assert.match(
      String(logs.body['content']),
      /kubectl logs pods\/web .* by <@2000000000000000001>/,
    );
    room.write('say then');
    await eventually(() => room.said().find(({ text }) => text.includes('answer to then')));
    assert.equal(room.fake.said.length, from + 2);
  });

  it('a form is for the one who presses', async () => {
    let from = room.fake.said.length;
    room.write('kubectl');
    const opener = await next(from);
    assert.deepEqual(idsOf(opener.body), ['open:kubectl @builder']);
    from = room.fake.said.length;
    room.fake.press('11', 'open:kubectl @builder');
    const form = await next(from);
    assert.equal(form.isPrivate, true);
    assert.deepEqual(idsOf(form.body), ['form:verb|kubectl @builder']);

    let shown = form.body;
    for (const [field, value] of [
      ['verb', 'get'],
      ['resource', 'pods'],
      ['namespace', 'shop'],
      ['name', 'web-101'],
    ] as const) {
      from = room.fake.said.length;
      room.fake.press('11', `form:${field}|kubectl @builder`, { values: [value], message: shown });
      shown = (await next(from)).body;
    }
    assert.match(String(shown['content']), /kubectl get pods web-101 -n shop/);
    from = room.fake.said.length;
    room.fake.press('11', 'cmd:kubectl get pods web-101 -n shop', { message: shown });
    assert.match(String((await next(from)).body['content']), /ran .*web-101/);
  });

  it('sources are chosen in a list', async () => {
    let from = room.fake.said.length;
    room.fake.press('11', 'open:edit sourcebindings');
    const form = await next(from);
    assert.deepEqual(idsOf(form.body), ['send:sources|edit sourcebindings']);
    from = room.fake.said.length;
    room.fake.press('11', 'send:sources|edit sourcebindings', {
      values: ['k8s-all-events'],
      message: form.body,
    });
    assert.match(String((await next(from)).body['content']), /✅ .* adjusted .*`k8s-all-events`/);
    room.fake.disconnect('reconnect');
    await eventually(() => room.fake.sessions.resumed > 0 || undefined);
    assert.deepEqual(room.problems(), []);
    assert.ok(room.fake.reactions.includes('✅'));
  });
});

describe('cards in Teams', { timeout: 200_000 }, () => {
  let room: Awaited<ReturnType<typeof teamsRoom>>;
  let chat: ChatInRoom;
  const alerts = '19:알림@thread';
  before(async () => {
    room = await teamsRoom();
    chat = await chatIn(room);
  });
  after(async () => {
    await chat?.[Symbol.asyncDispose]();
    await room?.close();
  });

  const cardOf = (activity: Json): string => JSON.stringify(activity['attachments']);

  it('a button runs its command; a form is changed where it stands', async () => {
    let from = room.fake.said.length;
    await room.fake.submit(alerts, { nunchi: { kind: 'command', command: 'list actions' } });
    const listed = await eventually(() => room.fake.said[from]);
    assert.match(String(listed.activity['text']), /show-logs-on-error +false/);

    from = room.fake.said.length;
    await room.fake.write(alerts, 'kubectl');
    const form = await eventually(() => room.fake.said[from]);
    assert.match(cardOf(form.activity), /"id":"field.verb"/);
    const nunchi = { kind: 'form', command: 'kubectl @builder' };
    const values = { 'field.verb': 'get', 'field.resource': 'pods', 'field.namespace': 'shop' };
    await room.fake.submit(alerts, { nunchi, ...values }, { replyToId: form.id });
    await eventually(() => /kubectl get pods -n shop/.test(cardOf(form.activity)) || undefined);
    assert.equal(room.fake.said.length, from + 1);

    from = room.fake.said.length;
    const sources = { kind: 'form', command: 'edit sourcebindings' };
    const chosen = 'k8s-all-events,k8s-create-events';
    await room.fake.submit(alerts, { nunchi: sources, 'list.sources': chosen });
    const edited = await eventually(() => room.fake.said[from]);
    assert.match(String(edited.activity['text']), /Mina adjusted .*`k8s-create-events`/);
  });

  it('hears nobody but Microsoft, for nobody but itself', async () => {
    const activity = {
      type: 'message',
      id: '500',
      from: { id: '29:mallory', name: 'Mallory' },
      conversation: {
        id: `${alerts};messageid=500`,
        conversationType: 'channel',
        tenantId: room.fake.tenant,
      },
      text: '<at>Botkube</at> say forged',
      entities: [{ type: 'mention', text: '<at>Botkube</at>', mentioned: { id: room.fake.botId } }],
    };
    const nowSeconds = Math.floor(Date.now() / 1000);
    const wrong: readonly (readonly [what: string, claims: Json])[] = [
      ['another bot', { aud: 'app-2' }],
      ['another issuer', { iss: 'https://evil.example' }],
      ['another service', { serviceurl: 'https://evil.example' }],
      ['its time is over', { exp: nowSeconds - 600 }],
      ['it is not its time yet', { nbf: nowSeconds + 600 }],
    ];
    for (const [what, claims] of wrong)
      assert.equal(await room.fake.send(activity, claims), 401, what);
    const unsigned = [
      undefined,
      'Bearer x.y.z',
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`,
    ];
    for (const header of unsigned) assert.equal(await room.fake.sendWith(header, activity), 401);
    // A key of Microsoft's that is for other channels.
    assert.equal(await room.fake.send({ ...activity, channelId: 'webchat' }), 401);
    const otherTenant = { ...activity.conversation, tenantId: 'tenant-2' };
    assert.equal(await room.fake.send({ ...activity, conversation: otherTenant }), 403);
    assert.equal((await fetch(`${room.fake.botUrl}x`, { method: 'POST' })).status, 404);
    assert.equal((await fetch(room.fake.botUrl)).status, 405);
    const body = 'x'.repeat(300_000);
    assert.equal((await fetch(room.fake.botUrl, { method: 'POST', body })).status, 413);
    assert.equal((await fetch(room.fake.botUrl, { method: 'POST', body: '{' })).status, 400);
    assert.ok(!chat.audited.some(({ command }) => command.includes('forged')));
    assert.equal(await room.fake.send(activity), 200);
    await eventually(() => room.said().find(({ text }) => text.includes('answer to forged')));
  });

  it('takes a new token when the old one is not good any more', async () => {
    const { tokens } = room.fake;
    room.fake.tokens += 1;
    const from = room.fake.said.length;
    await room.fake.write(alerts, 'say renewed');
    await eventually(() => room.fake.said[from]);
    assert.equal(room.fake.tokens, tokens + 2);
    assert.deepEqual(room.problems(), []);
  });
});
