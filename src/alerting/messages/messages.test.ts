import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { slackProblems } from '../../../test/clients/slack-rules.ts';
import type { Notification } from '../contract.ts';
import { discordEmbed, teamsCard, webhookExtras } from './card-messages.ts';
import { conditionOf } from './condition.ts';
import type { AlertMessage, EvidenceSources, MessageSettings } from './contract.ts';
import { htmlMessage, mailSubject, textMessage } from './html-message.ts';
import { messageMaker } from './make.ts';
import { maskLine } from './mask-line.ts';
import {
  alertOf,
  firing,
  notificationOf,
  nowMs,
  resolved,
  settings,
  sources,
  startMs,
} from './messages.fixture.ts';
import { slackMessage } from './slack-message.ts';
import { durationText, wordsOf } from './words.ts';

const made = (
  notification: Notification,
  from: Partial<EvidenceSources> = {},
  more: Partial<MessageSettings> = {},
): Promise<AlertMessage> =>
  messageMaker(
    () => ({ ...settings, ...more }),
    () => ({ ...sources, ...from }),
  ).make(notification, new AbortController().signal);

describe('conditionOf()', () => {
  const f = (expression: string, query: string, threshold?: string): void =>
    void it(expression, () => {
      const condition = conditionOf(expression);
      assert.equal(condition?.query, query);
      const { operator, value } = condition?.threshold ?? {};
      assert.equal(operator === undefined ? undefined : `${operator} ${value}`, threshold);
    });
  f('up == 0', 'up', '== 0');
  f('(rate(x[5m]) > 0.9)', 'rate(x[5m])', '> 0.9');
  f('5 < x', 'x', '> 5');
  f('x < 10 * 1024 ^ 2', 'x', '< 10485760');
  f('x > -(1)', 'x', '> -1');
  f('x > 1 and on (pod) y == 1', 'x', '> 1');
  f('x > y', 'x > y');
  f('absent(up)', 'absent(up)');
  f('x > 1 or y > 2', 'x > 1 or y > 2');
  it('knows what is no query', () => assert.equal(conditionOf('$A > 3'), undefined));
});

describe('maskLine()', () => {
  const f = (line: string, want: string): void =>
    void it(line, () => assert.equal(maskLine(line), want));
  f('postgres://app:hunter2@db:5432/x', 'postgres://app:••••@db:5432/x');
  f('Authorization: Bearer abcdef123456', 'Authorization: •••• ••••');
  f('password=hunter2 user=me', 'password=•••• user=me');
  f('{"apiKey": "k-1", "n": 1}', '{"apiKey": ••••, "n": 1}');
  f('key AKIAIOSFODNN7EXAMPLE used', 'key •••• used');
  f('xoxb-123456789-abc', '••••');
  f('jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def', 'jwt ••••');
  f('-----BEGIN RSA PRIVATE KEY-----MIIE', '-----BEGIN PRIVATE KEY----- ••••');
  f('\u001b[31merror\u001b[0m\u0007 비밀번호 없음', 'error  비밀번호 없음');
  f('tokens: 12 of 40 used', 'tokens: 12 of 40 used');
  f('nothing to hide', 'nothing to hide');
});

