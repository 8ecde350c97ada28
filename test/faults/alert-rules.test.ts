import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiOf, startHookServer } from '../clients/grafana-alerting.ts';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

type Json = Readonly<Record<string, unknown>>;

const waitMs = 120_000;

const query = (expr: string): readonly Json[] => [
  {
    refId: 'A',
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid: 'prometheus',
    model: { refId: 'A', expr, instant: true },
  },
  {
    refId: 'B',
    datasourceUid: '__expr__',
    model: { refId: 'B', type: 'math', expression: '$A > 0' },
  },
];

const rule = (title: string, more: Json = {}): Json => ({
  uid: title,
  title,
  condition: 'B',
  data: query('vector(1)'),
  for: '0s',
  noDataState: 'NoData',
  execErrState: 'Error',
  ...more,
});

interface WireAlert {
  readonly state: string;
  readonly activeAt: string;
}

describe('alert rules over kill -9 and receivers that are away', () => {
  it('go on where they were, tell once, and change whole', async () => {
    await using hook = await startHookServer();
    await using rig = await Rig.open({ serverConfig: {} });
    const api = apiOf(rig.url);
    const up = (): Promise<unknown> =>
      eventually(async () => {
        const { status } = await api('GET', '/-/ready').catch(() => ({ status: 0 }));
        return status === 200 ? true : undefined;
      }, waitMs);
    const good = async (...call: Parameters<typeof api>): Promise<unknown> => {
      const { status, body, text } = await api(...call);
      assert.ok(status < 300, `${call[0]} ${call[1]}: ${status} ${text}`);
      return body;
    };
    const alertOf = async (title: string): Promise<WireAlert | undefined> => {
      const body = (await good(
        'GET',
        `/api/prometheus/grafana/api/v1/rules?rule_name=${title}`,
      )) as {
        data: { groups: { rules: { alerts: WireAlert[] }[] }[] };
      };
      return body.data.groups[0]?.rules[0]?.alerts[0];
    };
    const told = (title: string, status: string): number =>
      hook.seen.filter(
        ({ body }) =>
          body['status'] === status && (body['commonLabels'] as Json)['alertname'] === title,
      ).length;
    const state = (): string => `told ${JSON.stringify(hook.seen)}\n${rig.server.log}`;
    const toldBy = (title: string, status: string): Promise<true> =>
      eventually(() => (told(title, status) > 0 ? true : undefined), waitMs, state);
    /** What a receiver took is noted after that: a kill in between may repeat it, once. */
    const noted = async (title: string): Promise<void> => {
      await eventually(async () => {
        const labels = { alertname: title, grafana_folder: 'f' };
        const { routes } = (await good('POST', '/nunchi/alerting/explain', { labels })) as {
          routes: { integrations: { told?: unknown }[] }[];
        };
        const isNoted = routes.some(({ integrations }) =>
          integrations.some((one) => one.told !== undefined),
        );
        return isNoted ? true : undefined;
      }, waitMs);
      // On disk once something later is.
      const hourMs = 3_600_000;
      await good('POST', '/api/v2/silences', {
        matchers: [{ name: 'nothing', value: 'has this', isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + hourMs).toISOString(),
        createdBy: 'test',
        comment: 'test',
      });
    };

    rig.server.start();
    await up();
    const { uid: folderUid } = (await good('POST', '/api/folders', { title: 'f' })) as {
      uid: string;
    };
    await good('POST', '/api/v1/provisioning/contact-points', {
      name: 'hook',
      type: 'webhook',
      settings: { url: `${hook.url}/hook` },
    });
    await good('PUT', '/api/v1/provisioning/policies', {
      receiver: 'hook',
      group_by: ['alertname'],
      group_wait: '1s',
      group_interval: '1s',
    });
    const groupUrl = (group: string): string =>
      `/api/v1/provisioning/folder/${folderUid}/rule-groups/${group}`;
    await good('PUT', groupUrl('a'), {
      interval: 10,
      rules: [rule('Slow', { for: '20s' }), rule('Fast')],
    });

    // In the middle of what is pending.
    const pending = await eventually(async () => {
      const alert = await alertOf('Slow');
      return alert?.state === 'Pending' ? alert : undefined;
    }, waitMs);
    await toldBy('Fast', 'firing');
    await noted('Fast');
    await rig.server.kill();
    rig.server.start();
    await up();
    assert.equal((await alertOf('Slow'))?.activeAt, pending.activeAt, 'its clock began anew');
    await toldBy('Slow', 'firing');
    const firing = await alertOf('Slow');
    const waitedMs = Date.parse(firing?.activeAt ?? '') - Date.parse(pending.activeAt);
    assert.ok(waitedMs >= 20_000 && waitedMs % 10_000 === 0, `it fired after ${waitedMs} ms`);

    // While nobody listens: it is told once somebody does.
    hook.answer = { status: 500, body: 'no' };
    await good('PUT', groupUrl('b'), { interval: 10, rules: [rule('Unheard')] });
    await eventually(
      async () => ((await alertOf('Unheard'))?.state === 'Alerting' ? true : undefined),
      waitMs,
    );
    await noted('Slow');
    await rig.server.kill();
    rig.server.start();
    await up();
    hook.answer = { status: 200, body: 'ok' };
    await toldBy('Unheard', 'firing');
    await noted('Unheard');

    // In the middle of a change of a whole group.
    const versions = [1, 2].map((version) => ({
      interval: 60,
      rules: Array.from({ length: 100 }, (_, at) =>
        rule(`r${at}`, { isPaused: true, annotations: { version: String(version) } }),
      ),
    }));
    await good('PUT', groupUrl('c'), versions[0]);
    const change = api('PUT', groupUrl('c'), versions[1]).catch(() => undefined);
    await rig.server.kill();
    await change;
    rig.server.start();
    await up();
    const group = (await good('GET', groupUrl('c'))) as { rules: { annotations: Json }[] };
    assert.equal(group.rules.length, 100);
    assert.equal(new Set(group.rules.map(({ annotations }) => annotations['version'])).size, 1);

    // The end of a rule is the end of its alert.
    await good('DELETE', '/api/v1/provisioning/alert-rules/Fast');
    await toldBy('Fast', 'resolved');
    for (const title of ['Slow', 'Fast', 'Unheard']) {
      assert.equal(told(title, 'firing'), 1, `${title} was told of again: ${state()}`);
    }
    assert.equal(await rig.server.stop(), true, rig.server.log);
  });
});
