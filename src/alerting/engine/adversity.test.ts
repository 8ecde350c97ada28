import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { eventually, openRig, temporaryFolder, yamlOf } from '../alerting.fixture.ts';
import { matcherOf } from '../matchers.ts';
import { Alertmanager } from './alertmanager.ts';
import { Inhibitor } from './inhibition.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const yaml = `
route: {receiver: r, group_by: [alertname], group_wait: 20ms, group_interval: 40ms}
receivers: [{name: r, webhook_configs: [{url: 'http://h'}]}]
`;
const alert = (alertname: string, endsInMs = hourMs, nowMs = Date.now()) => ({
  labels: { alertname },
  startsAtMs: nowMs - 1000,
  endsAtMs: nowMs + endsInMs,
});
const silence = (alertname: string) => ({
  matchers: [matcherOf('alertname', '=', alertname)],
  startsAtMs: Date.now(),
  endsAtMs: Date.now() + hourMs,
  createdBy: 'me',
  comment: '',
});

describe('alerts that end while nobody may hear of it', () => {
  it('are told to be over once the silence is', async () => {
    await using folder = await temporaryFolder();
    const { manager, told } = await openRig(yaml, folder.path);
    await using _ = manager;
    await manager.put([alert('A')]);
    await eventually(() => told.length === 1);
    const id = await manager.setSilence(silence('A'));
    await manager.put([alert('A', -1)]);
    // Another group comes and goes through its intervals meanwhile.
    await manager.put([alert('B')]);
    await eventually(() => told.length === 2);
    await manager.put([alert('B', -1)]);
    await eventually(() => told.length === 3);
    assert.ok(told.slice(1).every(({ firing, resolved }) => [...firing, ...resolved][0] === 'B'));
    await manager.expireSilence(id);
    await eventually(() => told.length === 4);
    assert.deepEqual([told[3]?.firing, told[3]?.resolved], [[], ['A']]);
  });

  it('are not told of when nobody was told that they fire, and leave their group', async () => {
    await using folder = await temporaryFolder();
    const { manager, told } = await openRig(yaml, folder.path);
    await using _ = manager;
    const id = await manager.setSilence(silence('A'));
    await manager.put([alert('A')]);
    await manager.put([alert('A', -1)]);
    await eventually(() => [...manager.groups()].length === 0);
    await manager.expireSilence(id);
    await manager.put([alert('B')]);
    await eventually(() => told.length === 1);
    assert.deepEqual(told[0]?.firing, ['B']);
  });

  it('and begin anew are news after it', async () => {
    await using folder = await temporaryFolder();
    const { manager, told } = await openRig(yaml, folder.path);
    await using _ = manager;
    await manager.put([alert('A')]);
    await eventually(() => told.length === 1);
    const id = await manager.setSilence(silence('A'));
    await manager.put([alert('A', -1)]);
    await manager.expireSilence(id);
    await eventually(() => told.length === 2);
    await manager.put([alert('A')]);
    await eventually(() => told.length === 3);
    assert.deepEqual(
      told.map(({ firing, resolved }) => [firing, resolved]),
      [
        [['A'], []],
        [[], ['A']],
        [['A'], []],
      ],
    );
  });
});

describe('a clock that is set', () => {
  const slow = yaml.replace('20ms', '30s').replace('40ms', '5m');

  it('back delays nothing longer than an interval', async () => {
    await using folder = await temporaryFolder();
    const clock = new ManualClock(1_800_000_000_000);
    const { manager, told } = await openRig(slow, folder.path, undefined, clock);
    await using _ = manager;
    const tick = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    await manager.put([{ labels: { alertname: 'A' }, endsAtMs: clock.nowMs() + 9 * hourMs }]);
    clock.jumpTo(clock.nowMs() - 3 * hourMs);
    await eventually(() => {
      void tick(minuteMs);
      return told.length === 1 || clock.monotonicMs() > 1_800_000_000_000 + 20 * minuteMs;
    });
    assert.deepEqual(told[0]?.firing, ['A']);
  });

  it('ahead ends nothing that nobody said is over', async () => {
    await using folder = await temporaryFolder();
    const clock = new ManualClock(1_800_000_000_000);
    const { manager, told } = await openRig(slow, folder.path, undefined, clock);
    await using _ = manager;
    await manager.put([{ labels: { alertname: 'A' }, endsAtMs: clock.nowMs() + 4 * minuteMs }]);
    const passUntil = (done: () => boolean): Promise<void> =>
      eventually(() => {
        if (done()) return true;
        clock.advance(10_000);
        return false;
      });
    await passUntil(() => told.length === 1);
    clock.jumpTo(clock.nowMs() + hourMs);
    const seenMs = clock.monotonicMs();
    await passUntil(() => clock.monotonicMs() > seenMs + 2 * minuteMs);
    assert.deepEqual(
      manager.alerts().map((one) => one.alert.labels['alertname']),
      ['A'],
    );
    assert.equal(told.length, 1);
    // Five minutes on nobody has said so, and it is over.
    await passUntil(() => told.length === 2);
    assert.deepEqual([told[1]?.firing, told[1]?.resolved], [[], ['A']]);
  });
});

describe('a template that fails when it is carried out', () => {
  it('takes nothing from the message but its words, and is told of', async () => {
    const { createServer } = await import('node:http');
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using _server = {
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using folder = await temporaryFolder();
    const text = `
