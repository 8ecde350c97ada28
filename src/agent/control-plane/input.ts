import type { Clock, Logger } from '#base';
import type { ControlPlaneLogType } from '#kubernetes/control-plane';
import type { BatchClient } from '../ship/client.ts';
import type { FileFollower } from '../tail/follower.ts';
import type { LineHandler } from '../tail/handler.ts';
import { ControlPlaneHandler, type ControlPlaneHandlerOptions } from './handler.ts';
import { type ControlPlanePaths, controlPlaneStreamOf, usualControlPlanePaths } from './sources.ts';
import { ControlPlaneSwitch } from './switches.ts';

export interface ControlPlaneInputOptions {
  readonly host: string;
  readonly cluster: string;
  /** Where a type's files are, if not where they usually are. */
  readonly paths: Partial<ControlPlanePaths>;
}

export interface ControlPlaneInputDeps {
  readonly client: BatchClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends a wait of the loop that reads. */
  readonly wake: () => void;
  readonly followerOf: (
    name: string,
    paths: readonly string[],
    handlerFor: (path: string) => LineHandler,
  ) => FileFollower;
  readonly handler: Omit<ControlPlaneHandlerOptions, 'stream' | 'switchState'>;
}

export interface ControlPlaneInput {
  readonly followers: readonly FileFollower[];
  /** Files that are read here and nowhere else: not the logs of containers, which are application logs too. */
  readonly ownPaths: readonly string[];
  run(source: string, signal: AbortSignal): Promise<void>;
}

/** The control plane's logs on its own nodes: one follower a type, and the switches that they obey. */
export function controlPlaneInput(
  { host, cluster, paths }: ControlPlaneInputOptions,
  { client, clock, logger, wake, followerOf, handler }: ControlPlaneInputDeps,
): ControlPlaneInput {
  const all = { ...usualControlPlanePaths, ...paths };
  const types = Object.keys(all) as readonly ControlPlaneLogType[];
  let switches: ControlPlaneSwitch | undefined;
  const followers = types.map((type) =>
    followerOf(
      `control-plane.${type}`,
      all[type],
      (path) =>
        new ControlPlaneHandler({
          ...handler,
          stream: Buffer.from(controlPlaneStreamOf(type, path, { host, cluster })),
          switchState: () => switches?.stateOf(type) ?? { kind: 'unknown' },
        }),
    ),
  );
  return {
    followers,
    ownPaths: Object.values(all)
      .flat()
      .filter((path) => !path.startsWith('/var/log/containers/')),
    run: async (source, signal) => {
      switches = new ControlPlaneSwitch(
        {
          cluster,
          agent: source,
          wanted: () => new Set(types.filter((_, i) => (followers[i]?.trackedFiles ?? 0) > 0)),
          onAnswer: () => {
            for (const follower of followers) follower.touchAll();
            wake();
          },
        },
        { client, clock, logger },
      );
      await switches.run(signal);
    },
  };
}
