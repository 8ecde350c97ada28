import { logsApi } from '../../../api/logs.ts';
import { type ContainerRun, streamPrefix } from './pod-streams.ts';

/** Where pods' lines are kept: names of Container Insights. */
const podGroup = /^\/aws\/containerinsights\/.+\/(?:application|dataplane)$/;
const maxGroups = 200;
const maxStreams = 500;
export async function podGroups(signal: AbortSignal): Promise<readonly string[]> {
  const { groups } = await logsApi.groups(
    { contains: 'containerinsights', limit: maxGroups },
    signal,
  );
  return groups.map(({ name }) => name).filter((name) => podGroup.test(name));
}

const runPattern = /containers\.[^_]+_[^_]+_(.+)-([0-9a-f]{64})\.log$/;

/** Runs of a pod's containers that have written something, oldest first. */
export async function podRuns(
  groups: readonly string[],
  of: { readonly node: string; readonly namespace: string; readonly pod: string },
  signal: AbortSignal,
): Promise<readonly ContainerRun[]> {
  const found = await Promise.all(
    groups.map(async (group) => {
      const prefix = streamPrefix(group, of.node, of.namespace, of.pod);
      const { streams } = await logsApi.streams(
        { group, prefix, orderBy: 'name', limit: maxStreams },
        signal,
      );
      return streams.flatMap((stream): ContainerRun[] => {
        const [, container, id] = runPattern.exec(stream.name) ?? [];
        if (container === undefined || id === undefined) return [];
        const firstMs = stream.firstEventMs ?? stream.createdMs;
        const lastMs = stream.lastEventMs ?? firstMs;
        return [{ group, stream: stream.name, container, id, firstMs, lastMs }];
      });
    }),
  );
  return found.flat().toSorted((a, b) => a.firstMs - b.firstMs);
}
