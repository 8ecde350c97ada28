import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AppError, ManualClock, maskSecrets, silentLogger } from '#base';
import { openStateStore } from '#state';
import { type AuditRecord, Bot, type NeededRight, type OwnCommandEntry } from './bot.ts';
import { Builtins, type Switches } from './builtins.ts';
import { readBotkubeConfig } from './config/botkube.ts';
import type { ChannelConfig } from './config/contract.ts';
import type { Question } from './contract.ts';
import { RefusedCommand } from './executors/refused.ts';
import type { ProgramOutput } from './executors/run.ts';
import type { ReadyCommand, Tools } from './executors/tools.ts';
import { maskSecretObjects, withoutTexts } from './mask.ts';
import { replyText } from './reply.ts';

const values = `
settings: {clusterName: c1}
communications:
  default-group:
    socketSlack:
      enabled: true
      appToken: xapp-1-secret
      botToken: xoxb-1-secret
      channels:
        default: {name: alerts}
        quiet: {name: quiet, bindings: {sources: [], executors: []}}
executors:
  k8s-default-tools:
    botkube/kubectl: {enabled: true}
    botkube/helm: {enabled: false}
aliases:
  h: {command: helm, displayName: Helm}
actions:
  show-logs-on-error: {enabled: true}
`;

interface Room {
  readonly ask: (text: string, more?: Partial<Question>) => Promise<string | undefined>;
  readonly audit: AuditRecord[];
  readonly clock: ManualClock;
  /** What tools print, and with which code they end. */
  readonly prints: { output: ProgramOutput };
  readonly rights: NeededRight[];
  auditFails: boolean;
  allowed: boolean;
  readonly ran: string[];
}

