import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger, systemClock } from '#base';
import type { Question } from '../../src/chat/contract.ts';
import { Slack } from '../../src/chat/platforms/slack.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { eventually } from '../eventually.ts';
import { ChatInRoom, longOutput } from './chat-in-room.ts';
import { type Room, type RoomSaid, type RoomWords, rooms } from './chat-rooms.ts';
import { FakeSlack } from './fake-slack.ts';

/** What a platform does otherwise, and why. */
const differences: Readonly<
  Record<string, { readonly joinsLater?: true; readonly hasNoFiles?: true }>
> = {
  // Bots of Teams are added to channels by people there, and cannot send files to channels.
  teams: { joinsLater: true, hasNoFiles: true },
};

for (const [name, open] of Object.entries(rooms)) {
  describe(`the bot on ${name}`, { timeout: 300_000 }, () => {
    const { joinsLater = false, hasNoFiles = false } = differences[name] ?? {};
    let room: Room;
    let chat: ChatInRoom;
    before(async () => {
      room = await open();
      chat = await ChatInRoom.open(room);
      await chat.start();
      await eventually(() => room.isConnected() || undefined);
    });
    after(async () => {
      await chat?.[Symbol.asyncDispose]();
      await room?.close();
    });

    const heard = (text: string, from = 0): Promise<RoomSaid> =>
      eventually(() =>
        room
          .said()
          .slice(from)
          .find((one) => one.text.includes(text)),
      );
    /** Says something, and waits for what it is answered. */
    const ask = async (text: string, more: RoomWords = {}, wanted = text): Promise<RoomSaid> => {
      const from = room.said().length;
      room.write(text, more);
      return heard(wanted, from);
    };
    const count = (text: string): number =>
      room.said().filter((one) => one.text.includes(text)).length;

    it('greets each of its channels once, and tells what it can do', async () => {
      const help = await eventually(() => {
        const found = room.said().filter((one) => /is now active for/.test(one.text));
        return found.length >= 2 ? found : undefined;
      });
      assert.deepEqual(help.map(({ channel }) => channel).sort(), ['alerts', 'quiet']);
      assert.equal(count("My watch begins for cluster 'c1'!"), joinsLater ? 0 : 2);
    });

    it('answers where it was asked, with what was run above it', async () => {
      const answer = await ask('say 안녕', {}, 'answer to 안녕');
      assert.match(answer.text, /^`say 안녕` on `c1`\n```\nanswer to 안녕\n```/);
      assert.equal(answer.channel, 'alerts');
      const quiet = await ask('say here', { channel: 'quiet' }, 'answer to here');
      assert.equal(quiet.channel, 'quiet');
      const [record] = chat.audited.filter(({ command }) => command === 'say 안녕');
      assert.ok(record?.user !== '' && record?.channel !== '');
    });

    it('answers in the thread where it was asked', async () => {
      const answer = await ask('say threaded', { thread: '1705' }, 'answer to threaded');
      assert.equal(answer.thread, '1705');
      assert.equal(answer.channel, 'alerts');
    });

    it('hears what mentions it, in its channels, of others, once', async () => {
      room.write('say unmentioned', { withoutMention: true });
      room.write('say elsewhere', { channel: 'elsewhere' });
      room.write('say myself', { as: 'the bot' });
      room.write('say program', { as: 'another bot' });
      if (name === 'slack') room.write('say mended', { isEdited: true });
      room.write('say other --cluster-name c2');
      room.write('say twice', { id: '901' });
      room.write('say twice', { id: '901' });
      await ask('say afterwards', {}, 'answer to afterwards');
      await heard('answer to twice');
      const commands = chat.audited
        .filter(({ result }) => result === 'ran')
        .map(({ command }) => command);
      assert.equal(commands.filter((command) => command === 'say twice').length, 1);
      for (const text of ['unmentioned', 'elsewhere', 'myself', 'program', 'mended', 'other'])
        assert.equal(count(`answer to ${text}`), 0, text);
      assert.equal(count('answer to twice'), 1);
    });

    it('calls nobody by what somebody wrote', async () => {
      const calls = ['<!channel>', '@all', '@channel', '@here'];
      for (const call of calls) {
        const refused = await ask(
          `kubectl "${call.replace('<', '&lt;').replace('>', '&gt;')}"`,
          {},
          'not supported',
        );
        const ran = await ask(
          `say ${call.replace('<', '&lt;').replace('>', '&gt;')} over`,
          {},
          'over` on',
        );
        for (const { text } of [refused, ran]) {
          if (name === 'slack') assert.doesNotMatch(text, /<!/);
          if (name === 'mattermost')
            assert.doesNotMatch(text.replace(/```[\s\S]*?```/g, ''), /@(all|channel|here)/);
        }
      }
    });

    it('sends whole what is longer than a message', async () => {
      const from = room.said().length;
      const before = room.files().length;
      room.write('long');
      if (!hasNoFiles) {
        const file = await eventually(() => room.files()[before]);
        assert.equal(file.name, 'Response.txt');
        assert.ok(file.content.includes(longOutput));
        return;
      }
      await heard('the end', from);
      const lines = room
        .said()
        .slice(from)
        .flatMap(({ text }) => text.split('\n'))
        .filter((line) => line === 'a line of the cluster');
      assert.equal(lines.length, 3000);
    });

    it('sends pictures', async () => {
      const before = room.files().length;
      room.write('picture');
      const file = await eventually(() =>
        room
          .files()
          .slice(before)
          .find((one) => one.name === 'chart.png'),
      );
      assert.ok(file.content.length > 50);
    });

    it('tells of what happens where its sources are bound, and nowhere else', async () => {
      if (joinsLater) await ask('enable notifications', {}, 'Brace yourselves');
      const from = room.said().length;
      chat.happen('web', 'Back-off <restarting> @everyone');
      const told = await heard('v1/pods error', from);
      for (const text of ['Kind', 'web', 'BackOff', 'c1', 'Messages', 'Back-off'])
        assert.ok(told.text.includes(text), text);
      assert.equal(told.channel, 'alerts');
      assert.equal(told.thread === undefined || joinsLater, true);
      await ask('say quiet yet', { channel: 'quiet' }, 'answer to quiet yet');
      const others = room
        .said()
        .slice(from)
        .filter((one) => one.text.includes('v1/pods error'));
      assert.equal(others.length, 1);
    });

    it('stops and begins to tell when it is told to', async () => {
      await ask('disable notifications', {}, "Sure! I won't send you notifications");
      chat.happen('muted', 'not to be told');
      await ask('status notifications', {}, 'are disabled here');
      await ask('enable notifications', {}, 'Brace yourselves');
      chat.happen('loud', 'to be told');
      await heard('to be told');
      assert.equal(count('not to be told'), 0);
    });

    it('waits when it is asked to, and loses nothing', async () => {
      room.limit();
      chat.happen('limited', 'told after a while');
      await heard('told after a while');
      room.limit();
      await ask('say limited', {}, 'answer to limited');
      assert.equal(count('told after a while'), 1);
      assert.equal(count('answer to limited'), 1);
    });

    it('comes back when the line breaks', {
      skip: name === 'teams' && 'calls come to it',
    }, async () => {
      for (const text of ['first', 'second']) {
        room.cut?.();
        await eventually(() => room.isConnected() || undefined);
        await ask(`say ${text} cut`, {}, `answer to ${text} cut`);
        assert.equal(count(`answer to ${text} cut`), 1);
      }
    });

    it('hears what was said while the line was broken', {
      skip: !['discord', 'mattermost'].includes(name) && 'the platform sends again by itself',
    }, async () => {
      room.cut?.();
      await ask('say meanwhile', {}, 'answer to meanwhile');
      assert.equal(count('answer to meanwhile'), 1);
    });

    it('says that it goes, and after a restart that it is back, not what it can do', async () => {
      const from = room.said().length;
      await chat.stop();
      const ended = room
        .said()
        .slice(from)
        .filter((one) => one.text.includes("My watch has ended for cluster 'c1'. See you soon!"));
      assert.ok(ended.some(({ channel }) => channel === 'alerts'));
      await chat.start();
      await heard("My watch begins for cluster 'c1'!", from);
      await eventually(() => room.isConnected() || undefined);
      await ask('say again', {}, 'answer to again');
      assert.equal(count('is now active for'), 2);
      assert.deepEqual(room.problems(), []);
    });
  });
}

