import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { eventually } from '../eventually.ts';
import { allOnce, criLines, LineLedger, lineText } from './lines.ts';
import { agentConfig, containerLog, logText, Rig, withoutUnshare } from './rig.ts';
import { mountSmallDisk } from './small-disk.ts';

const skip = withoutUnshare();

/** Text that no compression makes smaller, so that a small disk is soon full. */
const noise = (bytes: number): string => {
  let text = '';
  while (text.length < bytes) text += Math.random().toString(36).slice(2);
  return text;
};

describe('a full disk (unshare)', { concurrency: 1, skip }, () => {
  it('of the server: batches are refused, queries served, and all arrives when there is room', async () => {
    await using rig = await Rig.open({
      serverDataDir: (folder) => join(folder, 'disk', 'server'),
      serverConfig: { logs: { store: { minFreeDisk: '4MiB' } } },
    });
    const disk = mountSmallDisk(join(rig.folder, 'disk'), 48);
    rig.defer(() => disk[Symbol.dispose]());
    await rig.startServer();
    const aws = new CloudWatchLogsClient({
      endpoint: rig.url,
      region: 'ap-northeast-2',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
    const names = { logGroupName: '/aws/app', logStreamName: 's' };
    await aws.send(new CreateLogGroupCommand(names));
    await aws.send(new CreateLogStreamCommand(names));
    const acknowledged: string[] = [];
    const put = async (): Promise<string> => {
      const message = `${acknowledged.length} ${noise(200_000)}`;
      const logEvents = [{ timestamp: Date.now(), message }];
      try {
        await aws.send(new PutLogEventsCommand({ ...names, logEvents }));
        acknowledged.push(message);
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const log = containerLog(rig.path('log'), 0);
    const agent = rig.program(agentConfig(rig, [log]));
    agent.start();
    let lines = 0;
    const write = (count: number): void => {
      const to = lines + count;
      const parts: Buffer[] = [];
      for (; lines < to; lines++) parts.push(...criLines(lineText(0, lines), 'stdout', Date.now()));
      appendFileSync(log, Buffer.concat(parts));
    };
    write(2000);
    await eventually(async () => ((await rig.eventCount()) >= 2000 ? true : undefined), 120_000);
    assert.equal(await put(), 'taken');
    disk.leave(5);
    let refusal = 'taken';
    await eventually(async () => {
      refusal = await put();
      return refusal === 'taken' ? undefined : true;
    }, 120_000);
    assert.equal(refusal, 'ServiceUnavailableException');
    write(3000);
    const refused = await fetch(`${rig.url}/nunchi/agent/sources/none`);
    assert.equal(refused.status, 200);
    // The agent was told so too, and keeps what it read.
    await eventually(
      () => (agent.log.includes('The server does not take batches') ? true : undefined),
      120_000,
      () => agent.log,
    );
    assert.equal(await put(), 'ServiceUnavailableException');
    // Not a byte is left, neither for what a query lays out.
    disk.clear();
    disk.leave(0);
    let found = 0;
    for await (const message of rig.messages(['/aws/app'])) {
      assert.ok(acknowledged.includes(message));
      found++;
    }
    assert.equal(found, acknowledged.length, 'a full server serves queries');
    disk.clear();
    await eventually(async () => ((await put()) === 'taken' ? true : undefined), 120_000);
    await eventually(
      async () => ((await rig.eventCount()) >= lines + acknowledged.length ? true : undefined),
      60_000,
      () => `${agent.log}\n${rig.server.log}`,
    );
    assert.ok(await agent.stop());
    // And nothing of it is in memory only.
    await rig.server.kill();
    await rig.startServer();
    const ledger = new LineLedger([lines]);
    const stored: string[] = [];
    for await (const message of rig.messages(['/aws/app'])) stored.push(message);
    assert.deepEqual(stored.sort(), acknowledged.sort());
    const groups = (await rig.groups()).filter((name) => name !== '/aws/app');
    for await (const message of rig.messages(groups)) ledger.add(logText(message));
    assert.deepEqual(ledger.result(), allOnce);
  });

  it('of the agent: reading waits for room, and every line arrives once', async () => {
    await using rig = await Rig.open();
    const disk = mountSmallDisk(join(rig.folder, 'disk'), 12);
    rig.defer(() => disk[Symbol.dispose]());
    mkdirSync(join(disk.path, 'agent'));
    const log = containerLog(rig.path('log'), 0);
    // Without the server all that is read must go to the spool.
    const agent = rig.program(agentConfig(rig, [log], { dataDir: join(disk.path, 'agent') }));
    disk.leave(3);
    agent.start();
    let lines = 0;
    const expected: string[] = [];
    for (let i = 0; i < 60; i++) {
      const text = `seq=${lines++} ${noise(100_000)}`;
      expected.push(text);
      appendFileSync(log, Buffer.concat(criLines(text, 'stdout', Date.now())));
    }
    await eventually(
      () => (agent.log.includes('reading pauses') ? true : undefined),
      120_000,
      () => agent.log,
    );
    // Also a death does not lose or double what is half written.
    await agent.kill();
    agent.start();
    await rig.startServer();
    disk.clear();
    await eventually(
      async () => ((await rig.eventCount()) >= lines ? true : undefined),
      60_000,
      () => agent.log,
    );
    assert.ok(await agent.stop());
    const stored: string[] = [];
    for await (const message of rig.messages()) stored.push(logText(message));
    assert.equal(stored.length, expected.length);
    assert.deepEqual(new Set(stored), new Set(expected));
    assert.ok(existsSync(join(disk.path, 'agent')));
  });
});
