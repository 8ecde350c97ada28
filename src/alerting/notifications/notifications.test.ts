import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  type AlertmanagerYaml,
  defaultAlertmanagerYaml,
  loadAlertmanagerYaml,
  matchRoutes,
  type Route,
} from '#alerting';
import type { NotificationSettings } from '#alerting/rules';
import { silentLogger } from '#base';
import { openStateStore } from '#state';
import type { ContactPointInput } from './contract.ts';
import type { Author } from './model.ts';
import { Notifications } from './store.ts';
import { integrationTypes } from './types/registry.ts';
import { replaceWhole, wholeConfig } from './whole-config.ts';

const yamlOf = (text: string): AlertmanagerYaml =>
  loadAlertmanagerYaml({ text, file: 'a.yml', firstLine: 1, key: '' });

const ui: Author = { via: 'ui', provenance: '' };
const api: Author = { via: 'provisioning', provenance: 'api' };
const free: Author = { via: 'provisioning', provenance: '' };

interface Scene {
  readonly notifications: Notifications;
  readonly applied: AlertmanagerYaml[];
  readonly settings: NotificationSettings[];
  reopen(): Promise<Notifications>;
}

async function inScene(
  work: (scene: Scene) => Promise<void>,
  file?: AlertmanagerYaml,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'nunchi-alerting-'));
  await using state = await openStateStore({ dataDir: folder.path });
  const applied: AlertmanagerYaml[] = [];
  const settings: NotificationSettings[] = [];
  const reopen = (): Promise<Notifications> =>
    Notifications.open({
      state,
      log: silentLogger,
      file: () => file,
      defaults: defaultAlertmanagerYaml(),
      settings: () => settings,
      apply: (config) => applied.push(config),
    });
  await work({ notifications: await reopen(), applied, settings, reopen });
}

const slack: ContactPointInput = {
  uid: 's1',
  name: 'team',
  type: 'slack',
  settings: { url: 'https://hooks.slack.com/services/T/B/X', title: 'hello' },
};

