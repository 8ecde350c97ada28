import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeliveryError } from './contract.ts';
import { groupHash } from './group-hash.ts';
import {
  type Answer,
  firing,
  groupKey,
  openReceiver,
  openService,
  resolved,
  type Seen,
  sent,
} from './receivers.fixture.ts';

const json = (body: unknown): Answer => ({
  type: 'application/json',
  body: JSON.stringify(body),
});
const alertsUrl = 'http://nunchi/#/alerts?receiver=r';
const subject = '[FIRING:1] Down';

describe('sns', () => {
  const keys = 'sigv4: {region: eu-west-1, access_key: AKID, secret_key: s}';

  it('publishes to a topic, signed', async () => {
    const { seen, error } = await sent(
      `sns_configs: [{api_url: 'HOOK/', topic_arn: 'arn:aws:sns:eu-west-1:1:t', ${keys}, message: 'm {{ .Status }}', attributes: {team: '{{ .Receiver }}'}}]`,
      firing,
    );
    assert.equal(error, undefined);
    const [request] = seen;
    assert.deepEqual(request?.body, {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: 'arn:aws:sns:eu-west-1:1:t',
      Message: 'm firing',
      Subject: subject,
      'MessageAttributes.entry.1.Name': 'team',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'r',
    });
    assert.match(
      String(request?.headers['authorization']),
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/sns\/aws4_request, /,
    );
  });

  it('groups messages of a FIFO topic, and takes the region of its name', async () => {
    const keysOnly = 'sigv4: {access_key: AKID, secret_key: s}';
    const config = `sns_configs: [{api_url: 'HOOK/', topic_arn: 'arn:aws:sns:us-east-2:1:t.fifo', ${keysOnly}}]`;
    await using service = await openService(() => ({}));
    using receiver = openReceiver(config, service.url);
    await receiver.send(firing);
    await receiver.send(resolved);
    const [start, end] = service.seen.map(({ body }) => body as Record<string, string>);
    assert.equal(start?.['MessageGroupId'], groupHash(groupKey));
    assert.equal(end?.['MessageGroupId'], groupHash(groupKey));
    assert.notEqual(start?.['MessageDeduplicationId'], end?.['MessageDeduplicationId']);
    assert.match(String(service.seen[0]?.headers['authorization']), /\/us-east-2\/sns\//);
  });

  it('cuts a text message between characters', async () => {
    const { seen } = await sent(
      `sns_configs: [{api_url: 'HOOK/', phone_number: '+1', ${keys}, subject: '', message: '${'가'.repeat(2000)}'}]`,
      firing,
    );
    const body = seen[0]!.body as Record<string, string>;
    assert.equal(body['Message'], `${'가'.repeat(1599)}…`);
    assert.equal(body['MessageAttributes.entry.1.Name'], 'truncated');
    assert.equal(body['Subject'], undefined);
  });

  const refused = (code: string, isRetryable: boolean): void =>
    void it(`takes ${code} for ${isRetryable ? 'a matter of time' : 'final'}`, async () => {
      const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
      const config = `sns_configs: [{api_url: 'HOOK/', target_arn: 'arn:aws:sns:eu-west-1:1:endpoint/x', ${keys}}]`;
      const { error } = await sent(config, firing, { status: 400, body });
      assert.ok(error instanceof DeliveryError);
      assert.equal(error.message, `${code}: no`);
      assert.equal(error.isRetryable, isRetryable);
    });
  refused('Throttling', true);
  refused('InvalidParameter', false);
});

describe('victorops', () => {
  const config = `victorops_configs: [{api_url: 'HOOK/alert', api_key: k, routing_key: 'team {{ .Receiver }}', message_type: WARNING, state_message: s, custom_fields: {n: '{{ len .Alerts }}'}}]`;
  it('warns, and recovers under the same id', async () => {
    const { seen, error } = await sent(config, firing);
    assert.equal(error, undefined);
    assert.equal(seen[0]?.path, '/alert/k/team%20r');
    assert.deepEqual(seen[0]?.body, {
      message_type: 'WARNING',
      entity_id: groupHash(groupKey),
      entity_display_name: subject,
      state_message: 's',
      monitoring_tool: 'Alertmanager',
      n: '2',
    });
    const end = (await sent(config, resolved)).seen[0]?.body as Record<string, unknown>;
    assert.equal(end['message_type'], 'RECOVERY');
  });
});

describe('pushover', () => {
  it('sends a form, an emergency while it fires', async () => {
    const { seen, error } = await sent(
      `pushover_configs: [{api_url: 'HOOK/1/messages.json', user_key: u, token: t, message: ' ', ttl: 1h, sound: siren, url_title: Open}]`,
      firing,
    );
    assert.equal(error, undefined);
    assert.deepEqual(seen[0]?.body, {
      token: 't',
      user: 'u',
      title: subject,
      message: '(no details)',
      url: alertsUrl,
      url_title: 'Open',
      priority: '2',
      retry: '60',
      expire: '3600',
      device: '',
      sound: 'siren',
      ttl: '3600',
    });
  });
});

describe('incidentio', () => {
  it('sends a webhook body with a token', async () => {
    const { seen, error } = await sent(
      `incidentio_configs: [{url: 'HOOK/alert', alert_source_token: t, max_alerts: 1}]`,
      firing,
    );
    assert.equal(error, undefined);
    const body = seen[0]!.body as Record<string, unknown>;
    assert.equal(seen[0]?.headers['authorization'], 'Bearer t');
    assert.deepEqual(
      [body['version'], body['groupKey'], body['truncatedAlerts'], body['status']],
      ['1', groupKey, 1, 'firing'],
    );
  });
});

describe('jira', () => {
  const config = (api: string, more = ''): string =>
    `jira_configs: [{api_url: 'HOOK/rest/api/${api}', project: OPS, issue_type: Bug, labels: [team], description: "d\\ntwo", reopen_transition: Reopen, resolve_transition: Done, reopen_duration: 2h, fields: {customfield_1: {value: '{{ .Status }}'}}${more}}]`;
  const label = `ALERT{${groupHash(groupKey)}}`;
  const found = (status: string) =>
    json({ issues: [{ key: 'OPS-1', fields: { status: { statusCategory: { key: status } } } }] });
  const script =
    (search: Answer) =>
    ({ path }: Seen): Answer => {
      if (path?.includes('/search') === true) return search;
      const isList = path?.endsWith('/transitions') === true;
      return isList
        ? json({
            transitions: [
              { id: 5, name: 'Done' },
              { id: 6, name: 'Reopen' },
            ],
          })
        : json({ id: '1' });
    };
  const asked = (seen: readonly Seen[]): string[] =>
    seen.map(({ method, path }) => `${method} ${path}`);

  it('makes an issue', async () => {
    const { seen, error } = await sent(config('2'), firing, script(json({ issues: [] })));
    assert.equal(error, undefined);
    assert.deepEqual(asked(seen), ['POST /rest/api/2/search', 'POST /rest/api/2/issue']);
    const { jql } = seen[0]!.body as { jql: string };
    assert.equal(
      jql,
      `(resolutiondate is EMPTY OR resolutiondate >= -120m) and project="OPS" and labels="${label}" order by status ASC,resolutiondate DESC`,
    );
    assert.deepEqual(seen[1]?.body, {
      fields: {
        customfield_1: { value: 'firing' },
        project: { key: 'OPS' },
        issuetype: { name: 'Bug' },
        summary: subject,
        description: 'd\ntwo',
        labels: [label, 'team'].sort(),
      },
    });
  });

  it('makes no issue of what is over', async () => {
    const { seen } = await sent(config('2'), resolved, script(json({ issues: [] })));
    assert.deepEqual(asked(seen), ['POST /rest/api/2/search']);
  });

  it('updates an open issue, and moves it on at the end', async () => {
    const again = await sent(config('2'), firing, script(found('new')));
    assert.deepEqual(asked(again.seen).slice(1), ['PUT /rest/api/2/issue/OPS-1']);
    const end = await sent(config('2'), resolved, script(found('new')));
    assert.equal(end.error, undefined);
    assert.deepEqual(asked(end.seen).slice(1), [
      'PUT /rest/api/2/issue/OPS-1',
      'GET /rest/api/2/issue/OPS-1/transitions',
      'POST /rest/api/2/issue/OPS-1/transitions',
    ]);
    assert.deepEqual(end.seen[3]?.body, { transition: { id: '5' } });
  });

  it('opens a closed issue again, and leaves what must not change', async () => {
    const more = ', summary: {template: s, enable_update: false}';
    const { seen } = await sent(config('2', more), firing, script(found('done')));
    assert.equal(Object.hasOwn((seen[1]!.body as { fields: object }).fields, 'summary'), false);
    assert.deepEqual(seen[3]?.body, { transition: { id: '6' } });
  });

  it('writes a document where the API has those', async () => {
    const { seen } = await sent(config('3'), firing, script(json({ issues: [] })));
    const { fields } = seen[1]!.body as { fields: { description: unknown } };
    assert.deepEqual(fields.description, {
      type: 'doc',
      version: 1,
      content: ['d', 'two'].map((text) => ({
        type: 'paragraph',
        content: [{ type: 'text', text }],
      })),
    });
  });
});

describe('zenduty', () => {
  it('alerts, and resolves under the same id', async () => {
    const config = `zenduty_configs: [{api_url: HOOK, integration_key: k, alert_type: error, summary: s}]`;
    const { seen, error } = await sent(config, firing, { status: 201 });
    assert.equal(error, undefined);
    assert.equal(seen[0]?.path, '/api/events/k/');
    assert.deepEqual(seen[0]?.body, {
      message: subject,
      summary: 's',
      alert_type: 'error',
      entity_id: groupHash(groupKey),
    });
    const end = (await sent(config, resolved, { status: 201 })).seen[0]?.body;
    assert.equal((end as Record<string, unknown>)['alert_type'], 'resolved');
  });
});
