import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { slackProblems } from '../../../test/clients/slack-rules.ts';
import { providerTypes } from '../config/kwatch.ts';
import type { Incident } from '../contract.ts';
import { providerRequests } from '../tell/requests.ts';
import type { IncidentMessage } from './contract.ts';
import { sampleMessages } from './samples.fixture.ts';
import { type Block, followUpBlocks, incidentBlocks, rootBlocks } from './slack.ts';
import { headline } from './words.ts';

const subject = { kind: 'Pod', namespace: 'default', name: 'nginx-19' };
const incident: Incident = {
  id: '0123456789abcdef',
  owner: subject,
  state: 'open',
  severity: 'medium',
  cause: {
    reason: 'ErrImagePull',
    severity: 'medium',
    subject,
    owner: subject,
    container: 'nginx-pod',
    image: 'nginx:1.19.19',
    message: 'not found',
    sinceMs: 0,
  },
  reasons: ['ErrImagePull'],
  members: [],
  peak: 1,
  startMs: 0,
  updatedMs: 0,
  told: 0,
};

const message = (more: Partial<IncidentMessage> = {}): IncidentMessage => ({
  kind: 'incident',
  change: 'created',
  incident,
  evidence: {
    events: ['[2024-03-31 05:10:11 +0000 UTC] Failed Error: ErrImagePull'],
    log: '',
    changes: [],
  },
  clusterName: 'c1',
  links: [],
  nowMs: 0,
  ...more,
});

const textOf = (block: Block | undefined): string =>
  String((block?.['text'] as { text?: string } | undefined)?.text ?? '');

describe("Slack's blocks of an incident", () => {
  it('stand in the order that readers of kwatch know', () => {
    const blocks = incidentBlocks(message(), { title: 'joonhan-EKS' });
    assert.equal(textOf(blocks[0]), 'joonhan-EKS');
    assert.equal(textOf(blocks[1]), 'There is an issue with container in a pod!');
    assert.deepEqual(
      (blocks[2]!['fields'] as { text: string }[]).map(({ text }) => text),
      [
        '*Cluster*\nc1',
        '*Name*\nnginx-19',
        '*Container*\nnginx-pod',
        '*Namespace*\ndefault',
        '*Reason*\nErrImagePull',
      ],
    );
    const texts = blocks.map(textOf);
    assert.ok(texts.includes(':mag: *Events*'));
    assert.ok(!texts.includes(':memo: *Logs*'), 'no heading without a log');
    assert.equal(texts.at(-1), '<https://github.com/abahmed/kwatch|kwatch>');
  });

  it('are such as Slack takes, whatever the log is, and keep its end', () => {
    const line = fc.string({
      unit: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), fc.constant('&')),
      maxLength: 400,
    });
    fc.assert(
      fc.property(line, fc.nat({ max: 400 }), (text, lines) => {
        const log = `${Array.from({ length: lines }, () => text).join('\n')}\nthe end`;
        const hostile = message({
          evidence: { events: [log], log, changes: [text] },
          links: [{ text: 'Incident', url: 'https://h/x?a=<b>|c' }],
        });
        const state = { isAnswered: true, notes: [] };
        for (const blocks of [
          incidentBlocks(hostile, {}),
          rootBlocks(hostile, {}, state),
          followUpBlocks({ ...hostile, change: 'updated' }),
        ]) {
          assert.deepEqual(slackProblems({ text: 'x', blocks }), []);
          assert.ok(blocks.map(textOf).some((one) => one.includes('the end')));
        }
      }),
      { numRuns: 60 },
    );
  });

  for (const [name, one] of sampleMessages) {
    it(`of ${name} are such as Slack takes`, () => {
      if (one.kind === 'text') {
        assert.deepEqual(slackProblems({ text: one.text }), []);
        return;
      }
      const notes = [{ kind: 'acknowledged', by: 'U02AB34CD', untilMs: 0 }] as const;
      const all =
        one.change === 'created'
          ? [
              incidentBlocks(one, { title: 'joonhan-EKS' }),
              rootBlocks(one, {}, { isAnswered: true, notes }),
              rootBlocks(one, {}, { isAnswered: true, notes, resolvedMs: 1 }),
            ]
          : [followUpBlocks(one)];
      for (const blocks of all)
        assert.deepEqual(slackProblems({ text: headline(one), blocks }), []);
    });
  }

  it('have buttons where somebody answers them, and say who is at it', () => {
    const idsOf = (blocks: readonly Block[]): readonly unknown[] =>
      blocks
        .flatMap(({ elements = [] }) => elements as readonly Block[])
        .flatMap(({ action_id: id }) => (id === undefined ? [] : [id]));
    const linked = message({ links: [{ text: 'Incident', url: 'https://h/i' }] });
    const notes = [{ kind: 'acknowledged', by: 'U02AB34CD', untilMs: 0 }] as const;
    const open = rootBlocks(linked, {}, { isAnswered: true, notes });
    assert.deepEqual(idsOf(open), [
      'incident:ack',
      'incident:silence',
      'incident:logs',
      'incident:describe',
      'url:incident',
    ]);
    assert.match(JSON.stringify(open), /Acknowledged by <@U02AB34CD>/);
    assert.deepEqual(idsOf(rootBlocks(linked, {}, { isAnswered: false, notes: [] })), [
      'url:incident',
    ]);
    const over = rootBlocks(linked, {}, { isAnswered: true, notes, resolvedMs: 60_000 });
    assert.deepEqual(idsOf(over), ['url:incident']);
    assert.match(textOf(over[0]), /^✅ Resolved after 1m — /);
  });

  it('take nothing of a log for marks', () => {
    const log = 'a ``` b <!channel> & <https://x|y>';
    const texts = incidentBlocks(message({ evidence: { events: [], log, changes: [] } }), {}).map(
      textOf,
    );
    const shown = texts.find((text) => text.includes('channel')) ?? '';
    assert.equal(shown, "```\na ''' b &lt;!channel&gt; &amp; &lt;https://x|y&gt;\n```");
  });
});

