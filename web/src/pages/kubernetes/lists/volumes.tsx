import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { ListQuery, VolumeRow } from '../../../api/kubernetes.ts';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { Status } from '../../../ui/states.tsx';
import { kubernetesWords } from '../words.ts';
import { PodLink, UsageCell } from './cells.tsx';
import { ageColumn, namespaceColumn } from './columns.tsx';
import css from './lists.module.css';
import { ListPage, ObjectTable } from './object-page.tsx';

const phaseKinds = { Bound: 'ok', Pending: 'warning', Lost: 'critical' } as const;

export const volumeKind = (phase: string): 'ok' | 'warning' | 'critical' | 'unknown' =>
  phaseKinds[phase as keyof typeof phaseKinds] ?? 'unknown';

export function Volumes(): ReactNode {
  const words = useMessages(frameWords);
  return (
    <ListPage title={words.volumes}>
      <VolumeTable />
    </ListPage>
  );
}

export function VolumeTable({ scope }: { readonly scope?: ListQuery }): ReactNode {
  const words = useMessages(frameWords);
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const columns = useMemo(
    (): readonly Column<VolumeRow>[] => [
      {
        id: 'phase',
        header: m.state,
        value: (row) => row.phase,
        cell: (row) => <Status kind={volumeKind(row.phase)}>{row.phase}</Status>,
        width: 120,
        fixed: true,
      },
      {
        id: 'name',
        header: m.name,
        value: (row) => row.name,
        cell: (row) => (
          <Link
            to={'/kubernetes/volume' as string}
            search={{ namespace: row.namespace, claim: row.name } as never}
          >
            {row.name}
          </Link>
        ),
        width: 220,
        kind: 'mono',
        grow: true,
        fixed: true,
      },
      namespaceColumn(m, 130),
      {
        id: 'usedBytes',
        header: m.used,
        value: (row) => row.usedBytes,
        cell: (row) => (
          <UsageCell used={row.usedBytes} limit={row.capacityBytes} format={f.bytes} />
        ),
        width: 140,
        kind: 'number',
      },
      {
        id: 'capacityBytes',
        header: m.capacity,
        value: (row) => row.capacityBytes ?? row.requestBytes,
        cell: (row) => {
          const bytes = row.capacityBytes ?? row.requestBytes;
          return <span>{bytes === undefined ? '' : f.bytes(bytes)}</span>;
        },
        width: 100,
        kind: 'number',
      },
      {
        id: 'inodes',
        header: m.inodes,
        value: (row) => row.inodesUsed,
        cell: (row) => (
          <UsageCell
            used={row.inodesUsed}
            limit={row.inodes}
            format={(value) => f.compact(value)}
          />
        ),
        width: 120,
        kind: 'number',
        sortable: false,
      },
      {
        id: 'pods',
        header: words.pods,
        value: (row) => row.pods.join(' '),
        cell: (row) => (
          <span className={css.clip}>
            {row.pods[0] !== undefined && <PodLink namespace={row.namespace} pod={row.pods[0]} />}
            {row.pods.length > 1 && <span className={css.dim}> +{row.pods.length - 1}</span>}
          </span>
        ),
        width: 180,
        sortable: false,
      },
      {
        id: 'storageClass',
        header: m.storageClass,
        value: (row) => row.storageClass,
        width: 120,
        sortable: false,
      },
      ageColumn(m),
    ],
    [m, words, f],
  );
  return (
    <ObjectTable
      name="volumes"
      label={words.volumes}
      {...(scope === undefined ? {} : { scope })}
      columns={columns}
      rowKey={({ namespace, name }) => `${namespace}/${name}`}
      linkOf={linkOf}
      hasNamespace
      hasHealth={false}
    />
  );
}

const linkOf = ({ namespace, name }: VolumeRow): { to: string; search: object } => ({
  to: '/kubernetes/volume',
  search: { namespace, claim: name },
});