describe('messageMaker()', () => {
  it('finds value, threshold, chart, last lines and links', async () => {
    const message = await made(firing);
    assert.equal(message.title, 'PodMemoryHigh · shop');
    assert.deepEqual(
      [message.firing, message.resolved, message.severity, message.threshold],
      [1, 1, 'critical', '> 0.9'],
    );
    const [first, second] = message.alerts;
    assert.equal(first?.value, 0.95);
    assert.deepEqual(first?.labels, [['pod', 'api-7c9d']]);
    assert.equal(second?.status, 'resolved');
    assert.equal(message.picture?.url, 'https://nunchi.example.com/nunchi/pictures/abc.png');
    assert.equal(message.picture?.png.subarray(1, 4).toString(), 'PNG');
    assert.deepEqual(message.logs?.lines[0], 'connecting to postgres://app:••••@db/shop');
    assert.deepEqual(
      message.links.map(({ kind }) => kind),
      ['explore', 'pod', 'logs', 'rule', 'runbook', 'silence'],
    );
    const silence = new URL(message.links.at(-1)?.url ?? '');
    assert.equal(silence.pathname, '/alerting/silence/new');
    assert.deepEqual(silence.searchParams.getAll('matcher'), [
      'alertname=PodMemoryHigh',
      'container=main',
      'namespace=shop',
      'severity=critical',
    ]);
  });

  it('links to the panel that an alert names, and to no place that is no web page', async () => {
    const one = alertOf(
      { alertname: 'A' },
      {
        annotations: {
          __dashboardUid__: 'd1',
          __panelId__: '4',
          runbook_url: 'javascript:alert(1)',
        },
        generatorUrl: 'http://grafana/alerting/grafana/x/view',
      },
    );
    const { links } = await made(notificationOf([one]));
    assert.deepEqual(
      links.map(({ kind }) => kind),
      ['dashboard', 'rule', 'silence'],
    );
    assert.match(links[0]?.url ?? '', /^http:\/\/nunchi\/d\/d1\?viewPanel=4&from=\d+&to=\d+$/);
  });

  it('asks for no lines of what is over', async () => {
    let asked = 0;
    const message = await made(resolved, {
      lastLines: async () => {
        asked++;
        return ['x'];
      },
    });
    assert.equal(asked, 0);
    assert.equal(message.logs, undefined);
    assert.deepEqual(message.links.map(({ kind }) => kind).at(-1), 'alert');
  });

  const failing: Readonly<Record<string, Partial<EvidenceSources>>> = {
    queryRange: { queryRange: () => Promise.reject(new Error('no')) },
    lastLines: { lastLines: () => Promise.reject(new Error('no')) },
    renderPng: { renderPng: () => Promise.reject(new Error('no')) },
    publish: { publish: () => Promise.reject(new Error('no')) },
  };
  for (const [name, from] of Object.entries(failing)) {
    it(`leaves out what ${name} cannot give`, async () => {
      const message = await made(firing, from);
      assert.equal(message.picture === undefined, name !== 'lastLines');
      assert.equal(message.logs === undefined, name === 'lastLines');
      assert.equal(message.alerts[0]?.value === undefined, name === 'queryRange');
    });
  }

  it('does not wait for what hangs, even where it ignores that it is told to stop', async () => {
    const hanging = { queryRange: () => new Promise<never>(() => {}) };
    const message = await made(firing, hanging, { timeoutMs: 20 });
    assert.equal(message.picture, undefined);
  });

  it('makes one message for all receivers of a group, and another for what is new', async () => {
    let asked = 0;
    const maker = messageMaker(
      () => settings,
      () => ({
        ...sources,
        queryRange: async () => {
          asked++;
          return [];
        },
      }),
    );
    const { signal } = new AbortController();
    await Promise.all([maker.make(firing, signal), maker.make({ ...firing }, signal)]);
    assert.equal(asked, 1);
    await maker.make({ ...firing, nowMs: nowMs + 1 }, signal);
    assert.equal(asked, 2);
  });

  it('shows the first few of many alerts and counts the others', async () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      alertOf({ alertname: 'A', n: String(at) }, { status: at === 499 ? 'firing' : 'resolved' }),
    );
    const message = await made(notificationOf(many));
    assert.equal(message.alerts.length, 5);
    assert.equal(message.alerts[0]?.status, 'firing');
    assert.equal(message.hiddenAlerts, 495);
  });
});

