import type { Consumption, Reservation } from '../../../api/kubernetes.ts';
import type { Format } from '../../../i18n/format.ts';
import type { useMessages } from '../../../i18n/messages.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { coresText } from '../subject/chart-spec.ts';
import type { kubernetesWords } from '../words.ts';
import { AgeCell, NamespaceLink, UsageCell } from './cells.tsx';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

/** Columns that several lists have. */

export const namespaceColumn = <T extends { readonly namespace: string }>(
  m: Words,
  width: number,
): Column<T> => ({
  id: 'namespace',
  header: m.namespace,
  value: (row) => row.namespace,
  cell: (row) => <NamespaceLink isQuiet namespace={row.namespace} />,
  width,
});

/** CPU and memory, beside what was asked for and what is allowed. */
export const usageColumns = <T extends Consumption & Reservation>(
  m: Words,
  f: Format,
): readonly Column<T>[] => [
  {
    id: 'cpuCores',
    header: m.cpu,
    value: (row) => row.cpuCores,
    cell: (row) => (
      <UsageCell
        used={row.cpuCores}
        request={row.cpuRequestCores}
        limit={row.cpuLimitCores}
        format={(value) => coresText(value, f)}
      />
    ),
    width: 122,
    kind: 'number',
  },
  {
    id: 'memoryBytes',
    header: m.memory,
    value: (row) => row.memoryBytes,
    cell: (row) => (
      <UsageCell
        used={row.memoryBytes}
        request={row.memoryRequestBytes}
        limit={row.memoryLimitBytes}
        format={f.bytes}
      />
    ),
    width: 140,
    kind: 'number',
  },
];

export const ageColumn = <T extends { readonly createdAt: number }>(m: Words): Column<T> => ({
  id: 'createdAt',
  header: m.age,
  value: (row) => row.createdAt,
  cell: (row) => <AgeCell sinceMs={row.createdAt} nowMs={Date.now()} />,
  width: 92,
  kind: 'number',
});