route: {receiver: r, group_wait: 1ms}
receivers:
  - name: r
    slack_configs:
      - api_url: 'http://127.0.0.1:${port}/'
        channel: '#ops'
        title: '{{ (index .Alerts 9).Labels.alertname }}'
        text: 'all is well'
`;
    const manager = await Alertmanager.open(yamlOf(text), {
      clock: new ManualClock(1_800_000_000_000),
      log: silentLogger,
      metrics: new MetricsRegistry(),
      env: {},
      version: '1',
      externalUrl: 'http://n',
      folder: folder.path,
    });
    await using _ = manager;
    manager.start();
    await manager.put([{ labels: { alertname: 'Disk <full>' }, startsAtMs: 1_700_000_000_000 }]);
    await eventually(() => bodies.length === 1);
    const { attachments } = JSON.parse(bodies[0]!) as {
      attachments: readonly { readonly title: string; readonly text: string }[];
    };
    assert.match(
      attachments[0]?.title ?? '',
      /^\[FIRING:1\] Disk <full> \(this text could not be made: .*index/,
    );
    assert.equal(attachments[0]?.text, 'all is well');
    await eventually(() => /index/.test(manager.channels('r')[0]?.lastAttempt?.error ?? ''));
  });
});

describe('Inhibitor', () => {
  const one = (fingerprint: string, labels: Record<string, string>, endsAtMs = 2000) => ({
    fingerprint,
    labels,
    annotations: {},
    startsAtMs: 0,
    endsAtMs,
    updatedAtMs: 0,
    generatorUrl: '',
    isTimeout: false,
  });
  const inhibitor = (): Inhibitor =>
    new Inhibitor([
      {
        sourceMatchers: [matcherOf('severity', '=', 'critical')],
        targetMatchers: [matcherOf('severity', '=~', 'critical|warning')],
        equal: ['cluster'],
      },
    ]);

  it('takes a label that both lack for an equal one, and one that only one has for another', () => {
    const all = inhibitor();
    all.see(one('a', { severity: 'critical' }));
    assert.equal(all.inhibitedBy({ severity: 'warning' }, 1000), 'a');
    assert.equal(all.inhibitedBy({ severity: 'warning', cluster: '' }, 1000), 'a');
    assert.equal(all.inhibitedBy({ severity: 'warning', cluster: 'x' }, 1000), undefined);
  });

  it('lets alerts on both sides be heard, and ends with its source', () => {
    const all = inhibitor();
    all.see(one('a', { severity: 'critical', n: '1' }));
    all.see(one('b', { severity: 'critical', n: '2' }));
    assert.equal(all.inhibitedBy({ severity: 'critical', n: '1' }, 1000), undefined);
    assert.equal(all.inhibitedBy({ severity: 'warning' }, 1000), 'a');
    assert.equal(all.inhibitedBy({ severity: 'warning' }, 2000), undefined);
    all.sweep(2000);
    all.see(one('a', { severity: 'critical', n: '1' }, 5000));
    assert.equal(all.inhibitedBy({ severity: 'warning' }, 3000), 'a');
  });
});
