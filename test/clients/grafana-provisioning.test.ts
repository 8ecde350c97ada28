import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { apiOf } from './grafana-alerting.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

type Json = Readonly<Record<string, unknown>>;

const rule = (title: string, more: Json = {}): Json => ({
  title,
  condition: 'B',
  data: [
    {
      refId: 'A',
      relativeTimeRange: { from: 600, to: 0 },
      datasourceUid: 'prometheus',
      model: { refId: 'A', expr: 'vector(0)', instant: true },
    },
    {
      refId: 'B',
      relativeTimeRange: { from: 0, to: 0 },
      datasourceUid: '__expr__',
      model: { refId: 'B', type: 'math', expression: '$A > 0' },
    },
  ],
  noDataState: 'OK',
  execErrState: 'OK',
  for: '2m',
  labels: { team: 'a' },
  annotations: { summary: 's' },
  ...more,
});

/** What programs such as Terraform call, in their order, and what they rely on. */
describe('the API of alert provisioning', () => {
  let nunchi: NunchiProcess;
  let api: ReturnType<typeof apiOf>;
  let folderUid: string;
  before(async () => {
    nunchi = await startNunchi();
    api = apiOf(nunchi.url);
    const folder = await api('POST', '/api/folders', { title: 'infra', uid: 'infra' });
    folderUid = (folder.body as { uid: string }).uid;
  });
  after(() => nunchi[Symbol.asyncDispose]());

  const expecting = async (status: number, ...call: Parameters<typeof api>): Promise<Json> => {
    const answer = await api(...call);
    assert.equal(answer.status, status, `${call[0]} ${call[1]}: ${answer.text}`);
    return (answer.body ?? {}) as Json;
  };
  const prefix = '/api/v1/provisioning';

  it('makes, reads, changes and deletes contact points', async () => {
    const url = `${prefix}/contact-points`;
    const made = await expecting(202, 'POST', url, {
      name: 'ops',
      type: 'slack',
      settings: { url: 'https://hooks.slack.com/services/T/B/X', title: 'hi' },
      disableResolveMessage: true,
    });
    assert.match(String(made['uid']), /^[a-zA-Z0-9_-]{1,40}$/);
    assert.deepEqual(made, {
      uid: made['uid'],
      name: 'ops',
      type: 'slack',
      settings: { url: '[REDACTED]', title: 'hi' },
      disableResolveMessage: true,
      provenance: 'api',
    });
    const list = (await expecting(200, 'GET', `${url}?name=ops`)) as unknown as Json[];
    assert.deepEqual(list, [made]);
    const changed = { ...made, settings: { url: '[REDACTED]', title: 'ho' } };
    assert.deepEqual(await expecting(202, 'PUT', `${url}/${made['uid']}`, changed), {
      message: 'contactpoint updated',
    });
    const decrypted = await api('GET', `${url}/export?decrypt=true&format=json&name=ops`);
    assert.match(decrypted.text, /hooks\.slack\.com\/services\/T\/B\/X/);
    const hidden = await api('GET', `${url}/export?name=ops`);
    assert.deepEqual(parse(hidden.text), {
      apiVersion: 1,
      contactPoints: [
        {
          orgId: 1,
          name: 'ops',
          receivers: [
            {
              uid: made['uid'],
              type: 'slack',
              settings: { url: '[REDACTED]', title: 'ho' },
              disableResolveMessage: true,
            },
          ],
        },
      ],
    });
    await expecting(400, 'POST', url, { name: 'x', type: 'slack', settings: {} });
    await expecting(404, 'PUT', `${url}/none`, made);
    assert.deepEqual(await expecting(202, 'DELETE', `${url}/${made['uid']}`), {
      message: 'contactpoint deleted',
    });
  });

  it('keeps the tree of policies, with timings and templates', async () => {
    await expecting(202, 'POST', `${prefix}/contact-points`, {
      uid: 'hook1',
      name: 'hook',
      type: 'webhook',
      settings: { url: 'http://127.0.0.1:9/' },
    });
    const nights = {
      name: 'nights',
      time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }],
    };
    assert.deepEqual(await expecting(201, 'POST', `${prefix}/mute-timings`, nights), {
      ...nights,
      provenance: 'api',
    });
    await expecting(409, 'POST', `${prefix}/mute-timings`, nights);
    const tree = {
      receiver: 'hook',
      group_by: ['alertname'],
      routes: [
        {
          receiver: 'hook',
          object_matchers: [['team', '=~', 'a|b']],
          mute_time_intervals: ['nights'],
          continue: true,
          group_wait: '10s',
        },
      ],
    };
    assert.deepEqual(await expecting(202, 'PUT', `${prefix}/policies`, tree), {
      message: 'policies updated',
    });
    assert.deepEqual(await expecting(200, 'GET', `${prefix}/policies`), {
      ...tree,
      provenance: 'api',
    });
    const bad = await expecting(400, 'PUT', `${prefix}/policies`, { receiver: 'none' });
    assert.match(String(bad['message']), /receiver 'none' does not exist/);
    await expecting(409, 'DELETE', `${prefix}/mute-timings/nights`);
    await expecting(409, 'DELETE', `${prefix}/contact-points/hook1`);
    const exported = await api('GET', `${prefix}/policies/export?format=hcl`);
    assert.match(exported.text, /resource "grafana_notification_policy" "notification_policy" \{/);
    assert.match(
      exported.text,
      /matcher \{\n\s+label = "team"\n\s+match = "=~"\n\s+value = "a\|b"/,
    );

    const template = await expecting(202, 'PUT', `${prefix}/templates/mine`, { template: 'hello' });
    assert.deepEqual(template, { name: 'mine', template: 'hello', provenance: 'api' });
    await expecting(400, 'PUT', `${prefix}/templates/bad`, { template: '{{ .X' });
    await expecting(204, 'DELETE', `${prefix}/templates/mine`);
    await expecting(404, 'GET', `${prefix}/templates/mine`);

    await expecting(202, 'DELETE', `${prefix}/policies`);
    const root = await expecting(200, 'GET', `${prefix}/policies`);
    assert.equal(root['receiver'], 'grafana-default-email');
    await expecting(204, 'DELETE', `${prefix}/mute-timings/nights`);
    await expecting(404, 'GET', `${prefix}/mute-timings/nights`);
  });

  it('makes, reads, changes and deletes groups and rules', async () => {
    const groupUrl = `${prefix}/folder/${folderUid}/rule-groups/my group`;
    const group = await expecting(200, 'PUT', encodeURI(groupUrl), {
      title: 'my group',
      folderUid,
      interval: 60,
      rules: [rule('one'), rule('two', { keep_firing_for: '5m', isPaused: true })],
    });
    const [one, two] = group['rules'] as Json[];
    assert.equal(two!['keep_firing_for'], '5m');
    assert.equal(one!['provenance'], 'api');
    assert.deepEqual(await expecting(200, 'GET', encodeURI(groupUrl)), group);

    // The page may not change what a program owns; programs may set it free.
    const ruler = `/api/ruler/grafana/api/v1/rules/${folderUid}`;
    const shown = await expecting(202, 'GET', `${ruler}/my%20group`);
    const edited = structuredClone(shown) as { rules: { grafana_alert: { title: string } }[] };
    edited.rules[0]!.grafana_alert.title = 'renamed';
    await expecting(409, 'POST', ruler, edited);
    await expecting(200, 'PUT', `${prefix}/alert-rules/${one!['uid']}`, one, {
      'X-Disable-Provenance': 'true',
    });
    await expecting(202, 'POST', ruler, edited);
    const renamed = await expecting(200, 'GET', `${prefix}/alert-rules/${one!['uid']}`);
    assert.deepEqual([renamed['title'], renamed['provenance']], ['renamed', undefined]);

    const single = await expecting(
      201,
      'POST',
      `${prefix}/alert-rules`,
      rule('three', { folderUID: folderUid, ruleGroup: 'another' }),
    );
    await expecting(409, 'POST', `${prefix}/alert-rules`, single);
    await expecting(404, 'PUT', `${prefix}/alert-rules/none`, single);
    await expecting(
      404,
      'POST',
      `${prefix}/alert-rules`,
      rule('four', { folderUID: 'none', ruleGroup: 'g' }),
    );
    const invalid = await expecting(
      400,
      'POST',
      `${prefix}/alert-rules`,
      rule('four', { folderUID: folderUid, ruleGroup: 'g', condition: 'Z' }),
    );
    assert.match(String(invalid['message']), /condition Z does not exist, must be one of \[A B\]/);

    const file = await api(
      'GET',
      `${prefix}/alert-rules/export?folderUid=${folderUid}&download=true`,
    );
    const groups = (parse(file.text) as { groups: { name: string; folder: string }[] }).groups;
    assert.deepEqual(
      groups.map(({ name, folder }) => [name, folder]),
      [
        ['another', 'infra'],
        ['my group', 'infra'],
      ],
    );
    const hcl = await api('GET', `${prefix}/alert-rules/${single['uid']}/export?format=hcl`);
    assert.match(hcl.text, /resource "grafana_rule_group" "rule_group_[0-9a-f]{8}" \{/);
    assert.match(hcl.text, /folder_uid\s+= "infra"/);

    const versions = await expecting(
      200,
      'GET',
      `/api/ruler/grafana/api/v1/rule/${one!['uid']}/versions`,
    );
    assert.equal((versions as unknown as Json[]).length, 3);
    await expecting(204, 'DELETE', `${prefix}/alert-rules/${single['uid']}`);
    await expecting(204, 'DELETE', `${prefix}/alert-rules/${single['uid']}`);
    await expecting(404, 'GET', `${prefix}/alert-rules/${single['uid']}`);
    await expecting(204, 'DELETE', encodeURI(groupUrl));
    await expecting(404, 'GET', encodeURI(groupUrl));
  });

  it('has what the pages ask', async () => {
    const types = (await expecting(200, 'GET', '/api/alert-notifiers')) as unknown as Json[];
    assert.ok(types.length > 20);
    const silence = await expecting(202, 'POST', '/api/alertmanager/grafana/api/v2/silences', {
      matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'me',
      comment: 'c',
    });
    assert.equal(silence['id'], silence['silenceID']);
    await expecting(200, 'GET', `/api/alertmanager/grafana/api/v2/silence/${silence['id']}`);
    await expecting(200, 'GET', '/api/alertmanager/grafana/api/v2/alerts/groups');
    const whole = await expecting(200, 'GET', '/api/alertmanager/grafana/config/api/v1/alerts');
    assert.deepEqual(
      await expecting(202, 'POST', '/api/alertmanager/grafana/config/api/v1/alerts', whole),
      { message: 'configuration created' },
    );
    const evaluated = await expecting(200, 'POST', '/api/v1/eval', {
      data: rule('x')['data'],
      condition: 'B',
    });
    const results = evaluated['results'] as Record<string, { frames: { data: Json }[] }>;
    assert.deepEqual(results['B']!.frames[0]!.data['values'], [[0]]);
    const nowMs = Date.now();
    const askedBacktest = {
      from: new Date(nowMs - 600_000).toISOString(),
      to: new Date(nowMs).toISOString(),
      interval: '1m',
      for: '2m',
      condition: 'B',
      data: rule('x', {})['data'],
    };
    const backtest = await expecting(200, 'POST', '/api/v1/rule/backtest', askedBacktest);
    assert.equal((backtest['data'] as { values: unknown[][] }).values[1]!.length, 11);
    // The same as lines of progress, for whoever waits for it.
    const lines = await fetch(`${nunchi.url}/nunchi/alerting/backtest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(askedBacktest),
    });
    const said = (await lines.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    assert.deepEqual(said.at(-1), { result: backtest });
    assert.ok(said.slice(0, -1).every((line) => 'done' in line && 'total' in line));
    const broken = await fetch(`${nunchi.url}/nunchi/alerting/backtest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...askedBacktest, from: '2020-01-01T00:00:00Z' }),
    });
    assert.match(await broken.text(), /1 to 1500 are allowed/);
    const expressions = await expecting(200, 'POST', '/api/ds/query', {
      from: 'now-5m',
      to: 'now',
      queries: [
        { refId: 'A', datasource: { uid: 'prometheus' }, expr: 'vector(2)', instant: true },
        {
          refId: 'B',
          datasource: { uid: '__expr__', type: '__expr__' },
          type: 'math',
          expression: '$A * 21',
        },
      ],
    });
    const frames = expressions['results'] as Record<string, { frames: { data: Json }[] }>;
    assert.deepEqual(frames['B']!.frames[0]!.data['values'], [[42]]);
  });
});