const channels = [
  {
    alias: 'default',
    name: '알림-채널',
    bindings: { sources: [], executors: [] },
    notificationsDisabled: false,
  },
];
const deps = { log: silentLogger, clock: systemClock };

const slackOf = (fake: FakeSlack): Slack =>
  new Slack(
    'socketSlack',
    {
      kind: 'socketSlack',
      group: 'default-group',
      botToken: 'xoxb-1',
      appToken: 'xapp-1',
      apiUrl: `${fake.url}/api/`,
      channels,
    },
    deps,
  );

describe('buttons of an incident in Slack', () => {
  const pressed: readonly (readonly [action: object, command: string])[] = [
    [{ type: 'button', action_id: 'incident:ack', value: 'x' }, 'ack'],
    [{ type: 'button', action_id: 'incident:logs', value: 'x' }, 'logs'],
    [
      {
        type: 'static_select',
        action_id: 'incident:silence',
        selected_option: { text: {}, value: '2h' },
      },
      'silence 2h',
    ],
  ];

  it('are commands in its thread, of the one who pressed', async () => {
    await using fake = await FakeSlack.open({ C1: '알림-채널' });
    const asked: Question[] = [];
    await using slack = slackOf(fake);
    const answer = async (question: Question): Promise<Reply> => {
      asked.push(question);
      return { output: 'a <none> & b' };
    };
    await slack.start({ answer });
    await eventually(() => (fake.connections > 0 ? true : undefined));
    for (const [action, command] of pressed) {
      fake.act('C1', { ...action }, '17.5');
      const question = await eventually(() => asked.find(({ text }) => text === command));
      assert.equal(question.place.thread, '17.5');
      assert.equal(question.user.mention, '<@U2>');
      assert.equal(question.isInteraction, true);
    }
    fake.act('C1', { type: 'button', action_id: 'url:incident', url: 'http://x' }, '17.5');
    const said = await eventually(() => {
      const all = fake.messages('C1');
      return all.length === pressed.length ? all : undefined;
    });
    assert.ok(said.every((one) => one['thread_ts'] === '17.5'));
    // What the cluster says is no mark of Slack.
    assert.equal(said[0]?.['text'], '```\na &lt;none&gt; &amp; b\n```');
    assert.deepEqual(fake.problems, []);
  });
});