describe('contact points', () => {
  it('begin with one that tells nobody', () =>
    inScene(async ({ notifications }) => {
      assert.deepEqual(
        notifications.model.contactPoints.map(({ name, type }) => [name, type]),
        [['grafana-default-email', 'email']],
      );
      assert.deepEqual(notifications.policies.root, {
        receiver: 'grafana-default-email',
        group_by: ['grafana_folder', 'alertname'],
      });
      const { route, receivers } = notifications.config;
      assert.deepEqual(
        [route.groupWaitMs, route.groupIntervalMs, route.repeatIntervalMs],
        [30_000, 300_000, 14_400_000],
      );
      assert.deepEqual(receivers.get('grafana-default-email'), []);
    }));

  it('keep their secrets sealed, over changes that do not know them, and over restarts', () =>
    inScene(async ({ notifications, reopen }) => {
      const made = await notifications.addContactPoint(slack, ui);
      assert.deepEqual(made.settings, { title: 'hello' });
      assert.doesNotMatch(JSON.stringify(made), /hooks.slack.com/);
      const changed = { ...slack, settings: { url: '[REDACTED]', title: 'changed' } };
      await notifications.updateContactPoint('s1', changed, ui);
      const again = await reopen();
      const [integration] = again.config.receivers.get('team')!;
      assert.ok(integration?.kind === 'grafanaSlack');
      assert.equal(integration.config.url?.reveal(), 'https://hooks.slack.com/services/T/B/X');
      assert.equal(integration.config.title, 'changed');
      assert.equal(integration.config.sendResolved, true);
    }));

  it('of one name are one receiver, and are numbered', () =>
    inScene(async ({ notifications }) => {
      await notifications.addContactPoint(slack, ui);
      await notifications.addContactPoint({ ...slack, uid: 's2', disableResolveMessage: true }, ui);
      assert.deepEqual(
        notifications.config.receivers
          .get('team')!
          .map(({ kind, index, config }) => [kind, index, config.sendResolved]),
        [
          ['grafanaSlack', 0, true],
          ['grafanaSlack', 1, false],
        ],
      );
    }));

  it('are not deleted while something needs them, and take their name along', () =>
    inScene(async ({ notifications, settings }) => {
      await notifications.addContactPoint(slack, ui);
      await notifications.setPolicies({ receiver: 'team' }, ui);
      await assert.rejects(notifications.deleteContactPoint('s1', ui), {
        code: 'CONTACT_POINT_IN_USE',
      });
      await notifications.updateContactPoint('s1', { ...slack, name: 'renamed' }, ui);
      assert.equal(notifications.policies.root.receiver, 'renamed');
      await notifications.setPolicies({ receiver: 'grafana-default-email' }, ui);
      settings.push({ receiver: 'renamed' });
      await assert.rejects(
        notifications.deleteContactPoint('s1', ui),
        /used in notification settings/,
      );
      await assert.rejects(
        notifications.updateContactPoint('s1', { ...slack, name: 'again' }, ui),
        /used in notification settings/,
      );
      settings.length = 0;
      await notifications.deleteContactPoint('s1', ui);
      await assert.rejects(notifications.deleteContactPoint('s1', ui), {
        code: 'CONTACT_POINT_NOT_FOUND',
      });
    }));

  it('of a program are not changed in the UI, unless it says so', () =>
    inScene(async ({ notifications }) => {
      await notifications.addContactPoint(slack, api);
      const refused = { code: 'NOTIFICATION_PROVISIONED' };
      await assert.rejects(notifications.updateContactPoint('s1', slack, ui), refused);
      await assert.rejects(notifications.deleteContactPoint('s1', ui), refused);
      await notifications.updateContactPoint('s1', slack, free);
      await notifications.updateContactPoint('s1', slack, ui);
    }));

  const refuses = (name: string, input: Partial<ContactPointInput>, message: RegExp): void =>
    void it(`refuse ${name}`, () =>
      inScene(async ({ notifications }) => {
        await assert.rejects(notifications.addContactPoint({ ...slack, ...input }, ui), {
          code: 'NOTIFICATION_INVALID',
          message,
        });
      }));
  refuses(
    'a type that is none',
    { type: 'pigeon' },
    /unknown type "pigeon"; it must be one of .*slack/,
  );
  refuses('a uid that is none', { uid: 'a b' }, /invalid uid/);
  refuses('no name', { name: '' }, /name must not be empty/);
  refuses(
    'Slack without where to',
    { settings: {} },
    /recipient must be specified when using the Slack chat API/,
  );
  refuses(
    'Slack without a token',
    { settings: { recipient: '#c' } },
    /^token must be specified when using the Slack chat API$/,
  );
  refuses('a URL that is none', { settings: { url: 'x' } }, /it is not an http or https URL/);
  refuses(
    'a text that is no template',
    { settings: { url: 'https://a/b', title: '{{ .X' } },
    /title/,
  );
  refuses(
    'a webhook without its URL',
    { type: 'webhook', settings: {} },
    /required field 'url' is not specified/,
  );
});

