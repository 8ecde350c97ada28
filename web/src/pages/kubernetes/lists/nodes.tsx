import { type ReactNode, useMemo } from 'react';
import type { NodeRow } from '../../../api/kubernetes.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { coresText } from '../subject/chart-spec.ts';
import { kubernetesWords } from '../words.ts';
import { HealthStatus, NodeLink, UsageCell } from './cells.tsx';
import { ageColumn } from './columns.tsx';
import { ListPage, ObjectTable } from './object-page.tsx';

export function Nodes(): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const columns = useMemo(
    (): readonly Column<NodeRow>[] => [
      {
        id: 'health',
        header: m.state,
        value: (row) => row.health,
        cell: (row) => <HealthStatus health={row.health}>{nodeStateText(row, m)}</HealthStatus>,
        width: 140,
        fixed: true,
        sortable: false,
      },
      {
        id: 'name',
        header: m.name,
        value: (row) => row.name,
        cell: (row) => <NodeLink node={row.name} />,
        width: 200,
        kind: 'mono',
        grow: true,
        fixed: true,
      },
      {
        id: 'cpuRatio',
        header: m.cpu,
        value: (row) => row.cpuCores,
        cell: (row) => (
          <UsageCell
            used={row.cpuCores}
            request={row.cpuRequestCores}
            limit={row.allocatable.cpuCores}
            format={(value) => coresText(value, f)}
          />
        ),
        width: 122,
        kind: 'number',
      },
      {
        id: 'cpuRequestRatio',
        header: m.cpuRequested,
        value: (row) => ratio(row.cpuRequestCores, row.allocatable.cpuCores),
        cell: (row) => (
          <span>{f.percent(ratio(row.cpuRequestCores, row.allocatable.cpuCores) ?? 0)}</span>
        ),
        width: 116,
        kind: 'number',
      },
      {
        id: 'memoryRatio',
        header: m.memory,
        value: (row) => row.memoryBytes,
        cell: (row) => (
          <UsageCell
            used={row.memoryBytes}
            request={row.memoryRequestBytes}
            limit={row.allocatable.memoryBytes}
            format={f.bytes}
          />
        ),
        width: 140,
        kind: 'number',
      },
      {
        id: 'memoryRequestRatio',
        header: m.memoryRequested,
        value: (row) => ratio(row.memoryRequestBytes, row.allocatable.memoryBytes),
        cell: (row) => (
          <span>{f.percent(ratio(row.memoryRequestBytes, row.allocatable.memoryBytes) ?? 0)}</span>
        ),
        width: 138,
        kind: 'number',
      },
      {
        id: 'pods',
        header: words.pods,
        value: (row) => row.pods,
        cell: (row) => (
          <span>
            {f.number(row.pods)}/{f.number(row.allocatable.pods)}
          </span>
        ),
        width: 80,
        kind: 'number',
      },
      { id: 'instanceType', header: m.instanceType, value: (row) => row.instanceType, width: 112 },
      { id: 'zone', header: m.zone, value: (row) => row.zone, width: 124 },
      { id: 'version', header: m.version, value: (row) => row.version, width: 92 },
      ageColumn(m),
    ],
    [m, words, f],
  );
  return (
    <ListPage title={words.nodes}>
      <ObjectTable
        name="nodes"
        label={words.nodes}
        columns={columns}
        rowKey={({ name }) => name}
        linkOf={linkOf}
        hasNamespace={false}
        hasHealth
      />
    </ListPage>
  );
}

const linkOf = ({ name }: NodeRow): { to: string; search: object } => ({
  to: '/kubernetes/node',
  search: { node: name },
});

export const ratio = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole === 0 ? undefined : part / whole;

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

/** `Ready`, or what keeps it from being so. */
export function nodeStateText(
  row: Pick<NodeRow, 'ready' | 'problems' | 'unschedulable'>,
  m: Words,
): string {
  const problems = row.problems.filter((problem) => problem !== 'NotReady');
  return [
    row.ready ? (problems.length === 0 ? m.nodeReady : '') : m.nodeNotReady,
    ...problems,
    ...(row.unschedulable ? [m.cordoned] : []),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
