import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventually } from '../eventually.ts';
import { randomOf, type WriterOptions } from './container-writer.fixture.ts';
import { allOnce, LineLedger } from './lines.ts';
import { agentConfig, freePort, logText, type Program, Rig, withoutUnshare } from './rig.ts';

const seconds = 15;
const kills = 4;
const writer = {
  containers: 5,
  seconds,
  bytesPerSecond: 10e6,
  rotateBytes: 4e6,
  maxFiles: 12,
} as const;

/** A machine that is busy with other things takes long; what matters is that it goes on. */
const deliveryMs = 200_000;
const standstillMs = 40_000;
const testMs = 290_000;

/** NUNCHI_TEST_SEED replays a run (as far as the machine's timing lets it). */
const seed = Number(process.env['NUNCHI_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const cannotUnshare = withoutUnshare();
const data = process.env['NUNCHI_TEST_DATA'];
const skipStock = (generation: string): string | false => {
  if (cannotUnshare !== false) return cannotUnshare;
  if (data === undefined) return 'NUNCHI_TEST_DATA names no folder of test_data';
  return existsSync(join(data, 'fluent-bit', generation)) ? false : `test_data lacks ${generation}`;
};

/**
 * Kills and restarts both at random moments until the writer is done, at least `kills` times each.
 */
async function torment(
  victims: readonly Program[],
  random: () => number,
  isOver: () => boolean,
): Promise<void> {
  const plan = victims.flatMap((program) => Array.from({ length: kills }, () => program));
  for (let i = plan.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [plan[i], plan[j]] = [plan[j]!, plan[i]!];
  }
  for (let i = 0; i < plan.length || !isOver(); i++) {
    const victim = plan[i] ?? victims[Math.floor(random() * victims.length)]!;
    // Also while it starts; random moments are what is tested.
    await new Promise((resolve) => setTimeout(resolve, 200 + random() * 2000));
    await victim.kill();
    if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, random() * 600));
    victim.start();
  }
}

/** Runs writer, kills and restarts; checks that each line is in the store once, unchanged. */
async function everyLineOnce(
  rig: Rig,
  agent: Program,
  options: { readonly log: string; readonly seenLog: string; readonly text: (m: string) => string },
): Promise<void> {
  console.log(`# NUNCHI_TEST_SEED=${seed}`);
  const random = randomOf(seed);
  await rig.startServer();
  agent.start();
  let isWritten = false;
  const writing = rig
    .run('container-writer.fixture.ts', {
      ...writer,
      folder: options.log,
      seenFolder: options.seenLog,
      seed,
      goFile: join(rig.folder, 'go'),
    } satisfies WriterOptions)
    .finally(() => {
      isWritten = true;
    });
  await eventually(
    async () => ((await rig.eventCount()) >= writer.containers ? true : undefined),
    40_000,
    () => agent.log,
  );
  writeFileSync(join(rig.folder, 'go'), '');
  await Promise.all([writing, torment([agent, rig.server], random, () => isWritten)]);
  const counts = JSON.parse(await writing) as number[];
  const total = counts.reduce((sum, count) => sum + count, 0);
  await rig.serverReady();
  const phase = (what: string): void =>
    console.log(`# ${what} ${Math.round(performance.now())} ms`);
  phase('written, all restarted');
  const logs = (): string => `agent: ${agent.log}\nserver: ${rig.server.log}`;
  let seen = 0;
  let seenMs = 0;
  await eventually(
    async () => {
      const count = await rig.eventCount();
      const nowMs = performance.now();
      if (count !== seen) seenMs = nowMs;
      seen = count;
      // A loss is told soon, and by number, below.
      return count >= total || (seen > 0 && nowMs - seenMs > standstillMs) ? true : undefined;
    },
    deliveryMs,
    () => `${seen} of ${total} events. ${logs()}`,
  );
  phase('delivered');
  // What is still under way, a second copy for one, arrives before the agent has stopped.
  assert.ok(await agent.stop(), 'the agent stops');
  phase('agent stopped');
  const ledger = new LineLedger(counts);
  for await (const message of rig.messages()) ledger.add(options.text(message));
  const result = ledger.result();
  // A line may be stored and not be shown: the counts tell which.
  if (result.missing > 0) console.log(`# ${await rig.storeState()}`);
  assert.deepEqual(result, allOnce, logs());
  assert.ok(agent.starts > kills && rig.server.starts > kills);
  assert.ok(await rig.server.stop(), 'the server stops');
}

/** Declares the test of the default pipeline. */
export function testDefaultPipeline(): void {
  it('every line is stored once by the default pipeline, whatever is killed', {
    timeout: testMs,
  }, async () => {
    await using rig = await Rig.open();
    const log = rig.path('log');
    const agent = rig.program(agentConfig(rig, [join(log, 'containers', '*.log')]));
    await everyLineOnce(rig, agent, { log, seenLog: log, text: logText });
  });
}

/** Declares the test of the stock Fluent Bit files of a generation. */
export function testStockFiles(generation: 'eks-addon' | 'container-insights'): void {
  it(`every line is stored once by the Fluent Bit files of ${generation}, unchanged (unshare, test_data)`, {
    skip: skipStock(generation),
    timeout: testMs,
  }, async () => {
    await using rig = await Rig.open();
    // The whole of /var is the rig's own, for this process alone: /var/log, /var/fluent-bit.
    const varFolder = rig.path('var');
    const log = rig.path('var', 'log');
    mkdirSync(join(log, 'journal'));
    mkdirSync(join(varFolder, 'fluent-bit', 'state'), { recursive: true });
    const agent = rig.program({
      args: [
        ...['agent', '-c', join(data!, 'fluent-bit', generation, 'fluent-bit.conf')],
        ...['--data-dir', rig.path('agent')],
      ],
      mounts: [{ source: varFolder, target: '/var' }],
      // As the DaemonSet of the charts has them.
      env: {
        AWS_REGION: 'ap-northeast-2',
        CLUSTER_NAME: 'shop',
        HOST_NAME: 'node-1',
        HOSTNAME: 'fluent-bit-x7k2p',
        CI_VERSION: 'k8s/1.3.38',
        READ_FROM_HEAD: 'On',
        READ_FROM_TAIL: 'Off',
        HTTP_SERVER: 'On',
        HTTP_PORT: String(await freePort()),
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: rig.url,
      },
    });
    await everyLineOnce(rig, agent, { log, seenLog: '/var/log', text: logText });
    assert.ok(readdirSync(join(varFolder, 'fluent-bit', 'state')).length > 0);
    assert.deepEqual(
      (await groupsOf(rig)).filter((name) => !name.startsWith('/aws/containerinsights/shop/')),
      [],
    );
  });
}

async function groupsOf(rig: Rig): Promise<readonly string[]> {
  if (!rig.server.isRunning) await rig.startServer();
  return rig.groups();
}
