import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatMessage } from '../../src/chat/contract.ts';
import type { ReplyForm } from '../../src/chat/form.ts';
import {
  type DiscordPost,
  discordForm,
  discordMessage,
  discordReply,
} from '../../src/chat/platforms/discord-layout.ts';
import { messageBlocks, replyBlocks } from '../../src/chat/platforms/slack-blocks.ts';
import { formBlocks, formView } from '../../src/chat/platforms/slack-forms.ts';
import {
  type TeamsPost,
  teamsForm,
  teamsMessage,
  teamsReply,
} from '../../src/chat/platforms/teams-cards.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { discordProblem } from './fake-discord.ts';
import { slackProblems, slackViewProblems } from './slack-rules.ts';

const mention = '<@U0BOT>';
const long = '한국어 <@everyone> & `code` ```fence``` 👩‍👩‍👧‍👦 '.repeat(400);
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const messages: Readonly<Record<string, ChatMessage>> = {
  'a plain one': { text: 'My watch begins :crossed_swords:' },
  'an empty one': { text: '' },
  'a long text': { text: long },
  'an event': {
    title: '❗ v1/pods error',
    fields: [
      ['Kind', 'Pod'],
      ['Name', 'web'],
    ],
    lists: [{ title: 'Messages', items: ['Back-off <restarting> & more'] }],
    commands: [{ text: 'logs', command: 'kubectl logs pods/web --namespace default' }],
    timeMs: 0,
  },
  'an event with too much of everything': {
    title: long,
    text: long,
    fields: many(60, (at): [string, string] => [`${at} ${long}`, at % 2 === 0 ? long : '']),
    lists: many(30, (at) => ({ title: `${at} ${long}`, items: many(20, () => long) })),
    commands: [
      ...many(150, (at) => ({ text: long, command: `kubectl get ${at}${'x'.repeat(at * 3)}` })),
      { text: 'twice', command: 'kubectl get 0' },
    ],
    timeMs: 0,
  },
};

const replies: Readonly<Record<string, Reply>> = {
  'nothing at all': {},
  'an output': { header: '`x` on `c1`', output: 'a <b> ```c```' },
  'a long output': {
    header: '`x` on `c1`',
    output: `${long}\n`.repeat(20),
    filterable: 'kubectl x',
  },
  'sections with too many buttons': {
    text: 'words '.repeat(2000),
    sections: many(60, (section) => ({
      title: `${section}`,
      text: 'words',
      buttons: many(30, (at) =>
        at === 0
          ? { text: 'docs', url: `https://example.com/${section}` }
          : { text: `${at} ${long}`, command: `say ${section} ${at} ${'x'.repeat(at * 20)}` },
      ),
    })),
  },
};

const forms: Readonly<Record<string, ReplyForm>> = {
  'of everything': {
    title: long,
    command: 'kubectl @builder',
    asks: 'when changed',
    preview: `kubectl get pods ${'x'.repeat(1500)}`,
    notes: many(20, () => long),
    fields: [
      { kind: 'select', name: 'none', label: 'None', options: [] },
      {
        kind: 'select',
        name: 'many',
        label: long,
        options: many(250, (at) => ({ text: `${at} ${long}`, value: `${at}`.repeat(60) })),
        value: '1'.repeat(60),
      },
      {
        kind: 'select',
        name: 'lost',
        label: 'Lost',
        options: [{ text: 'a', value: 'a' }],
        value: 'b',
      },
      {
        kind: 'multi-select',
        name: 'several',
        label: 'Several',
        options: many(40, (at) => ({ text: `${at}`, value: `${at}` })),
        values: ['1', '39', '77'],
      },
      { kind: 'text', name: 'filter', label: 'Filter', placeholder: long, value: '"' },
    ],
    buttons: [{ text: long, command: `kubectl ${'x'.repeat(80)}` }],
  },
  'of nothing': { title: 'T', command: 'x', asks: 'when sent', fields: [] },
};

const shortOf = (problems: readonly string[]): readonly string[] =>
  problems.map((problem) => problem.slice(0, 120));

const noDiscordProblem = ({ body, files }: DiscordPost): void => {
  const given = files.map(({ name, data }) => ({ name, content: data.toString('utf8') }));
  assert.equal(discordProblem({ ...body }, given), undefined);
};
const noTeamsProblem = (posts: readonly TeamsPost[]): void => {
  assert.ok(posts.length >= 1 && posts.length <= 7, `${posts.length} posts`);
  for (const post of posts) {
    const { text = '', attachments = [] } = post;
    assert.ok(Buffer.byteLength(text) <= 16_000, `${Buffer.byteLength(text)} bytes`);
    assert.ok(text !== '' || attachments.length > 0, 'nothing is said');
    assert.ok(Buffer.byteLength(JSON.stringify(post)) <= 28_000, 'too large for Teams');
    assert.ok(!text.includes('\ufffd'), 'a character is cut');
  }
};

describe('what is laid out is taken by its chat', () => {
  for (const [name, message] of Object.entries(messages)) {
    it(`a message: ${name}`, () => {
      const blocks = messageBlocks(message, mention);
      if (message.title !== undefined)
        assert.deepEqual(shortOf(slackProblems({ text: 'x', blocks })), []);
      noDiscordProblem(discordMessage(message));
      noTeamsProblem(teamsMessage(message));
    });
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(`an answer: ${name}`, () => {
      const blocks = replyBlocks(reply, mention);
      if (blocks !== undefined && reply.output === undefined)
        assert.deepEqual(shortOf(slackProblems({ text: 'x', blocks })), []);
      noDiscordProblem(discordReply(reply));
      noTeamsProblem(teamsReply(reply));
    });
  }
  for (const [name, form] of Object.entries(forms)) {
    it(`a form: ${name}`, () => {
      const blocks = formBlocks(form, mention);
      assert.deepEqual(shortOf(slackProblems({ text: 'x', blocks })), []);
      if (form.fields.length > 0)
        assert.deepEqual(shortOf(slackViewProblems(formView(form, '{}'))), []);
      noDiscordProblem(discordForm(form));
      noTeamsProblem([teamsForm(form)]);
    });
  }

  it('nobody is called by what a cluster says', () => {
    const { body } = discordMessage(messages['an event'] ?? {});
    assert.deepEqual(body.allowed_mentions, { parse: [], replied_user: false });
  });
});
