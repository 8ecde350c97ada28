import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.d.ts';
import type { ProbeKind, Probes } from './explain/probe.ts';
import type { ContainerFacts } from './explain/trouble.ts';

/** Of a pod what says something of its containers. */
export type FactsPod = Pick<Pod, 'metadata' | 'spec'>;

const maxCommandChars = 80;

/** Limits and probes of a container; undefined: the pod has none of that name. */
export function containerFacts({ spec }: FactsPod, name: string): ContainerFacts | undefined {
  const isNamed = (one: Container): boolean => one.name === name;
  const init = spec?.initContainers?.find(isNamed);
  const found = init ?? spec?.containers.find(isNamed);
  if (found === undefined) return undefined;
  const { limits } = found.resources ?? {};
  return {
    // One that restarts for ever stands beside the others (a sidecar).
    isInit:
      init !== undefined &&
      (init as { readonly restartPolicy?: string }).restartPolicy !== 'Always',
    memoryLimit: text(limits?.['memory']),
    cpuLimit: text(limits?.['cpu']),
    probes: probesOf(found),
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

function probesOf(container: Container): Probes {
  const probes: Partial<Record<ProbeKind, string>> = {};
  for (const kind of ['readiness', 'liveness', 'startup'] as const) {
    const asked = probeText(container, container[`${kind}Probe`]);
    if (asked !== undefined) probes[kind] = asked;
  }
  return probes;
}

/** `GET :8080/healthz`, `TCP :3306`, `gRPC :9090`, or its command. */
function probeText(container: Container, probe: Probe | undefined): string | undefined {
  if (probe === undefined) return undefined;
  const portOf = (port: unknown): string => {
    const named = container.ports?.find(({ name }) => name === port);
    return named === undefined ? String(port) : String(named.containerPort);
  };
  const { httpGet, tcpSocket, exec } = probe;
  if (httpGet !== undefined) {
    const scheme = httpGet.scheme === 'HTTPS' ? 'https ' : '';
    return `GET ${scheme}${httpGet.host ?? ''}:${portOf(httpGet.port)}${httpGet.path ?? '/'}`;
  }
  if (tcpSocket !== undefined) return `TCP ${tcpSocket.host ?? ''}:${portOf(tcpSocket.port)}`;
  const { grpc } = probe as { readonly grpc?: { readonly port?: number } };
  if (grpc !== undefined) return `gRPC :${grpc.port ?? ''}`;
  const command = (exec?.command ?? []).join(' ').replace(/\s+/g, ' ');
  if (command === '') return undefined;
  return command.length > maxCommandChars ? `${command.slice(0, maxCommandChars - 1)}…` : command;
}