describe('requests of providers', () => {
  const settings = {
    webhook: 'http://h/hook',
    url: 'http://h/url',
    integrationkey: 'key',
    token: 'token',
    chatid: '1',
    apikey: 'key',
    homeserver: 'http://h',
    accesstoken: 'token',
    internalroomid: '!room:h',
    secret: 'secret',
  };
  for (const type of providerTypes.filter((name) => name !== 'email')) {
    it(`${type} takes every kind of message, as JSON with the facts in it`, () => {
      const build = providerRequests[type];
      assert.ok(build, type);
      const config = { type, settings, headers: [], routes: [] };
      for (const change of ['created', 'updated', 'resolved'] as const) {
        const request = build(message({ change }), config, 0);
        assert.ok(request, `${type} ${change}`);
        assert.match(request.url, /^http:\/\/h\//);
        assert.doesNotThrow(() => JSON.parse(JSON.stringify(request.body)));
        const isById = type === 'pagerduty' && change === 'resolved';
        if (!isById) assert.match(JSON.stringify(request.body), /nginx-19/);
      }
      const hostile = message({
        evidence: { events: ['"\\\n`_*[<'], log: '```\u0000', changes: [] },
      });
      assert.doesNotThrow(() => JSON.parse(JSON.stringify(build(hostile, config, 0)?.body)));
    });
  }

  const sizes: Readonly<Record<string, (body: never) => string>> = {
    telegram: ({ text }: { text: string }) => text,
    teams: ({ text }: { text: string }) => `${text}${text}`,
    rocketchat: ({ text }: { text: string }) => text,
    googlechat: ({ text }: { text: string }) => text,
    discord: ({ embeds: [embed] }: { embeds: [{ description: string; fields: object[] }] }) =>
      embed.description + embed.fields.map((field) => Object.values(field).join('')).join(''),
    opsgenie: ({ details }: { details: object }) => Object.values(details).join(''),
  };
  const most: Readonly<Record<string, number>> = {
    telegram: 4096,
    teams: 28 * 1024,
    rocketchat: 5000,
    googlechat: 4096,
    discord: 6000,
    opsgenie: 8000,
  };
  for (const [type, textIn] of Object.entries(sizes)) {
    it(`${type} is given no more than it takes, with the end of the log and the links`, () => {
      const line = '주문을 처리하지 못했어요 `a` _b_ *c* [d]';
      const log = `${Array.from({ length: 900 }, () => line).join('\n')}\nthe end`;
      const long = message({
        evidence: { events: [log, log], log, changes: [line] },
        links: [{ text: 'Incident', url: 'https://h/incidents/1' }],
      });
      const config = { type, settings, headers: [], routes: [] };
      const body = providerRequests[type]?.(long, config, 0)?.body;
      const text = textIn(body as never);
      const size =
        type === 'discord' || type === 'opsgenie' ? text.length : Buffer.byteLength(text);
      assert.ok(size <= (most[type] ?? 0), `${size}`);
      assert.match(text, /the end/);
      assert.match(JSON.stringify(body), type === 'opsgenie' ? /the end/ : /h\/incidents\/1/);
      if (type === 'telegram') assert.match(JSON.stringify(body), /parse_mode/);
    });
  }

  it('a chart that others can fetch is shown or linked, and a text with an open mark has none', () => {
    const picture = { id: 'x', url: 'https://h/p.png', altText: 'Memory of api' };
    for (const type of providerTypes.filter((name) => !['email', 'telegram'].includes(name))) {
      const config = { type, settings, headers: [], routes: [] };
      const body = providerRequests[type]?.(message({ picture }), config, 0)?.body;
      if (type !== 'opsgenie') assert.match(JSON.stringify(body), /https:\/\/h\/p\.png/, type);
    }
    const text = { kind: 'text', text: 'a_b' } as const;
    const config = { type: 'telegram', settings, headers: [], routes: [] };
    assert.doesNotMatch(
      JSON.stringify(providerRequests['telegram']?.(text, config, 0)?.body),
      /parse_mode/,
    );
  });
});

describe('messages in Korean', () => {
  const ko = (more: Partial<IncidentMessage> = {}): IncidentMessage =>
    message({ language: 'ko', ...more });
  const all = (blocks: readonly Block[]): string => JSON.stringify(blocks);

  it('have Korean sentences, and the titles and labels that readers of kwatch know', () => {
    const blocks = all(incidentBlocks(ko(), {}));
    assert.match(blocks, /nginx:1\.19\.19 이미지를 가져올 수 없어요/);
    for (const known of [
      ':red_circle: kwatch detected a crash in pod',
      'There is an issue with container in a pod!',
      '*Reason*\\\\nErrImagePull',
      ':mag: *Events*',
    ]) {
      assert.match(blocks, new RegExp(known.replaceAll('*', '\\*').replace('!', '!')));
    }
  });

  it('say what happened in a thread', () => {
    const root = all(rootBlocks(ko(), {}, { isAnswered: true, notes: [] }));
    assert.match(root, /🚨 Incident — /);
    assert.match(root, /확인.*알림 끄기/);
    const update = all(followUpBlocks(ko({ change: 'updated', why: 'severity' })));
    assert.match(update, /🔄 Update — .*심각도 medium · 더 나빠졌어요/);
    const over = ko({ change: 'resolved', nowMs: 200_000 });
    assert.match(all(followUpBlocks(over)), /✅ \*Resolved\* — .*3분 20초 만에 복구/);
    assert.equal(headline(over), '해소: Pod default/nginx-19, 3분 20초 만에 복구됐어요');
  });

  it('name the cause that was found later', () => {
    const owner = { kind: 'Deployment', namespace: 'shop', name: 'orders' };
    const service = { ...owner, kind: 'Service' };
    const need = { service, workload: owner, by: 'environment', where: 'DB_HOST' } as const;
    const causedBy = { incident: 'x', owner, need };
    const told = message({ incident: { ...incident, causedBy } });
    assert.match(
      all(incidentBlocks(told, {})),
      /Caused by Deployment shop\/orders: it needs the Service shop\/orders \(DB_HOST\)/,
    );
    assert.match(
      all(incidentBlocks({ ...told, language: 'ko' }, {})),
      /원인은 Deployment shop\/orders/,
    );
  });
});
