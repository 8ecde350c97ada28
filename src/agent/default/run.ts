import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger, MetricsRegistry } from '#base';
import { ContainerHandler, newContainerStats } from '../container/handler.ts';
import { containerNameOf, dottedPath } from '../container/names.ts';
import { BatchWriter } from '../ship/batch-writer.ts';
import { BatchClient } from '../ship/client.ts';
import { Shipper } from '../ship/shipper.ts';
import { Spool } from '../spool/spool.ts';
import { FileFollower } from '../tail/follower.ts';
import { newTailStats } from '../tail/stats.ts';
import { Lane } from './lane.ts';
import { registerAgentMetrics } from './metrics.ts';
import type { AgentOptions } from './options.ts';

export interface AgentDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const defaultSpoolBytes = 2 * 1024 * 1024 * 1024;
/** CloudWatch's bound of one event, less what a record adds. */
const maxLineBytes = 1_000_000;

/** Runs the agent without any configuration file until the signal aborts. */
export async function runAgent(
  options: AgentOptions,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, metrics } = deps;
  const scratchFolder = join(options.folder, 'scratch');
  // Unpacked files of an earlier run: they are unpacked again where they are needed.
  rmSync(scratchFolder, { recursive: true, force: true });
  mkdirSync(scratchFolder, { recursive: true });
  const maxBytes = options.maxSpoolBytes ?? defaultSpoolBytes;
  await using spool = await Spool.open({ folder: options.folder, maxBytes }, deps);
  const writer = new BatchWriter();
  const tailStats = newTailStats();
  const containerStats = newContainerStats();
  const checkpoints = spool.checkpoints();

  let lane: Lane | undefined;
  const containers = new FileFollower(
    {
      name: 'containers',
      paths: options.containerPaths ?? ['/var/log/containers/*.log'],
      excludePaths: options.excludePaths ?? [],
      fromHead: options.fromHead ?? true,
      newFromHead: true,
      refreshIntervalMs: 10_000,
      rotateWaitMs: 5000,
      maxLineBytes,
      longLines: 'split',
      ignoreOlderMs: 0,
      sliceBytes: 256 * 1024,
      maxOpenFiles: 1000,
      scratchFolder,
    },
    {
      clock,
      logger,
      stats: tailStats,
      wake: () => lane?.wake(),
      handlerFor: (path, realPath) => {
        const name = containerNameOf(path, realPath);
        const { host } = options;
        const plane = name?.container === 'aws-node' || name?.container === 'kube-proxy';
        const kind = plane ? 'dataplane' : 'application';
        const group = `/aws/containerinsights/${options.cluster ?? 'local'}/${kind}`;
        const tag = plane ? 'dataplane.tail' : 'application';
        const stream = `${host}-${tag}.${dottedPath(path)}`;
        return new ContainerHandler({
          writer,
          group: Buffer.from(group),
          stream: Buffer.from(stream.slice(0, 512)),
          ...(name === undefined
            ? {}
            : {
                kubernetes: JSON.stringify({
                  pod_name: name.pod,
                  namespace_name: name.namespace,
                  pod_id: name.podUid,
                  host,
                  container_name: name.container,
                  docker_id: name.id,
                }),
              }),
          maxLineBytes,
          idleFlushMs: 5000,
          nowMs: () => clock.monotonicMs(),
          wallMs: () => clock.nowMs(),
          stats: containerStats,
        });
      },
    },
  );
  containers.restore(checkpoints.filter((c) => c.input === 'containers'));
  registerAgentMetrics(metrics, { spool, followers: { containers }, tailStats, containerStats });

  lane = new Lane(
    {
      flushMs: options.flushMs ?? 200,
      refreshIntervalMs: 10_000,
      graceMs: options.graceMs ?? 5000,
    },
    { clock, logger, spool, writer },
    [containers],
  );
  const client = new BatchClient({
    ...options.server,
    timeoutMs: 60_000,
    maxConnections: 4,
  });
  const shipper = new Shipper(spool, client, deps);
  const stopShipping = new AbortController();
  const shipping = shipper.run(stopShipping.signal);
  try {
    await lane.run(signal);
    await shipper.drain(options.graceMs ?? 5000);
  } finally {
    stopShipping.abort();
    await shipping;
    client.close();
    containers.close();
  }
}
