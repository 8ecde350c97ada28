import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually, openRig, temporaryFolder, yamlOf } from './alerting.fixture.ts';
import { matcherOf } from './matchers.ts';
import { DeliveryError } from './receivers/contract.ts';

const yaml = `
route: {receiver: r, group_by: [alertname], group_wait: 20ms, group_interval: 40ms}
receivers: [{name: r, webhook_configs: [{url: 'http://h'}]}]
inhibit_rules: [{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}]
`;
const hourMs = 3_600_000;
const alert = (alertname: string, labels: Record<string, string> = {}, endsInMs = hourMs) => ({
  labels: { alertname, ...labels },
  startsAtMs: Date.now() - 1000,
  endsAtMs: Date.now() + endsInMs,
});

describe('Alertmanager', () => {
  it('tells of an alert once, of its end once, and of nothing twice', async () => {
    await using folder = await temporaryFolder();
    const rig = await openRig(yaml, folder.path);
    await using _ = rig.manager;
    await rig.manager.put([alert('A', { n: '1' }), alert('A', { n: '2' })]);
    await eventually(() => rig.told.length === 1);
    await rig.manager.put([alert('A', { n: '1' })]);
    await rig.manager.put([alert('A', { n: '2' }, -1)]);
    await eventually(() => rig.told.length === 2);
    await rig.manager.put([alert('A', { n: '1' }, -1)]);
    await eventually(() => rig.told.length === 3);
    const shown = rig.told.map(({ firing, resolved }) => [firing, resolved]);
    assert.deepEqual(shown, [
      [['A1', 'A2'], []],
      [['A1'], ['A2']],
      [[], ['A1']],
    ]);
  });

  it('knows after a crash what was told, and what was not', async () => {
    await using folder = await temporaryFolder();
    const before = await openRig(yaml, join(folder.path, 'a'));
    await using _before = before.manager;
    await before.manager.put([alert('A')]);
    const id = await before.manager.setSilence({
      matchers: [matcherOf('alertname', '=', 'B')],
      startsAtMs: Date.now(),
      endsAtMs: Date.now() + hourMs,
      createdBy: 'me',
      comment: '',
    });
    await eventually(() => before.told.length === 1);
    // What is on disk at any moment is what a kill leaves.
    await eventually(() => before.manager.status({ alertname: 'B' }).silencedBy[0] === id);
    await before.manager.put([alert('B')]);
    await cp(join(folder.path, 'a'), join(folder.path, 'b'), { recursive: true });

    const after = await openRig(yaml, join(folder.path, 'b'));
    await using _after = after.manager;
    assert.equal(after.manager.alerts().length, 2);
    await after.manager.put([alert('C'), alert('A', {}, -1)]);
    await eventually(() => after.told.length === 2);
    assert.deepEqual(after.told.map(({ firing, resolved }) => [firing, resolved].flat()).sort(), [
      ['A'],
      ['C'],
    ]);
    assert.deepEqual(after.manager.status({ alertname: 'B' }).silencedBy, [id]);
  });

  it('tries again, and gives up what no retry helps', async () => {
    await using folder = await temporaryFolder();
    const twice = yaml.replace(
      "webhook_configs: [{url: 'http://h'}]",
      "webhook_configs: [{url: 'http://h'}, {url: 'http://i'}]",
    );
    const rig = await openRig(twice, folder.path, ({ index }, attempt) => {
      if (index === 0 && attempt === 0) throw new DeliveryError('away', { isRetryable: true });
      if (index === 1) throw new DeliveryError('no', { isRetryable: false, reason: 'clientError' });
    });
    await using _ = rig.manager;
    await rig.manager.put([alert('A')]);
    await eventually(() => rig.told.length === 1);
    assert.equal(rig.told[0]?.channel, 'r/webhook/0');
    const failed =
      /notifications_failed_total\{integration="webhook",receiver_name="r",reason="clientError"\} [1-9]/;
    await eventually(() => failed.test(rig.metrics.render()));
    // The one that knows is not told again because of the other.
    assert.equal(rig.told.length, 1);
  });

  it('inhibits and silences, and says so', async () => {
    await using folder = await temporaryFolder();
    const rig = await openRig(yaml, folder.path);
    await using _ = rig.manager;
    await rig.manager.put([
      alert('A', { severity: 'critical', n: '1' }),
      alert('A', { severity: 'warning', n: '2' }),
    ]);
    await eventually(() => rig.told.length === 1);
    assert.deepEqual(rig.told[0]?.firing, ['A1']);
    const status = rig.manager.status({ alertname: 'A', severity: 'warning', n: '2' });
    assert.equal(status.state, 'suppressed');
    assert.equal(status.inhibitedBy.length, 1);
  });

  it('goes over to another configuration without telling again', async () => {
    await using folder = await temporaryFolder();
    const rig = await openRig(yaml, folder.path);
    await using _ = rig.manager;
    await rig.manager.put([alert('A')]);
    await eventually(() => rig.told.length === 1);
    rig.manager.apply(yamlOf(`${yaml}\ntime_intervals: [{name: x, time_intervals: []}]`));
    await rig.manager.put([alert('B')]);
    await eventually(() => rig.told.length === 2);
    assert.deepEqual(rig.told[1]?.firing, ['B']);
  });

  it('refuses what is no alert, and takes the others', async () => {
    await using folder = await temporaryFolder();
    const rig = await openRig(yaml, folder.path);
    await using _ = rig.manager;
    const problems = await rig.manager.put([
      { labels: { a: '' } },
      { labels: { alertname: 'A' }, startsAtMs: 2, endsAtMs: 1 },
      alert('B'),
    ]);
    assert.deepEqual(problems, [
      'at least one label pair required',
      'start time must be before end time',
    ]);
    assert.equal(rig.manager.alerts().length, 1);
  });
});