/** Settings with which each type tells. */
const sound: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  slack: { token: 't', recipient: '#c' },
  discord: { url: 'https://a/b' },
  teams: { url: 'https://a/b' },
  telegram: { bottoken: 't', chatid: '-100' },
  googlechat: { url: 'https://a/b' },
  webex: { bot_token: 't', room_id: 'r' },
  mattermost: { url: 'https://a/b' },
  rocketchat: { url: 'https://a/b' },
  matrix: { homeserver_url: 'https://a', access_token: 't', room_id: '!a:b' },
  dingding: { url: 'https://a/b' },
  feishu: { url: 'https://a/b' },
  wecom: { secret: 's', corp_id: 'c', agent_id: 'a' },
  line: { token: 't', to: 'U1' },
  threema: { gateway_id: '*ABCDEF1', recipient_id: 'ABCDEFGH', api_secret: 's' },
  webhook: { url: 'https://a/b', username: 'u', password: 'p', headers: { 'X-A': 'b' } },
  oncall: { url: 'https://a/b' },
  'prometheus-alertmanager': { url: 'http://a:9093' },
  sns: {
    topic_arn: 'arn:aws:sns:eu-west-1:1:t',
    sigv4: { region: 'eu-west-1', access_key: 'a', secret_key: 's' },
  },
  kafka: { kafkaRestProxy: 'http://k:8082', kafkaTopic: 't', username: 'u', password: 'p' },
  sensugo: { url: 'https://a', apikey: 'k' },
  pagerduty: { integrationKey: 'k', details: { a: 'b' } },
  opsgenie: { apiKey: 'k', apiUrl: 'https://api.eu.opsgenie.com/v2/alerts' },
  victorops: { url: 'https://alert.victorops.com/integrations/generic/1/alert/KEY/route' },
  pushover: { apiToken: 't', userKey: 'u', priority: '2', retry: '30', expire: '3600' },
  jira: {
    api_url: 'https://a/rest/api/2',
    project: 'P',
    issue_type: 'Bug',
    user: 'u',
    password: 'p',
  },
  zenduty: { integrationKey: 'k' },
};

describe('every type of integration', () => {
  for (const { type, fields } of integrationTypes) {
    if (type === 'email') continue;
    it(`tells: ${type}`, () =>
      inScene(async ({ notifications }) => {
        const settings = sound[type];
        assert.ok(settings !== undefined, 'has settings in this table');
        const made = await notifications.addContactPoint({ name: 'x', type, settings }, ui);
        assert.ok(notifications.config.receivers.get('x')!.length > 0);
        assert.equal(notifications.brokenReason(made.uid), undefined);
        for (const path of Object.keys(made.sealed))
          assert.ok(fields.some(({ name }) => name === path));
      }));
  }

  it('has mail that waits for a server', () =>
    inScene(async ({ notifications }) => {
      const mail = { name: 'mail', type: 'email', settings: { addresses: 'a@b.c' } };
      const { uid } = await notifications.addContactPoint(mail, ui);
      assert.match(notifications.brokenReason(uid) ?? '', /no global SMTP smarthost set/);
      assert.deepEqual(notifications.config.receivers.get('mail'), []);
      await assert.rejects(
        notifications.addContactPoint({ ...mail, settings: {} }, ui),
        /required field 'addresses'/,
      );
    }));

  it('has mail where a server for it is known', () =>
    inScene(async ({ notifications }) => {
      const settings = { addresses: 'a@b.c;d@e.f', singleEmail: false };
      await notifications.addContactPoint({ name: 'mail', type: 'email', settings }, ui);
      assert.deepEqual(
        notifications.config.receivers
          .get('mail')!
          .map(({ kind, config }) => [kind, kind === 'email' ? config.to : '']),
        [
          ['email', 'a@b.c'],
          ['email', 'd@e.f'],
        ],
      );
    }, yamlOf(
      "global: {smtp_smarthost: 'mail:25', smtp_from: 'n@x.y'}\nroute: {receiver: r}\nreceivers: [{name: r}]",
    )));
});

