import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { compress } from 'snappy';
import { labelsOfRecord } from '#metrics/model';
import { encodeWriteV1 } from '#metrics/remote';
import { eventually } from '../eventually.ts';
import { Rig } from './rig.ts';

const hourMs = 3_600_000;
const fixture = new URL('clock-shift.fixture.ts', import.meta.url).href;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
  readonly values: readonly (readonly [number, string])[];
}

describe('a clock that is set while metrics come in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-metrics-clock-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('an hour forward and back: nothing acknowledged is lost, and what is up shows as up', async () => {
    let scrapes = 0;
    const target = createServer((_request, response) => {
      scrapes++;
      response.setHeader('content-type', 'text/plain').end(`scrapes_total ${scrapes}\n`);
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      `global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: [${join(folder, 'rules.yml')}]
scrape_configs: [{job_name: t, static_configs: [{targets: ['127.0.0.1:${port}']}]}]
`,
    );
    writeFileSync(
      join(folder, 'rules.yml'),
      `groups: [{name: g, rules: [{record: 'r:up', expr: 'up{job="t"}'}]}]\n`,
    );
    const clockFile = join(folder, 'clock');
    writeFileSync(clockFile, '0');
    await using rig = await Rig.open({
      serverConfig: { metrics: { prometheusConfig: config } },
      serverEnv: () => ({ NODE_OPTIONS: `--import ${fixture}`, NUNCHI_TEST_CLOCK: clockFile }),
    });
    try {
      await rig.startServer();
      const acknowledged: number[] = [];
      let number = 0;
      let shiftMs = 0;
      const write = async (): Promise<void> => {
        const timeMs = Date.now() + shiftMs;
        const series = {
          labels: labelsOfRecord({ __name__: 'w' }),
          samples: [{ timeMs, value: ++number }],
        };
        const response = await fetch(`${rig.url}/api/v1/write`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
          body: await compress(encodeWriteV1([series])),
        });
        await response.body?.cancel();
        if (response.ok) acknowledged.push(number);
        assert.ok(response.ok || response.status === 400, `status ${response.status}`);
      };
      const ask = async (query: string): Promise<readonly Series[]> => {
        const body = new URLSearchParams({ query });
        const response = await fetch(`${rig.url}/api/v1/query`, { method: 'POST', body });
        const answer = (await response.json()) as { data: { result: Series[] } };
        return answer.data.result;
      };
      for (const next of [0, hourMs, 0, -hourMs, 0]) {
        shiftMs = next;
        writeFileSync(clockFile, String(next));
        const before = scrapes;
        // The server has its new clock, has scraped by it, and answers for now by it.
        await eventually(
          async () => {
            await write();
            const [up] = await ask('up{job="t"}');
            const isNow =
              up !== undefined && Math.abs(up.value[0] * 1000 - (Date.now() + next)) < 5000;
            return isNow && up.value[1] === '1' && scrapes >= before + 4 ? true : undefined;
          },
          120_000,
          () => `shift ${next}\n${rig.server.log}`,
        );
        await eventually(
          async () => {
            // The newest, not one that is still in sight from before; a machine that is busy may make
            // a scrape late, which is told as 0, but not every one.
            const [newest] = await ask('timestamp(r:up)');
            const ageMs = Date.now() + next - Number(newest?.value[1]) * 1000;
            const [recorded] = await ask('r:up');
            return ageMs < 3000 && recorded?.value[1] === '1' ? true : undefined;
          },
          120_000,
          () => `shift ${next}\n${rig.server.log}`,
        );
      }
      // Back at the right time everything that was acknowledged is there, also after a restart.
      const stored = async (): Promise<number[]> => {
        const end = String(Date.now() / 1000 + 2 * 3600);
        const body = new URLSearchParams({ query: 'w[6h]', time: end });
        const response = await fetch(`${rig.url}/api/v1/query`, { method: 'POST', body });
        const { data } = (await response.json()) as { data: { result: Series[] } };
        return data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
      };
      assert.ok(acknowledged.length > 20, `${acknowledged.length} writes`);
      const lost = (held: readonly number[]): number[] =>
        acknowledged.filter((each) => !held.includes(each));
      assert.deepEqual(lost(await stored()), []);
      await rig.server.kill();
      await rig.startServer();
      assert.deepEqual(lost(await stored()), []);
    } finally {
      target.closeAllConnections();
      target.close();
    }
  });
});
