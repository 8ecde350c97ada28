import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsCli, awsCli } from './aws-tool.ts';
import { eksGroup, eksStreams } from './eks-logs.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

/** A server that holds the logs of an EKS control plane, and the CLI pointed at it. */
export interface EksServer extends AsyncDisposable {
  readonly server: NunchiProcess;
  readonly aws: AwsCli;
  /** The newest event of each stream is of this time; the others are a second apart. */
  readonly nowMs: number;
  /** `aws logs …`, which must succeed; what it prints, parsed. */
  logs(...args: string[]): Promise<unknown>;
  /** Must fail as a service error does: exit code 254, code and message on stderr. */
  fails(args: readonly string[], stderr: RegExp): Promise<void>;
}

/** Everything is put there through the CLI itself. @param path of the CLI */
export async function startEksServer(path: string): Promise<EksServer> {
  const server = await startNunchi();
  const aws = awsCli(path, { url: server.url, home: server.folder });
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const logs = (...args: string[]): Promise<unknown> => aws.json('logs', ...args);
  await logs('create-log-group', '--log-group-name', eksGroup, '--tags', 'team=platform');
  await Promise.all(
    eksStreams.map(async ({ name, messages }) => {
      const stream = ['--log-group-name', eksGroup, '--log-stream-name', name];
      await logs('create-log-stream', ...stream);
      const file = join(server.folder, `${name}.json`);
      const events = messages.map((message, i) => ({
        timestamp: nowMs - (messages.length - 1 - i) * 1000,
        message,
      }));
      await writeFile(file, JSON.stringify(events));
      const reply = await logs('put-log-events', ...stream, '--log-events', `file://${file}`);
      assert.match((reply as { nextSequenceToken: string }).nextSequenceToken, /^\d{56}$/);
    }),
  );
  return {
    server,
    aws,
    nowMs,
    logs,
    fails: async (args, stderr) => {
      const result = await aws.run('logs', ...args);
      assert.equal(result.code, 254, result.stderr);
      assert.match(result.stderr, stderr);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
