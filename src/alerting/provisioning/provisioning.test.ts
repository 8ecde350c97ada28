import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultAlertmanagerYaml } from '#alerting';
import { Notifications } from '#alerting/notifications';
import { AlertRules } from '#alerting/rules';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import type { LogStore } from '#logs/store';
import { openStateStore } from '#state';
import { expandText } from './environment.ts';
import { problemText } from './file.ts';
import { provisionFolder, reloadFolder } from './provisioning.ts';

interface Scene {
  readonly rules: AlertRules;
  readonly notifications: Notifications;
  /** Puts files down and reads them. @returns problems as they are told, without the folder */
  provide(files: Readonly<Record<string, string>>): Promise<readonly string[]>;
  readonly reload: () => Promise<void>;
}

async function inScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'nunchi-alerting-'));
  await using state = await openStateStore({ dataDir: folder.path });
  const notifications = await Notifications.open({
    state,
    log: silentLogger,
    file: () => undefined,
    defaults: defaultAlertmanagerYaml(),
    settings: () => [],
    apply: () => {},
  });
  await using rules = await AlertRules.open({
    state,
    // Nothing is evaluated here, so nothing is written.
    logs: {} as LogStore,
    folders: {
      get: (uid) => ({ uid, title: uid.slice(2) }),
      ensure: async (title) => `f-${title}`,
    },
    names: { hasReceiver: () => true, hasTiming: () => true },
    source: { query: async () => new Map() },
    sink: { put: async () => [] },
    samples: { write: async () => {} },
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    externalUrl: 'http://n',
    folder: join(folder.path, 'alerting'),
  });
  const directory = join(folder.path, 'files');
  await mkdir(directory);
  const env = { HOOK: 'https://hooks.slack.com/services/T/B/X', TEAM: 'ops' };
  const deps = { rules, notifications, env, log: silentLogger };
  await work({
    rules,
    notifications,
    provide: async (files) => {
      for (const [name, text] of Object.entries(files))
        await writeFile(join(directory, name), text);
      const problems = await provisionFolder(directory, deps);
      return problems.map((one) => problemText(one).replace(`${directory}/`, ''));
    },
    reload: () => reloadFolder(directory, deps),
  });
}

