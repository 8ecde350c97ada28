import { type ReactNode, useMemo } from 'react';
import type { ListQuery, PodRow } from '../../../api/kubernetes.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { kubernetesWords } from '../words.ts';
import { HealthStatus, NodeLink, PodLink, WorkloadLink } from './cells.tsx';
import { ageColumn, namespaceColumn, usageColumns } from './columns.tsx';
import css from './lists.module.css';
import { ListPage, ObjectTable } from './object-page.tsx';

export function Pods(): ReactNode {
  const words = useMessages(frameWords);
  return (
    <ListPage title={words.pods}>
      <PodTable />
    </ListPage>
  );
}

/** Pods of the cluster, or of a node, a workload, a namespace. */
export function PodTable({
  scope,
  leaveOut = [],
}: {
  readonly scope?: ListQuery;
  /** Columns that would say the same in every row. */
  readonly leaveOut?: readonly string[];
}): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const out = leaveOut.join(' ');
  const isBeside = scope !== undefined;
  const columns = useMemo((): readonly Column<PodRow>[] => {
    const all: readonly Column<PodRow>[] = [
      {
        id: 'status',
        header: m.state,
        value: (row) => row.status,
        cell: (row) => <HealthStatus health={row.health}>{row.status}</HealthStatus>,
        width: 168,
        fixed: true,
      },
      {
        id: 'name',
        header: m.name,
        value: (row) => row.name,
        cell: (row) => <PodLink namespace={row.namespace} pod={row.name} />,
        width: 250,
        kind: 'mono',
        grow: true,
        fixed: true,
      },
      namespaceColumn(m, 120),
      {
        id: 'ready',
        header: m.ready,
        value: (row) => `${row.readyContainers}/${countedContainers(row)}`,
        width: 66,
        kind: 'number',
        sortable: false,
      },
      {
        id: 'restarts',
        header: m.restarts,
        value: (row) => row.restarts,
        cell: (row) => (
          <span
            className={row.restarts === 0 ? css.dim : undefined}
            title={row.lastRestartAt === undefined ? '' : f.exactTime(row.lastRestartAt)}
          >
            {f.number(row.restarts)}
            {row.lastRestartAt !== undefined && row.restarts > 0 && (
              <span className={css.dim}> {f.ago(row.lastRestartAt, Date.now())}</span>
            )}
          </span>
        ),
        width: 118,
        kind: 'number',
      },
      ...usageColumns<PodRow>(m, f),

      {
        id: 'node',
        header: m.node,
        value: (row) => row.node,
        cell: (row) => (row.node === undefined ? <span /> : <NodeLink isQuiet node={row.node} />),
        width: 130,
      },
      {
        id: 'workload',
        header: m.workload,
        value: (row) => row.workload.name,
        cell: (row) => <WorkloadLink isQuiet namespace={row.namespace} {...row.workload} />,
        width: 140,
        sortable: false,
      },
      ageColumn(m),
    ];
    const shown = all.filter(({ id }) => !out.split(' ').includes(id));
    return isBeside ? besideOrder(shown) : shown;
  }, [m, f, out, isBeside]);
  return (
    <ObjectTable
      name="pods"
      label={words.pods}
      {...(scope === undefined ? {} : { scope })}
      columns={columns}
      rowKey={rowKey}
      linkOf={linkOf}
      hasNamespace
      hasHealth
      isBeside={isBeside}
    />
  );
}

/** With little room: how it is and what it uses first, in narrower columns. */
function besideOrder(columns: readonly Column<PodRow>[]): readonly Column<PodRow>[] {
  const widths: Readonly<Record<string, number>> = {
    status: 136,
    name: 180,
    restarts: 76,
    cpuCores: 108,
    memoryBytes: 128,
  };
  const order = Object.keys(widths);
  const rank = ({ id }: Column<PodRow>): number =>
    order.includes(id) ? order.indexOf(id) : order.length;
  return columns
    .toSorted((a, b) => rank(a) - rank(b))
    .map((column) => ({ ...column, width: widths[column.id] ?? column.width }));
}

const countedContainers = ({ containers }: PodRow): number =>
  containers.filter(({ type }) => type === 'container' || type === 'sidecar').length;

const rowKey = (row: PodRow): string => `${row.namespace}/${row.name}`;
const linkOf = ({ namespace, name }: PodRow): { to: string; search: object } => ({
  to: '/kubernetes/pod',
  search: { namespace, pod: name },
});
