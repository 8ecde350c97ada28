import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { quantityThousandths, quantityUnits } from './quantity.ts';

/** What containers ask for or are held to; undefined: none of them says. */
export interface ResourceSums {
  readonly cpuCores: number | undefined;
  readonly memoryBytes: number | undefined;
}

type Kind = 'requests' | 'limits';

/** Of one container. Quantities that cannot be read do not count. */
export function containerResources(container: Container, kind: Kind): ResourceSums {
  const amounts = container.resources?.[kind];
  return {
    cpuCores: amount(amounts?.['cpu'], quantityThousandths),
    memoryBytes: amount(amounts?.['memory'], quantityUnits),
  };
}

/** Of a pod as the scheduler counts it, without what an init container needs for a moment. */
export function podResources({ spec }: Pod): Readonly<Record<Kind, ResourceSums>> {
  const containers = spec?.containers ?? [];
  const running = spec?.initContainers?.filter(
    (one) => (one as { restartPolicy?: string }).restartPolicy === 'Always',
  );
  const all = running === undefined ? containers : [...containers, ...running];
  const overhead = {
    cpuCores: amount(spec?.overhead?.['cpu'], quantityThousandths),
    memoryBytes: amount(spec?.overhead?.['memory'], quantityUnits),
  };
  const requests = sum([...all.map((one) => containerResources(one, 'requests')), overhead]);
  return { requests, limits: sum(all.map((one) => containerResources(one, 'limits'))) };
}

function sum(parts: readonly ResourceSums[]): ResourceSums {
  let cpuCores: number | undefined;
  let memoryBytes: number | undefined;
  for (const part of parts) {
    if (part.cpuCores !== undefined) cpuCores = (cpuCores ?? 0) + part.cpuCores;
    if (part.memoryBytes !== undefined) memoryBytes = (memoryBytes ?? 0) + part.memoryBytes;
  }
  return { cpuCores, memoryBytes };
}

function amount(text: unknown, read: (text: string) => number): number | undefined {
  if (text === undefined || text === null) return undefined;
  try {
    return read(String(text));
  } catch {
    return undefined;
  }
}

/** A time of the API (RFC 3339, or what a client has made of it) in Unix ms; undefined: none. */
export function timeMsOf(time: unknown): number | undefined {
  if (typeof time !== 'string' && !(time instanceof Date)) return undefined;
  const timeMs = time instanceof Date ? time.getTime() : Date.parse(time);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
