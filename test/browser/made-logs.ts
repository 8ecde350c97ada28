import { zstdCompressSync } from 'node:zlib';
import { encodeBatch, SectionBuilder } from '#logs/batch';
import {
  clusterName,
  containerId,
  killsBeforeMs,
  type MadePod,
  nodes,
  pods,
  runsOf,
} from './made-cluster.ts';

export const applicationGroup: string = `/aws/containerinsights/${clusterName}/application`;

/** As the agent names the stream of a container's run. */
export const streamOf = (pod: MadePod, container: string, run: number): string =>
  `${pod.node}-application.var.log.containers.${pod.name}_${pod.namespace}_${container}-${containerId(pod, container, run)}.log`;

export function messageOf(
  pod: MadePod,
  container: string,
  run: number,
  timeMs: number,
  log: string,
): string {
  return JSON.stringify({
    time: new Date(timeMs).toISOString(),
    stream: 'stdout',
    _p: 'F',
    log,
    kubernetes: {
      pod_name: pod.name,
      namespace_name: pod.namespace,
      host: pod.node,
      container_name: container,
      docker_id: containerId(pod, container, run),
    },
  });
}

const paths = ['/cart', '/checkout', '/products/42', '/login', '/healthz'];

function lineOf(pod: MadePod, at: number): string {
  if (pod.trouble === 'oom') {
    return at % 5 === 0
      ? `WARN heap ${40 + ((at * 7) % 60)} % full, settling batch ${at}`
      : `INFO settled payment ${10_000 + at} in ${(at * 13) % 90} ms`;
  }
  if (at % 23 === 0)
    return `ERROR upstream timed out after 3000 ms path=${paths[at % paths.length]}`;
  return `INFO GET ${paths[at % paths.length]} 200 ${(at * 17) % 400} ms`;
}

/** What the agents of the nodes sent in the last hour, in their own batches. */
export async function sendLogs(url: string, nowMs: number): Promise<void> {
  for (const node of nodes) {
    const sections = pods
      .filter((pod) => pod.node === node && pod.trouble !== 'image' && pod.trouble !== 'completed')
      .flatMap((pod) => sectionsOf(pod, nowMs));
    await sendBatch(url, node, 1, sections);
  }
}

export async function sendBatch(
  url: string,
  node: string,
  number: number,
  sections: Parameters<typeof encodeBatch>[0],
): Promise<void> {
  const response = await fetch(new URL('nunchi/agent/batches', url), {
    method: 'POST',
    headers: {
      'content-type': 'application/vnd.nunchi.batch+zstd',
      'x-nunchi-agent': `agent-${node}`,
      'x-nunchi-batch': String(number),
    },
    body: new Uint8Array(zstdCompressSync(encodeBatch(sections))),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

function sectionsOf(pod: MadePod, nowMs: number): Parameters<typeof encodeBatch>[0] {
  const first = pod.containers[0]?.name ?? '';
  const runs = runsOf(pod);
  return Array.from({ length: runs }, (_, run) => {
    const builder = new SectionBuilder(applicationGroup, streamOf(pod, first, run));
    const end =
      run < killsBeforeMs.length && runs > 1 ? nowMs - (killsBeforeMs[run] as number) : nowMs;
    const start =
      run === 0 ? nowMs - 3_600_000 : nowMs - (killsBeforeMs[run - 1] as number) + 90_000;
    const everyMs = runs > 1 ? 4000 : 20_000;
    let at = run * 1000;
    for (let timeMs = start; timeMs < end; timeMs += everyMs) {
      builder.add(timeMs, messageOf(pod, first, run, timeMs, lineOf(pod, at++)));
    }
    if (runs > 1 && run < killsBeforeMs.length) {
      builder.add(
        end - 1,
        messageOf(pod, first, run, end - 1, 'ERROR heap is full, cannot settle'),
      );
    }
    return builder.finish();
  });
}
