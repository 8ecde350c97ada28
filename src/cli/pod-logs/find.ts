import { AppError } from '#base';
import { type ClientFlags, callServer, expandGroups } from '../client.ts';
import { conditionOf, type PodSelection } from './selector.ts';

/** Groups of Container Insights: where the agent, Fluent Bit and CloudWatch's agent put pods' lines. */
export const podGroups: readonly string[] = [
  '/aws/containerinsights/*/application',
  '/aws/containerinsights/*/dataplane',
];

/** The log of one run of a container. */
export interface ContainerRun {
  readonly group: string;
  readonly stream: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly firstMs: number;
}

/** All runs of one container of a pod, oldest first. */
export interface ContainerHistory {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly runs: readonly ContainerRun[];
}

/** A history of pods longer than this is cut to the newest. */
const maxRuns = 10_000;

/** The groups that hold pods' lines; none is no error. */
export async function findGroups(
  flags: ClientFlags,
  patterns: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => {
      try {
        return await expandGroups(flags, [pattern]);
      } catch (error) {
        if (error instanceof AppError && error.code === 'LOG_GROUP_NOT_FOUND') return [];
        throw error;
      }
    }),
  );
  return [...new Set(found.flat())];
}

/** Runs of containers that wrote something in the range, by pod and container. */
export async function findContainers(
  flags: ClientFlags,
  selection: PodSelection,
  range: { readonly groups: readonly string[]; readonly fromMs: number; readonly toMs: number },
): Promise<readonly ContainerHistory[]> {
  const runs = await Promise.all(
    // A query does not say of a row which group it is from, where rows are counted.
    range.groups.map((group) => findRuns(flags, selection, { ...range, group })),
  );
  const byContainer = new Map<string, ContainerRun[]>();
  for (const run of runs.flat()) {
    const key = [run.namespace, run.pod, run.container].join('\0');
    const list = byContainer.get(key);
    if (list === undefined) byContainer.set(key, [run]);
    else list.push(run);
  }
  return [...byContainer]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, list]) => {
      const sorted = list.toSorted((a, b) => a.firstMs - b.firstMs);
      const { namespace, pod, container } = sorted[0] as ContainerRun;
      return { namespace, pod, container, runs: sorted };
    });
}

async function findRuns(
  flags: ClientFlags,
  selection: PodSelection,
  {
    group,
    fromMs,
    toMs,
  }: { readonly group: string; readonly fromMs: number; readonly toMs: number },
): Promise<readonly ContainerRun[]> {
  const text = `filter ${conditionOf(selection)}
    | stats min(@timestamp) as first by @logStream, kubernetes.namespace_name as ns,
        kubernetes.pod_name as pod, kubernetes.container_name as container
    | sort first desc | limit ${maxRuns}`;
  const response = await callServer(flags, '/nunchi/logs/export?format=json', {
    method: 'POST',
    body: { text, language: 'CWLI', groups: [group], fromMs, toMs },
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const row = JSON.parse(line) as Record<string, unknown>;
    const first = row['first'];
    return {
      group,
      stream: String(row['@logStream']),
      namespace: String(row['ns']),
      pod: String(row['pod']),
      container: String(row['container']),
      firstMs:
        typeof first === 'number' ? first : Date.parse(`${String(first).replace(' ', 'T')}Z`),
    };
  });
}