describe('files of alert provisioning', () => {
  it('are read at the start and on demand, and what is wrong is told', async () => {
    await using temporary = await mkdtempDisposable(join(tmpdir(), 'nunchi-alert-files-'));
    const folder = temporary.path;
    const directory = join(folder, 'alerting');
    await mkdir(directory, { recursive: true });
    await writeFile(
      join(directory, 'a.yaml'),
      `apiVersion: 1\ngroups:\n  - {orgId: 1, name: g, folder: from files, interval: 1m, rules: [${JSON.stringify({ uid: 'f1', ...rule('filed') })}]}\n`,
    );
    await using nunchi = await startNunchi({
      config: `dashboards:\n  provisioningDir: ${folder}\n`,
    });
    const api = apiOf(nunchi.url);
    const { body } = await api('GET', '/api/v1/provisioning/alert-rules/f1');
    assert.deepEqual([(body as Json)['title'], (body as Json)['provenance']], ['filed', 'file']);
    assert.equal((await api('PUT', '/api/v1/provisioning/alert-rules/f1', body)).status, 409);
    await writeFile(join(directory, 'b.yaml'), 'contactPoints:\n  - {receivers: []}\n');
    const refused = await api('POST', '/api/admin/provisioning/alerting/reload');
    assert.equal(refused.status, 400);
    assert.match(refused.text, /b\.yaml:2: contactPoints\[0\]: contact point has no name set/);
    await writeFile(join(directory, 'b.yaml'), 'deleteRules:\n  - {orgId: 1, uid: f1}\n');
    await writeFile(join(directory, 'a.yaml'), '');
    const reloaded = await api('POST', '/api/admin/provisioning/alerting/reload');
    assert.deepEqual(reloaded.body, { message: 'Alerting config reloaded' });
    assert.equal((await api('GET', '/api/v1/provisioning/alert-rules/f1')).status, 404);
  });
});
