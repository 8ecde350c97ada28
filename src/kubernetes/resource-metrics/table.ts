import type { Usage } from '#kubernetes/usage';
import { cpuText, memoryText, windowText } from './quantity-text.ts';

/** What `kubectl get podmetrics` prints of one object. */
export interface Row {
  readonly name: string;
  readonly namespace?: string;
  readonly usage: Usage;
  readonly windowMs: number;
}

interface TableItem {
  readonly row: Row;
  readonly labels: Readonly<Record<string, string>>;
}

const columns = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the resource' },
  { name: 'cpu', type: 'string', format: '', description: 'Cores in use' },
  { name: 'memory', type: 'string', format: '', description: 'Working set in use' },
  { name: 'Window', type: 'string', format: '', description: 'What the CPU is the mean of' },
].map((column) => ({ ...column, priority: 0 }));

/** The first media type that we can answer decides. */
export function isTableWanted(accept: string): boolean {
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type === 'application/json' && parameters.includes('as=table')) return true;
    if (type === 'application/json' || type === '*/*') return false;
  }
  return false;
}

export function tableOf(items: readonly TableItem[], creationTimestamp: string): unknown {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columns,
    rows: items.map(({ row: { name, namespace, usage, windowMs }, labels }) => ({
      cells: [name, cpuText(usage.cpuCores), memoryText(usage.memoryBytes), windowText(windowMs)],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          creationTimestamp,
          labels,
        },
      },
    })),
  };
}