describe('policies', () => {
  const receiversFor = (route: Route, labels: Record<string, string>): readonly string[] =>
    matchRoutes(route, labels).map(({ receiver }) => receiver);

  it('are followed as soon as they are kept', () =>
    inScene(async ({ notifications, applied }) => {
      await notifications.addContactPoint(slack, ui);
      await notifications.setPolicies(
        {
          receiver: 'grafana-default-email',
          group_by: ['...'],
          group_wait: '10s',
          routes: [
            {
              receiver: 'team',
              object_matchers: [
                ['team', '=', 'a'],
                ['env', '!~', 'dev.*'],
              ],
              continue: true,
            },
            { receiver: 'team', matchers: ['severity=~"warn|crit"'] },
          ],
        },
        api,
      );
      const { route } = applied.at(-1)!;
      assert.equal(route.groupBy, 'all');
      assert.equal(route.groupWaitMs, 10_000);
      assert.deepEqual(receiversFor(route, { team: 'a', env: 'prod' }), ['team']);
      assert.deepEqual(receiversFor(route, { team: 'a', env: 'dev1' }), ['grafana-default-email']);
      assert.deepEqual(receiversFor(route, { severity: 'crit' }), ['team']);
      // What amtool shows and tests routes with is the same tree.
      const again = yamlOf(notifications.config.original);
      assert.deepEqual(receiversFor(again.route, { team: 'a', env: 'prod' }), ['team']);
      assert.deepEqual(receiversFor(again.route, { team: 'a', env: 'dev1' }), [
        'grafana-default-email',
      ]);
      assert.doesNotMatch(notifications.config.original, /hooks.slack.com/);
      await notifications.resetPolicies(api);
      assert.deepEqual(notifications.policies.root.routes, undefined);
    }));

  const refuses = (name: string, tree: unknown, message: RegExp): void =>
    void it(`refuse ${name}`, () =>
      inScene(async ({ notifications }) => {
        await assert.rejects(notifications.setPolicies(tree, ui), {
          code: 'NOTIFICATION_INVALID',
          message,
        });
      }));
  const root = { receiver: 'grafana-default-email' };
  refuses('a receiver that is not there', { receiver: 'none' }, /receiver 'none' does not exist/);
  refuses('no receiver', {}, /root route must specify a default receiver/);
  refuses(
    'matchers of the root',
    { ...root, matchers: ['a="b"'] },
    /root route must not have any matchers/,
  );
  refuses(
    'timings of the root',
    { ...root, mute_time_intervals: ['x'] },
    /must not have any mute time intervals/,
  );
  refuses(
    'a timing that is not there',
    { ...root, routes: [{ mute_time_intervals: ['x'] }] },
    /mute time interval 'x' does not exist/,
  );
  refuses('a label twice', { ...root, group_by: ['a', 'a'] }, /duplicated label "a" in group_by/);
  refuses(
    'all labels and others',
    { ...root, group_by: ['...', 'a'] },
    /cannot have wildcard group_by/,
  );
  refuses(
    'an operator that is none',
    { ...root, routes: [{ object_matchers: [['a', '~', 'b']] }] },
    /invalid matcher operator "~"/,
  );
  refuses(
    'a pattern that is none',
    { ...root, routes: [{ object_matchers: [['a', '=~', '(']] }] },
    /a=~"\("/,
  );
  refuses('no interval', { ...root, group_interval: '0s' }, /group_interval cannot be zero/);
  refuses(
    'a duration that is none',
    { ...root, repeat_interval: 'x' },
    /not a valid duration string: "x"/,
  );

  it('are passed by rules that name their contact point', () =>
    inScene(async ({ notifications, settings }) => {
      await notifications.addContactPoint(slack, ui);
      settings.push(
        { receiver: 'team' },
        { receiver: 'team', groupBy: ['pod'], repeatIntervalMs: 1000 },
        { receiver: 'gone' },
      );
      notifications.refresh();
      const { routeLabels } = await import('#alerting/rules');
      const { route } = notifications.config;
      assert.deepEqual(receiversFor(route, { a: 'b', ...routeLabels(settings[0]!) }), ['team']);
      const [own] = matchRoutes(route, { a: 'b', ...routeLabels(settings[1]!) });
      assert.deepEqual(
        [own!.receiver, own!.groupBy, own!.repeatIntervalMs],
        ['team', ['pod'], 1000],
      );
      const [plain] = matchRoutes(route, routeLabels(settings[0]!));
      assert.equal(plain!.repeatIntervalMs, 14_400_000);
      assert.deepEqual(receiversFor(route, { a: 'b' }), ['grafana-default-email']);
    }));

  it('are those of a file where there is one; contact points of both are known', () =>
    inScene(
      async ({ notifications }) => {
        await notifications.addContactPoint(slack, ui);
        assert.equal(notifications.policies.provenance, 'file');
        assert.deepEqual(notifications.policies.root, {
          receiver: 'hook',
          group_by: ['a'],
          group_wait: '1s',
          group_interval: '5m',
          repeat_interval: '4h',
          routes: [{ receiver: 'none', object_matchers: [['t', '=', 'x']], continue: true }],
        });
        await assert.rejects(notifications.setPolicies({ receiver: 'team' }, ui), {
          code: 'NOTIFICATION_PROVISIONED',
        });
        assert.deepEqual([...notifications.config.receivers.keys()].sort(), [
          'hook',
          'none',
          'team',
        ]);
        await notifications.deleteContactPoint('s1', ui);
      },
      yamlOf(`route:
  receiver: hook
  group_by: [a]
  group_wait: 1s
  routes: [{receiver: none, matchers: ['t="x"'], continue: true}]
receivers: [{name: hook, webhook_configs: [{url: 'http://a/b'}]}, {name: none}]`),
    ));
});