async function openRoom(
  test: { after(fn: () => Promise<void>): void },
  text = values,
): Promise<Room> {
  const config = readBotkubeConfig([{ file: 'values.yaml', text }]);
  assert.deepEqual(config.problems, []);
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-bot-'));
  const state = await openStateStore({ dataDir });
  test.after(async () => {
    await state[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const builtins = await Builtins.open(config, {
    version: '1.2.3',
    serverVersion: () => 'v1.28.5',
    switches: state.collection<Switches>('chat-switches'),
    ownHelp: { logs: 'POD: its last lines' },
  });
  const prints = {
    output: { text: 'NAME   READY\nweb    1/1\napi    0/1', code: 0, isCut: false },
  };
  const room = {
    audit: [] as AuditRecord[],
    ran: [] as string[],
    rights: [] as NeededRight[],
    ...{ clock, prints, auditFails: false, allowed: true },
  };
  const tools = {
    ready: (tool: string, words: readonly string[]): ReadyCommand => {
      if (words[0] === 'edit') throw new RefusedCommand('The "edit" command is not supported.');
      return {
        changes: words[0] === 'delete',
        run: async () => {
          room.ran.push([tool, ...words].join(' '));
          return prints.output;
        },
      };
    },
  } as unknown as Tools;
  const own: Record<string, OwnCommandEntry> = {
    logs: {
      help: 'POD: its last lines',
      run: async (_words, { check }) => {
        await check({
          ...{ verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'shop' },
        });
        return { output: 'one password=hunter22\ntwo' };
      },
    },
    broken: {
      help: '',
      run: async () => {
        throw new TypeError('a secret of the implementation');
      },
    },
    wrong: {
      help: '',
      run: async () => {
        throw new AppError('X', 'no such thing');
      },
    },
  };
  const bot = new Bot(config, {
    ...{ clock, log: silentLogger, tools, builtins, own },
    mayDo: async (_identity, right) => {
      room.rights.push(right);
      return room.allowed;
    },
    audit: async (record) => {
      if (room.auditFails) throw new Error('disk full');
      room.audit.push(record);
    },
    mask: maskSecrets,
    stopping: new AbortController().signal,
  });
  const channels = config.platforms[0]?.channels as readonly ChannelConfig[];
  const ask: Room['ask'] = async (text, more = {}) => {
    const place = {
      ...{ platform: 'socketSlack', channelId: 'C1', channelName: 'alerts' },
      ...more.place,
    };
    const user = { id: 'U1', mention: '<@U1>' };
    const reply = await bot.answer(
      { user, text, isInteraction: false, ...more, place },
      channels.find(({ name }) => name === place.channelName),
    );
    return reply === undefined ? undefined : replyText(reply);
  };
  return Object.assign(room, { ask });
}

const quiet = { place: { platform: 'socketSlack', channelId: 'C2', channelName: 'quiet' } };

describe('the bot', () => {
  const versions = 'K8s Server Version: v1.28.5\nBotkube version: 1.2.3';
  const unknown = "Command not supported. Please use 'help' to see supported commands.";
  const cases: readonly (readonly [
    text: string,
    answer: string | RegExp,
    more?: Partial<Question>,
  ])[] = [
    ['ping', `pong\n\n${versions}`],
    ['version', versions],
    ['', /^Botkube is now active for "c1" cluster :rocket:/],
    ['help', /^Botkube is now active for "c1" cluster :rocket:/],
    ['help logs', '`logs` POD: its last lines'],
    ['help list', /Available features:\nactions\nexecutors\nsources\naliases/],
    ['feedback', /./],
    ['status notifications', "Notifications from cluster 'c1' are enabled here."],
    ['status', "Notifications from cluster 'c1' are enabled here."],
    ['disable notif', "Sure! I won't send you notifications from cluster 'c1' here."],
    ['status notification', "Notifications from cluster 'c1' are disabled here."],
    ['enable', "Brace yourselves, incoming notifications from cluster 'c1'."],
    [
      'enable notifications',
      "I'm not configured to send notifications here ('quiet') from cluster 'c1', so you cannot turn them on or off.",
      quiet,
    ],
    ['list actions', /^`list actions` on `c1`\n```\nACTION +ENABLED +DISPLAY NAME\n/],
    ['list act', /show-logs-on-error +true +Show logs on error/],
    ['list action --filter describe', /^(?!.*show-logs)[\s\S]*describe-created-resource/],
    [
      'disable action show-logs-on-error',
      "Done. I won't run 'show-logs-on-error' action on 'c1' cluster.",
    ],
    ['list actions', /show-logs-on-error +false/],
    [
      'enable act show-logs-on-error',
      "I have enabled 'show-logs-on-error' action on 'c1' cluster.",
    ],
    [
      'enable action',
      /^[\s\S]*You forgot to pass action name. Please pass one of the following valid actions:\n```\nACTION/,
    ],
    ['enable action x', /You forgot to pass action name/],
    [
      'list executors',
      /EXECUTOR +ENABLED +ALIASES\nbotkube\/helm +false +h\nbotkube\/kubectl +true +kc, k/,
    ],
    ['list exec', /botkube\/kubectl +true/],
    ['list sources', /SOURCE +ENABLED\nbotkube\/kubernetes +true/],
    ['list src', /botkube\/kubernetes +true/],
    [
      'list aliases',
      /Only showing aliases for executors enabled for this channel\.\n```\nALIAS +COMMAND +DISPLAY NAME\nkc +kubectl +Kubectl alias\nk +kubectl +Kubectl alias\n```$/,
    ],
    ['list als', /ALIAS/],
    ['status sourcebindings', /`k8s-err-events`, `k8s-recommendation-events`/],
    ['status sb', /`k8s-err-events`/],
    [
      'edit sourcebindings k8s-all-events,k8s-err-events',
      /^:white_check_mark: <@U1> adjusted the Botkube notifications settings to `k8s-all-events` and `k8s-err-events` messages for this channel\./,
    ],
    ['edit sb nothing', /^:exclamation: The `nothing` source was not found in configuration\./],
    ['show config', /botToken: ••••[\s\S]*botkube\/kubectl:/],
    ['show cfg', /^(?![\s\S]*secret)/],
    [
      'list',
      "You missed to pass options for the command. Please use 'help' to see command options.",
    ],
    [
      'list foo',
      /^error: unknown option `foo`\nusage: <@bot> list \[feature\]\n\nAvailable features:/,
    ],
    ['foo', unknown],
    ['constructor', unknown],
    ['__proto__', unknown],
    ['kubectl "get', "cannot parse command. Please use 'help' to see supported commands"],
    ['helm list', /^`helm` commands are disabled for this channel\./],
    ['kubectl get pod', /^`kubectl` commands are disabled for this channel\./, quiet],
    ['logs web', /^`kubectl` commands are disabled for this channel\./, quiet],
    ['kubectl edit pod', 'The "edit" command is not supported.'],
    [
      'kubectl  get   pod',
      '`kubectl get pod` on `c1`\n```\nNAME   READY\nweb    1/1\napi    0/1\n```',
    ],
    ['k get pod --filter=web', '`kubectl get pod` on `c1`\n```\nweb    1/1\n```'],
    [
      'k get pod --filter x',
      /`kubectl get pod` on `c1`\n\.{4} empty response _\*<cricket sounds>\*_/,
    ],
    ['kubectl get pod', /^`kubectl get pod` on `c1` by <@U1>\n/, { isInteraction: true }],
    ['logs web', '`logs web` on `c1`\n```\none password=••••\ntwo\n```'],
    [
      'broken',
      /^Sorry, an internal error occurred while executing your command for the 'c1' cluster :\(/,
    ],
    ['wrong', 'no such thing'],
  ];
  it('answers every command in the words of Botkube', async (test) => {
    const { ask, clock } = await openRoom(test);
    for (const [text, wanted, more] of cases) {
      clock.advance(60_000);
      const answer = await ask(text, more);
      if (typeof wanted === 'string') assert.equal(answer, wanted, text);
      else assert.match(answer ?? '', wanted, text);
    }
  });

  it('says nothing where another cluster is meant, or the channel is none of ours', async (test) => {
    const { ask, audit } = await openRoom(test);
    assert.equal(await ask('ping --cluster-name other'), undefined);
    assert.equal(
      await ask('ping', { place: { ...quiet.place, channelName: 'foreign' } }),
      undefined,
    );
    assert.match((await ask('ping --cluster-name=c1')) ?? '', /^pong/);
    assert.deepEqual(
      audit.map(({ result }) => result),
      ['ignored', 'ran'],
    );
  });

  it('writes down who asked what, as whom it was run, and what came of it', async (test) => {
    const room = await openRoom(test);
    const { ask, audit, prints } = room;
    await ask('k get pod');
    await ask('kubectl delete pod web');
    prints.output = { text: 'Error from server (Forbidden): no', code: 1, isCut: false };
    assert.match(
      (await ask('kubectl get secret --filter x')) ?? '',
      /Forbidden[\s\S]*exit status 1/,
    );
    await ask('kubectl edit pod');
    await ask('kubectl get x --token=abcdef0123456789');
    await ask('list actions');
    await ask('broken');
    const as = { user: 'botkube-internal-static-user', groups: ['botkube-plugins-default'] };
    const lines = audit.map(({ command, result, exitCode, detail, as: who }) =>
      [command, result, exitCode, detail, who === undefined ? '' : JSON.stringify(who)].join('|'),
    );
    assert.deepEqual(lines, [
      `kubectl get pod|ran|0||${JSON.stringify(as)}`,
      `kubectl delete pod web|started|||${JSON.stringify(as)}`,
      `kubectl delete pod web|ran|0||${JSON.stringify(as)}`,
      `kubectl get secret|failed|1|Error from server (Forbidden): no|${JSON.stringify(as)}`,
      'kubectl edit pod|refused||The "edit" command is not supported.|',
      `kubectl get x --token=••••|failed|1|Error from server (Forbidden): no|${JSON.stringify(as)}`,
      'list actions|ran|||',
      'broken|failed||a secret of the implementation|',
    ]);
    for (const { platform, channel, user } of audit)
      assert.deepEqual([platform, channel, user], ['socketSlack', 'alerts', 'U1']);
    assert.equal(audit[1]?.id, audit[2]?.id);
  });

  it('changes nothing that cannot be written down', async (test) => {
    const room = await openRoom(test);
    room.auditFails = true;
    assert.match((await room.ask('kubectl delete pod web')) ?? '', /audit log cannot be written/);
    assert.deepEqual(room.ran, []);
  });

  it('shows what Nunchi knows to those who might see it in the cluster', async (test) => {
    const room = await openRoom(test);
    room.allowed = false;
    assert.match(
      (await room.ask('logs web')) ?? '',
      /^Error from server \(Forbidden\): User "botkube-internal-static-user" of "botkube-plugins-default" cannot get resource "pods\/log" in the namespace "shop"$/,
    );
    assert.equal(room.rights.length, 1);
  });

  it('keeps what Nunchi knows to the namespaces of the channel', async (test) => {
    const limits = 'config: {interactiveBuilder: {allowed: {namespaces: [web]}}}';
    const room = await openRoom(
      test,
      values.replace(
        'botkube/kubectl: {enabled: true}',
        `botkube/kubectl: {enabled: true, ${limits}}`,
      ),
    );
    assert.equal(
      await room.ask('logs web'),
      'The namespace "shop" is not allowed in this channel; there are web.',
    );
    assert.equal(room.rights.length, 0);
    assert.equal(room.audit[0]?.result, 'refused');
  });

  it('has limits for people and for channels, and says so once', async (test) => {
    const { ask, audit, clock } = await openRoom(test);
    for (let at = 0; at < 30; at++) assert.match((await ask('ping')) ?? '', /^pong/);
    assert.match((await ask('ping')) ?? '', /^Slow down, please/);
    assert.equal(await ask('ping'), undefined);
    const of = (id: string): Partial<Question> => ({ user: { id, mention: '' } });
    assert.match((await ask('ping', of('U2'))) ?? '', /^pong/);
    for (let at = 0; at < 59; at++) await ask('ping', of(`U${10 + at}`));
    assert.match((await ask('ping', of('U99'))) ?? '', /^Slow down, please/);
    assert.equal(audit.filter(({ result }) => result === 'limited').length, 2);
    clock.advance(60_001);
    assert.match((await ask('ping')) ?? '', /^pong/);
  });

  it('takes what comes with values for a command, unless it fills in a form', async (test) => {
    const { ask } = await openRoom(test);
    const sent: Partial<Question> = { values: { sources: ['k8s-err-events'] } };
    for (let at = 0; at < 30; at++) await ask('edit sourcebindings', sent);
    assert.match((await ask('kubectl get pod', sent)) ?? '', /^Slow down, please/);
  });

  it('masks before it filters: lines alone do not say what they are of', async (test) => {
    const room = await openRoom(test);
    room.prints.output = {
      text: 'env:\n- name: DB_PASSWORD\n  value: hunter22\n- name: X\n  value: shown',
      code: 0,
      isCut: false,
    };
    const answer = await room.ask('kubectl get pod -o yaml --filter value:');
    assert.equal(
      answer,
      '`kubectl get pod -o yaml` on `c1`\n```\nvalue: ••••\n  value: shown\n```',
    );
    room.prints.output = { text: '- name: DB_PASSWORD\n  value: hunter22', code: 1, isCut: false };
    await room.ask('kubectl get pod');
    assert.doesNotMatch(JSON.stringify(room.audit), /hunter22/);
  });

  it('an automation that is limited says nothing', async (test) => {
    const { ask } = await openRoom(test);
    const by = { user: { id: 'automation:x', mention: 'Automation "x"' }, isInteraction: true };
    for (let at = 0; at < 30; at++) await ask('ping', by);
    assert.equal(await ask('ping', by), undefined);
  });
});

describe('values of Secrets', () => {
  const yaml = [
    '---',
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    '  name: db',
    'data:',
    '  password: aHVudGVyMg==',
    '  "a b": eA==',
    '  pem: |',
    '    line one',
    '    line two',
    'type: Opaque',
    '---',
    'kind: Pod',
    'metadata: {name: x}',
  ].join('\n');

  it('are masked in manifests', () => {
    const masked = maskSecretObjects(yaml);
    assert.doesNotMatch(masked, /hunter|aHV|eA==|line one|line two/);
    for (const kept of [
      '  password: ••••',
      '  "a b": ••••',
      '  pem: ••••',
      'type: Opaque',
      '  name: db',
    ])
      assert.ok(masked.includes(kept), kept);
    const json = '{"kind":"Secret","data":{"a":"eA==","b": "x\\"y"},"type":"Opaque"}';
    assert.equal(
      maskSecretObjects(json),
      '{"kind":"Secret","data":{"a":"••••","b": "••••"},"type":"Opaque"}',
    );
    const escaped = 'x: {\\"kind\\":\\"Secret\\",\\"data\\":{\\"a\\":\\"eA==\\"}}';
    assert.doesNotMatch(maskSecretObjects(escaped), /eA==/);
  });

  const forms: readonly string[] = [
    'kind: Secret\ndata: {a: hunter, "b": "hunter", c: \'hunter\'}\ntype: x',
    'kind: Secret\nstringData: {\n  a: hunter,\n  b: [hunter, {c: hunter}]\n}\ntype: x',
    'kind: Secret\ndata: # of the database\n  a: hunter\ntype: x',
    'kind: Secret\n"data":\n  "a": hunter\ntype: x',
    'kind: Secret\ndata: &all\n  a: hunter\ntype: x',
    'kind: Secret\r\ndata:\r\n  a: hunter\r\ntype: x',
    'kind:   Secret\ndata:\n  ? a\n  : hunter\ntype: x',
    'items:\n- kind: Secret\n  data:\n    a: |-\n      hunter\n\n      hunter\n  type: x',
    '{"kind":"Secret","stringData":{"a":"{\\"hunter\\": {}}","b":"hunter"},"type":"x"}',
    '{"kind":"SecretList","items":[{"data":{"a":"}hunter"},"type":"x"}]}',
    '{\n "data": {\n  "a": "hunter"\n },\n "kind": "Secret", "type": "x"\n}',
    JSON.stringify(JSON.stringify({ kind: 'Secret', data: { a: '{hunter}"hunter' }, type: 'x' })),
    JSON.stringify(
      JSON.stringify(JSON.stringify({ kind: 'Secret', data: { a: 'hunter' }, type: 'x' })),
    ),
  ];
  for (const form of forms) {
    it(`are masked in ${JSON.stringify(form)}`, () => {
      const masked = maskSecretObjects(form);
      assert.doesNotMatch(masked, /hunter/);
      assert.match(masked, /type[\\":]+ ?[\\"]*x/);
    });
  }

  it('nothing else is', () => {
    const other = 'kind: ConfigMap\ndata:\n  a: b';
    assert.equal(maskSecretObjects(other), other);
  });

  it('tokens of the bot itself are never said', () => {
    assert.equal(withoutTexts(['xapp-1-secret', ''])('a xapp-1-secret b'), 'a •••• b');
  });
});