/** Aliases of aliases: a thousand million of them. */
const bomb = [
  'a: &a [1]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((name, at) => {
    const before = 'abcdefghi'[at];
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`;
  }),
].join(', ');

/** A rule as exports and the documentation have them. */
const ruleText = (uid: string, more = ''): string => `
      - uid: ${uid}
        title: ${uid}
        condition: C
        data:
          - refId: A
            relativeTimeRange: {from: 600, to: 0}
            datasourceUid: prometheus
            model: {expr: 'up{team="$TEAM"}', instant: true, refId: A}
          - refId: C
            datasourceUid: __expr__
            model: {type: math, expression: $A > 0, refId: C}
        for: 60s
        dashboardUid: my-dash
        panelId: 8
        noDataState: Alerting
        execErrState: Alerting
        annotations: {summary: '{{ $labels.pod }} of $TEAM costs $$5', some_key: some_value}
        labels: {team: $TEAM}
        isPaused: false${more}`;

const groups = (...rules: readonly string[]): string => `apiVersion: 1
groups:
  - orgId: 1
    name: my_rule_group
    folder: my_first_folder
    interval: 60s
    rules:${rules.join('')}
`;

describe('files of alert provisioning', () => {
  it('make rules, contact points, policies, timings and templates', () =>
    inScene(async ({ rules, notifications, provide }) => {
      const problems = await provide({
        'rules.yaml': groups(ruleText('id1')),
        'tell.yml': `apiVersion: 1
contactPoints:
  - orgId: 1
    name: cp_1
    receivers:
      - uid: first_uid
        type: slack
        settings: {url: $HOOK, title: '{{ template "custom" . }}'}
        disableResolveMessage: true
policies:
  - orgId: 1
    receiver: cp_1
    group_by: ['...']
    object_matchers: []
    routes:
      - receiver: grafana-default-email
        object_matchers: [[alertname, '=', CPUUsage], [namespace, '=~', 'a|b']]
        mute_time_intervals: [no_weekends]
        group_wait: 30s
muteTimes:
  - orgId: 1
    name: no_weekends
    time_intervals:
      - times: [{start_time: '06:00', end_time: '23:59'}]
        weekdays: [saturday, sunday]
        location: Europe/Berlin
templates:
  - orgId: 1
    name: custom
    template: '{{ define "custom" }}hello{{ end }}'
`,
      });
      assert.deepEqual(problems, []);
      const { rule, group } = rules.store.find('id1')!;
      assert.deepEqual(
        [group.folderUid, group.title, group.intervalMs],
        ['f-my_first_folder', 'my_rule_group', 60_000],
      );
      assert.equal(rule.provenance, 'file');
      assert.equal(rule.data[0]!.model['expr'], 'up{team="ops"}');
      assert.equal(rule.data[1]!.model['expression'], '$A > 0');
      assert.deepEqual(rule.annotations, {
        summary: '{{ $labels.pod }} of ops costs $5',
        some_key: 'some_value',
        __dashboardUid__: 'my-dash',
        __panelId__: '8',
      });
      assert.deepEqual(rule.labels, { team: 'ops' });
      const point = notifications.model.contactPoints.find(({ uid }) => uid === 'first_uid')!;
      assert.deepEqual(
        [point.name, point.provenance, point.disableResolveMessage],
        ['cp_1', 'file', true],
      );
      assert.equal(notifications.policies.provenance, 'file');
      assert.equal(notifications.config.receivers.get('cp_1')!.length, 1);
      // Once more: nothing is different, nothing is new.
      assert.deepEqual(await provide({}), []);
      assert.equal(rules.store.find('id1')!.rule.version, 1);
    }));

  it('tell what is wrong by file and line, and leave only that out', () =>
    inScene(async ({ rules, notifications, provide, reload }) => {
      const problems = await provide({
        'a.yaml': groups(
          ruleText('good'),
          '\n      - {uid: x}',
          '\n      - {title: no-uid, condition: A, data: [{}]}',
          '\n      - {uid: y, title: no-data, condition: A}',
          '\n      - {uid: z, title: no-condition, data: [{}]}',
          '\n      - {uid: w, title: bad-for, condition: A, for: soon, data: [{refId: A, model: {}}]}',
        ),
        'b.yaml':
          'apiVersion: 1\ngroups:\n  - {folder: x, rules: []}\n  - {name: x, rules: []}\npeople: []\n',
        'c.yaml': 'groups: [\n',
        'd.yaml':
          'contactPoints:\n  - name: c\n    receivers:\n      - {uid: c1, type: slack, settings: {}}\n      - {uid: c2, type: slack, settings: {url: $HOOK}}\n',
        'e.txt': 'no',
      });
      assert.deepEqual(
        problems.map((one) => one.replace(/(c.yaml:\d+: ).*/, '$1broken')).sort(),
        [
          'a.yaml:27: groups[0].rules[1]: rule has no title set',
          "a.yaml:28: groups[0].rules[2]: rule 'no-uid' failed to parse: no UID set",
          "a.yaml:29: groups[0].rules[3]: rule 'no-data' failed to parse: no data set",
          "a.yaml:30: groups[0].rules[4]: rule 'no-condition' failed to parse: no condition set",
          'a.yaml:31: groups[0].rules[5]: invalid alert rule: for: "soon" is not a duration such as 30s, 5m or 1h30m',
          'b.yaml:3: groups[0]: rule group has no name set',
          'b.yaml:4: groups[1]: rule group has no folder set',
          'b.yaml:5: people: unknown key; allowed: groups, deleteRules, contactPoints, deleteContactPoints, policies, muteTimes, deleteMuteTimes, templates, deleteTemplates, apiVersion, resetPolicies',
          'c.yaml:2: broken',
          'd.yaml:4: contactPoints[0].receivers[0]: recipient must be specified when using the Slack chat API',
        ].sort(),
      );
      assert.ok(rules.store.find('good') !== undefined);
      assert.ok(notifications.model.contactPoints.some(({ uid }) => uid === 'c2'));
      await assert.rejects(reload(), {
        code: 'PROVISIONING_INVALID',
        message: /b\.yaml:5: people/,
      });
    }));

  it('leave out what has aliases without end, and no more', () =>
    inScene(async ({ notifications, provide }) => {
      const good =
        "{name: good, receivers: [{uid: g, type: webhook, settings: {url: 'http://h'}}]}";
      const text = `contactPoints:\n  - ${good}\n  - {name: bomb, ${bomb}}\n`;
      const [problem = '', ...others] = await provide({ 'a.yaml': text });
      assert.match(problem, /^a\.yaml:3: contactPoints\[1\]: Excessive alias count/);
      assert.deepEqual(others, []);
      assert.ok(notifications.model.contactPoints.some(({ name }) => name === 'good'));
    }));

  it('leave a rule as it was when the file has it wrong, and the others go on', () =>
    inScene(async ({ rules, provide }) => {
      await provide({ 'a.yaml': groups(ruleText('id1'), ruleText('id2')) });
      const problems = await provide({
        'a.yaml': groups(ruleText('id1').replace('condition: C', 'condition: Z'), ruleText('id3')),
      });
      assert.deepEqual(problems, [
        'a.yaml:8: groups[0].rules[0]: invalid alert rule: condition Z does not exist, must be one of [A C]',
      ]);
      const group = rules.store.group('f-my_first_folder', 'my_rule_group')!;
      assert.deepEqual(
        group.rules.map(({ uid, condition, version }) => [uid, condition, version]),
        [
          ['id3', 'C', 1],
          ['id1', 'C', 1],
          ['id2', 'C', 1],
        ],
      );
    }));

  it('delete and reset', () =>
    inScene(async ({ rules, notifications, provide }) => {
      const tell =
        'contactPoints:\n  - {name: c, receivers: [{uid: c1, type: slack, settings: {url: $HOOK}}]}\npolicies:\n  - {receiver: c}\n';
      await provide({ 'a.yaml': groups(ruleText('id1'), ruleText('id2')), 'b.yaml': tell });
      assert.deepEqual(
        await provide({
          'a.yaml': 'deleteRules:\n  - {orgId: 1, uid: id1}\n  - {orgId: 1, uid: never}\n',
          'b.yaml':
            'resetPolicies: [1]\ndeleteContactPoints:\n  - {orgId: 1, uid: c1}\ndeleteMuteTimes:\n  - {orgId: 1, name: none}\ndeleteTemplates:\n  - {orgId: 1, name: none}\n',
        }),
        [],
      );
      assert.equal(rules.store.find('id1'), undefined);
      assert.ok(rules.store.find('id2') !== undefined);
      assert.equal(notifications.policies.root.receiver, 'grafana-default-email');
      assert.deepEqual(
        notifications.model.contactPoints.map(({ uid }) => uid),
        ['grafana-default-email'],
      );
    }));
});

describe('variables of the environment', () => {
  const f = (text: string, want: string, isKept = false): void =>
    void it(text, () =>
      assert.equal(
        expandText(text, { A: '1', EMPTY: '' }, () => isKept),
        want,
      ),
    );
  f('$A ${A} $$A $NONE.', '1 1 $A .');
  f('$NONE ${NONE} $EMPTY $$NONE', '$NONE ${NONE}  $NONE', true);
  f('costs $5', 'costs ');
  f('100$', '100$');
});