describe('timings and templates', () => {
  it('are used by policies and texts, and are in use', () =>
    inScene(async ({ notifications }) => {
      const nights = {
        name: 'nights',
        time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }],
      };
      await notifications.putMuteTiming(nights, ui, 'new');
      await assert.rejects(notifications.putMuteTiming(nights, ui, 'new'), {
        code: 'MUTE_TIMING_EXISTS',
      });
      await assert.rejects(notifications.putMuteTiming({ ...nights, name: 'x' }, ui, 'known'), {
        code: 'MUTE_TIMING_NOT_FOUND',
      });
      const bad = {
        name: 'x',
        time_intervals: [{ times: [{ start_time: '25:00', end_time: '24:00' }] }],
      };
      await assert.rejects(
        notifications.putMuteTiming(bad, ui, 'any'),
        /Invalid format of the submitted mute timing/,
      );
      await notifications.setPolicies(
        { receiver: 'grafana-default-email', routes: [{ mute_time_intervals: ['nights'] }] },
        ui,
      );
      assert.equal(notifications.config.timeIntervals.get('nights')?.length, 1);
      await assert.rejects(notifications.deleteMuteTiming('nights', ui), {
        code: 'MUTE_TIMING_IN_USE',
      });
      await notifications.resetPolicies(ui);
      await notifications.deleteMuteTiming('nights', ui);

      await notifications.putTemplate({ name: 'mine', template: 'hello {{ .Status }}' }, ui);
      await notifications.addContactPoint(
        { ...slack, settings: { ...slack.settings, title: '{{ template "mine" . }}' } },
        ui,
      );
      assert.equal(
        notifications.config.templates
          .text('{{ template "mine" . }}', { Status: 'firing' }, 0)
          .trim(),
        'hello firing',
      );
      await assert.rejects(
        notifications.putTemplate({ name: 'b', template: '{{ .X' }, ui),
        /invalid template/,
      );
      await notifications.deleteTemplate('mine', ui);
    }));
});

describe('the whole', () => {
  it('comes back as it was read, secrets kept', () =>
    inScene(async ({ notifications }) => {
      await notifications.addContactPoint(slack, ui);
      const before = notifications.model;
      await replaceWhole(notifications, structuredClone(wholeConfig(notifications)), ui);
      assert.deepEqual(notifications.model, before);
      await assert.rejects(
        replaceWhole(
          notifications,
          { alertmanager_config: { route: { receiver: 'none' }, receivers: [] } },
          ui,
        ),
        { code: 'NOTIFICATION_INVALID' },
      );
      assert.deepEqual(notifications.model, before);
    }));

  it('does not lose what is provisioned', () =>
    inScene(async ({ notifications }) => {
      await notifications.addContactPoint(slack, api);
      const whole = structuredClone(wholeConfig(notifications)) as {
        alertmanager_config: { receivers: unknown[] };
      };
      await replaceWhole(notifications, whole, ui);
      whole.alertmanager_config.receivers.pop();
      await assert.rejects(replaceWhole(notifications, whole, ui), {
        code: 'NOTIFICATION_PROVISIONED',
      });
    }));
});