describe('slackMessage()', () => {
  it('says it in blocks', async () => {
    const message = await made(firing);
    const { text, blocks } = slackMessage(message, { fileId: 'F1' });
    assert.equal(text, '🔴 PodMemoryHigh · shop: 1 firing, 1 resolved');
    const [header, first, second, image, logs, context] = blocks as Record<string, never>[];
    assert.deepEqual(header, {
      type: 'header',
      text: {
        type: 'plain_text',
        text: '🔴 PodMemoryHigh · shop · 1 firing, 1 resolved',
        emoji: true,
      },
    });
    const of = (block: unknown): string => (block as { text: { text: string } }).text.text;
    assert.equal(
      of(first),
      `*Memory of api-7c9d is close to its limit &lt;&amp;&gt;*\nThe pod will be killed when it goes over.\nValue *0.95 &gt; 0.9* · since <!date^${startMs / 1000}^{date_short_pretty} {time}|2026-03-31 14:10 +09:00>\npod=\`api-7c9d\``,
    );
    assert.match(of(second), /^🟢 \*PodMemoryHigh\*\nValue \*0\.4\* · lasted 19m/);
    assert.deepEqual(image, {
      type: 'image',
      slack_file: { id: 'F1' },
      alt_text: 'Chart of PodMemoryHigh · shop',
    });
    assert.match(
      of(logs),
      /^\*Last lines of shop\/api-7c9d \(main\)\*\n```\n[\s\S]*GC overhead is ''' 92 %\n```$/,
    );
    const { elements } = context as unknown as { elements: { text: string }[] };
    assert.match(elements[0]?.text ?? '', /^<http:\/\/nunchi\/metrics\/explore\?[^|>]*\|Explore>/);
  });

  it('keeps within the limits of Slack, whatever alerts say', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 5000 });
    const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text, { maxKeys: 30 });
    const alerts = fc.array(fc.record({ labels, annotations: labels }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(alerts, fc.array(text, { maxLength: 30 }), async (all, lines) => {
        const notification = notificationOf(
          all.map(({ labels: own, annotations }, at) =>
            alertOf(
              { ...own, alertname: 'A', namespace: 'n', pod: String(at) },
              {
                annotations: {
                  ...annotations,
                  summary: annotations['a'] ?? '',
                  description: annotations['b'] ?? '',
                },
              },
            ),
          ),
        );
        const from = { queryRange: async () => [], lastLines: async () => lines };
        const message = await made(notification, from);
        checkSlack(slackMessage(message, { url: 'https://x/y.png' }));
        assert.ok(JSON.stringify(discordEmbed(message, undefined)).length < 40_000);
        checkDiscord(discordEmbed(message, undefined));
        assert.doesNotMatch(htmlMessage(message, 'c'), /<script|<img src="(?!cid:c")/i);
        assert.ok(Buffer.byteLength(JSON.stringify(teamsCard(message))) < 28_000);
        textMessage(message);
        webhookExtras(message);
      }),
      { numRuns: 60 },
    );
  });
});

/** Slack refuses a message for any of these. */
function checkSlack(message: { readonly text: string; readonly blocks: readonly object[] }): void {
  assert.deepEqual(slackProblems(message), []);
  assert.ok(JSON.stringify(message).isWellFormed());
}

function checkDiscord(embed: object): void {
  const {
    title,
    description,
    fields = [],
  } = embed as {
    readonly title: string;
    readonly description: string;
    readonly fields?: readonly { readonly name: string; readonly value: string }[];
  };
  assert.ok([...title].length <= 256 && [...description].length <= 4096);
  for (const { name, value } of fields) assert.ok(name.length <= 256 && value.length <= 1024);
}

describe('htmlMessage()', () => {
  it('escapes what alerts say, and shows the attached picture', async () => {
    const message = await made(firing);
    const html = htmlMessage(message, 'chart@nunchi');
    assert.match(html, /close to its limit &lt;&amp;&gt;/);
    assert.match(html, /<img src="cid:chart@nunchi" width="720"/);
    assert.match(html, /Value <b>0\.95 &gt; 0\.9<\/b> · since 2026-03-31 14:10 \+09:00/);
    assert.doesNotMatch(htmlMessage(message, undefined), /<img/);
    assert.equal(mailSubject(message), '[FIRING:1] PodMemoryHigh · shop');
    assert.match(textMessage(message), /\nExplore: http:\/\/nunchi\/metrics\/explore\?/);
  });

  it('speaks Korean', async () => {
    const message = await made(firing, {}, { language: 'ko' });
    const html = htmlMessage(message, undefined);
    assert.match(html, /발생 1건, 해소 1건/);
    assert.match(html, /2026-03-31 14:10 \+09:00부터/);
    assert.match(html, /shop\/api-7c9d \(main\)의 마지막 로그/);
  });
});

describe('teamsCard() and discordEmbed()', () => {
  it('say the same', async () => {
    const message = await made(firing);
    const card = JSON.stringify(teamsCard(message));
    const embed = JSON.stringify(discordEmbed(message, 'attachment://alert.png'));
    for (const text of [card, embed]) assert.match(text, /Value 0\.95 > 0\.9/);
    assert.match(card, /"type":"Action.OpenUrl","title":"Explore"/);
    assert.match(card, /"type":"Image","url":"https:\/\/nunchi\.example\.com/);
    assert.match(embed, /"image":\{"url":"attachment:\/\/alert\.png"\}/);
  });
});

describe('durationText()', () => {
  const f = (ms: number, en: string, ko: string): void =>
    void it(en, () => {
      assert.equal(durationText(ms, wordsOf.en), en);
      assert.equal(durationText(ms, wordsOf.ko), ko);
    });
  f(0, '0s', '0초');
  f(59_400, '59s', '59초');
  f(3_600_000, '1h', '1시간');
  f(12_000_000, '3h 20m', '3시간 20분');
  f(90_000_000, '1d 1h', '1일 1시간');
});
