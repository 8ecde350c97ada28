import { type ReactNode, useMemo } from 'react';
import type { ListQuery, WorkloadRow } from '../../../api/kubernetes.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { Select } from '../../../ui/select.tsx';
import { kubernetesWords } from '../words.ts';
import { HealthStatus, WorkloadLink } from './cells.tsx';
import { ageColumn, namespaceColumn, usageColumns } from './columns.tsx';
import css from './lists.module.css';
import { ListPage, ObjectTable } from './object-page.tsx';

const kinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'ReplicaSet',
  'Pod',
] as const;

export function Workloads(): ReactNode {
  const words = useMessages(frameWords);
  return (
    <ListPage title={words.workloads}>
      <WorkloadTable />
    </ListPage>
  );
}

export function WorkloadTable({ scope }: { readonly scope?: ListQuery }): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const kind = useTextParam('kind');
  const isScoped = scope?.['namespace'] !== undefined;
  const columns = useMemo((): readonly Column<WorkloadRow>[] => {
    const all: readonly Column<WorkloadRow>[] = [
      {
        id: 'health',
        header: m.state,
        value: (row) => row.health,
        cell: (row) => (
          <span title={row.reason} className={css.clip}>
            <HealthStatus health={row.health}>
              {row.health === 'healthy' || row.reason === undefined
                ? m.health[row.health]
                : shortReason(row.reason)}
            </HealthStatus>
          </span>
        ),
        width: 200,
        fixed: true,
        sortable: false,
      },
      {
        id: 'name',
        header: m.name,
        value: (row) => row.name,
        cell: (row) => <WorkloadLink namespace={row.namespace} kind={row.kind} name={row.name} />,
        width: 200,
        kind: 'mono',
        grow: true,
        fixed: true,
      },
      { id: 'kind', header: m.kind, value: (row) => row.kind, width: 110 },
      namespaceColumn(m, 120),
      {
        id: 'ready',
        header: m.ready,
        value: (row) => row.ready,
        cell: (row) => (
          <span className={row.ready < row.desired && row.health !== 'idle' ? css.bad : undefined}>
            {f.number(row.ready)}/{f.number(row.desired)}
          </span>
        ),
        width: 72,
        kind: 'number',
      },
      {
        id: 'restarts',
        header: m.restarts,
        value: (row) => row.restarts,
        cell: (row) => (
          <span className={row.restarts === 0 ? css.dim : undefined}>{f.number(row.restarts)}</span>
        ),
        width: 84,
        kind: 'number',
      },
      ...usageColumns<WorkloadRow>(m, f),

      {
        id: 'images',
        header: m.image,
        value: (row) => row.images.join(' '),
        cell: (row) => <span title={row.images.join('\n')}>{row.images.join(' ')}</span>,
        width: 190,
        kind: 'mono',
        sortable: false,
      },
      ageColumn(m),
    ];
    return all.filter(({ id }) => !isScoped || id !== 'namespace');
  }, [m, f, isScoped]);
  return (
    <ObjectTable
      name="workloads"
      label={words.workloads}
      scope={{ kind, ...scope }}
      columns={columns}
      rowKey={rowKey}
      linkOf={linkOf}
      hasNamespace
      hasHealth
      isBeside={isScoped}
      tools={
        <Select
          label={m.kind}
          value={kind}
          options={[
            { value: '', label: m.allKinds },
            ...kinds.map((value) => ({ value, label: value })),
          ]}
          onChange={(next) => setView({ kind: next }, { replace: true })}
        />
      }
    />
  );
}

/** `web-1: CrashLoopBackOff`: which of its pods is said by its page. */
const shortReason = (reason: string): string => /^[a-z0-9.-]+: (\S.*)$/.exec(reason)?.[1] ?? reason;

const rowKey = (row: WorkloadRow): string => `${row.namespace}/${row.kind}/${row.name}`;
const linkOf = ({ namespace, kind, name }: WorkloadRow): { to: string; search: object } =>
  kind === 'Pod'
    ? { to: '/kubernetes/pod', search: { namespace, pod: name } }
    : { to: '/kubernetes/workload', search: { namespace, kind, name } };
