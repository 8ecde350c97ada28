import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

const skip = process.platform === 'linux' ? false : 'the machine is not Linux';

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
}

it('what was collected of the machine outlives kill -9 of server and agent', { skip }, async () => {
  await using rig = await Rig.open();
  const config = rig.config('agent.yaml', {
    agent: {
      id: 'node-1',
      server: { url: rig.url },
      inputs: { discover: false, journald: 'off', kmsg: 'off' },
      metrics: { interval: '1s' },
    },
  });
  const dataDir = rig.path('agent');
  const agent = rig.program({ args: ['agent', '--config', config, '--data-dir', dataDir] });
  const samples = async (series: string): Promise<Answer['data']['result']> => {
    const query = encodeURIComponent(`${series}[10m]`);
    const response = await fetch(`${rig.url}/api/v1/query?query=${query}`);
    return ((await response.json()) as Answer).data.result;
  };
  await rig.startServer();
  agent.start();
  const names = [
    'node_cpu_seconds_total{mode="idle"}',
    'node_memory_MemAvailable_bytes',
    'node_filesystem_avail_bytes',
    'node_network_receive_bytes_total',
  ];
  // CPU, memory, disk and network of a fresh machine are there by themselves.
  await eventually(
    async () => {
      for (const name of names) if ((await samples(name)).length === 0) return undefined;
      return true;
    },
    60_000,
    () => agent.log,
  );
  await rig.server.kill();
  const folder = join(dataDir, 'agent', 'metrics');
  const spooled = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.rw2'));
  await eventually(
    () => (spooled().length >= 4 ? true : undefined),
    60_000,
    () => agent.log,
  );
  const waiting = spooled();
  await agent.kill();
  const killedSeconds = Date.now() / 1000;
  agent.start();
  await rig.startServer();
  await eventually(
    () => (waiting.every((name) => !spooled().includes(name)) ? true : undefined),
    60_000,
    () => agent.log,
  );
  const [found] = await samples('node_time_seconds');
  assert.equal(found?.metric['instance'], 'node-1:9100');
  const times = found?.values.map(([seconds]) => seconds) ?? [];
  // Every collection that waited is there: the clock that it read is the time that it has.
  const before = times.filter((seconds) => seconds <= killedSeconds);
  assert.ok(before.length > waiting.length, `${before.length} samples, ${waiting.length} waited`);
  for (const [seconds, value] of found?.values ?? []) {
    assert.ok(Math.abs(seconds - Number(value)) < 30, `${seconds} has ${value}`);
  }
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(await agent.stop());
  assert.deepEqual(spooled(), [], 'the last markers are sent too');
});
