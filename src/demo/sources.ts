import { controlPlaneGroup, type DemoCluster, type DemoPod } from './cluster.ts';
import {
  apiServerMaker,
  auditMaker,
  authenticatorMaker,
  controllerManagerMaker,
  type EventMaker,
  schedulerMaker,
} from './control-plane.ts';
import type { Incident } from './incidents.ts';
import { Random } from './random.ts';
import { eventsPerSecond, type OutputMaker, outputMaker } from './workloads.ts';

/** One control-plane stream and what it says. */
export interface StreamSource {
  readonly kind: 'stream';
  readonly group: string;
  readonly stream: string;
  readonly eventsPerSecond: number;
  readonly random: Random;
  readonly make: EventMaker;
}

/** One container and what it writes. */
export interface ContainerSource {
  readonly kind: 'container';
  readonly pod: DemoPod;
  readonly eventsPerSecond: number;
  readonly random: Random;
  readonly make: OutputMaker;
}

/** Everything in the cluster that logs. Each source has its own randomness, so none disturbs another. */
export function planSources(
  cluster: DemoCluster,
  seed: string,
): { readonly streams: readonly StreamSource[]; readonly containers: readonly ContainerSource[] } {
  const group = controlPlaneGroup(cluster.name);
  const source = (
    stream: string,
    rate: number,
    makerOf: (random: Random) => EventMaker,
  ): StreamSource => {
    const random = new Random(`${seed}/${stream}`);
    return { kind: 'stream', group, stream, eventsPerSecond: rate, random, make: makerOf(random) };
  };
  const { streams } = cluster;
  return {
    streams: [
      source(streams.audit, 14, (random) => auditMaker(cluster, random)),
      source(streams.api, 1.5, apiServerMaker),
      source(streams.controllerManager, 1.5, (random) => controllerManagerMaker(cluster, random)),
      source(streams.scheduler, 0.5, (random) => schedulerMaker(cluster, random)),
      source(streams.authenticator, 0.7, (random) => authenticatorMaker(cluster, random)),
    ],
    containers: cluster.pods.map((pod) => {
      const random = new Random(`${seed}/${pod.name}`);
      return {
        kind: 'container',
        pod,
        eventsPerSecond: eventsPerSecond[pod.app],
        random,
        make: outputMaker(pod, random),
      };
    }),
  };
}

/** How much busier a source is than usual: a slow wave over the hour, bursts, incidents. */
export function loadFactor(timeMs: number, incident: Incident | undefined): number {
  const wave = 1 + 0.35 * Math.sin((timeMs / 3_600_000) * 2 * Math.PI * 3);
  return incident?.kind === 'traffic-burst' ? wave * 3 : wave;
}
