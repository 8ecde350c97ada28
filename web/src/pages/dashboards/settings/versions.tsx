import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { GitCompare, History, RotateCcw } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { dashboardStoreApi, type WireVersion } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { IconButton } from '../../../ui/button.tsx';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Select } from '../../../ui/select.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { toast } from '../../../ui/toast.tsx';
import { Comparison } from './compare.tsx';
import css from './settings.module.css';
import { settingsWords } from './words.ts';

/** The history of a dashboard: who saved what, compared and restored. */
export function Versions({
  uid,
  current,
  canSave,
}: {
  readonly uid: string;
  readonly current: number;
  readonly canSave: boolean;
}): ReactNode {
  const m = useMessages(settingsWords);
  const setView = useSetView();
  const sort = parseSort(useTextParam('sort'));
  const [base, next] = [Number(useTextParam('base')), Number(useTextParam('new'))];
  const [restoring, setRestoring] = useState<number>();
  const query = useQuery({
    queryKey: ['dashboards', 'versions', uid, current],
    queryFn: ({ signal }) => dashboardStoreApi.versions(uid, signal),
  });
  const versions = query.data ?? [];
  const compare = (from: number, to: number): void =>
    setView({ base: String(from), new: String(to) });
  const columns = useColumns({ current, canSave, compare, restore: setRestoring });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonLines count={10} />;
  const options = versions.map(({ version }) => ({
    value: String(version),
    label: String(version),
  }));
  return (
    <div className={css.versions}>
      <div className={css.main}>
        <DataTable
          id="dashboard-versions"
          label={m.versions}
          columns={columns}
          rows={versions}
          rowKey={({ version }) => String(version)}
          sort={sort}
          onSort={(value) => setView({ sort: sortText(value) }, { replace: true })}
          onOpen={({ version }) => compare(Math.max(1, version - 1), version)}
          selectedKey={next > 0 ? String(next) : undefined}
          tools={
            options.length > 1 && (
              <>
                <span className={css.note}>{m.base}</span>
                <Select
                  label={m.base}
                  value={String(base || versions[1]?.version)}
                  options={options}
                  onChange={(value) => compare(Number(value), next || current)}
                />
                <span className={css.note}>{m.next}</span>
                <Select
                  label={m.next}
                  value={String(next || current)}
                  options={options}
                  onChange={(value) => compare(base || (versions[1]?.version ?? 1), Number(value))}
                />
              </>
            )
          }
          empty={<Empty icon={History} title={m.noVersions} />}
        />
      </div>
      {base > 0 && next > 0 && (
        <Comparison
          uid={uid}
          base={base}
          next={next}
          onClose={() => setView({ base: undefined, new: undefined })}
        />
      )}
      {restoring !== undefined && (
        <RestoreDialog uid={uid} version={restoring} onClose={() => setRestoring(undefined)} />
      )}
    </div>
  );
}

function useColumns({
  current,
  canSave,
  compare,
  restore,
}: {
  readonly current: number;
  readonly canSave: boolean;
  readonly compare: (from: number, to: number) => void;
  readonly restore: (version: number) => void;
}): readonly Column<WireVersion>[] {
  const m = useMessages(settingsWords);
  const f = useFormat();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what rows call does not change them
  return useMemo(
    (): readonly Column<WireVersion>[] => [
      {
        id: 'version',
        header: m.version,
        width: 110,
        fixed: true,
        kind: 'number',
        value: ({ version }) => version,
        cell: ({ version }) => (version === current ? `${version} · ${m.current}` : version),
      },
      {
        id: 'when',
        header: m.when,
        width: 200,
        kind: 'number',
        value: ({ created }) => Date.parse(created),
        cell: ({ created }) => (
          <time title={f.exactTime(Date.parse(created))}>{f.dateTime(Date.parse(created))}</time>
        ),
      },
      { id: 'who', header: m.who, width: 160, value: ({ createdBy }) => createdBy },
      {
        id: 'message',
        header: m.message,
        width: 240,
        grow: true,
        value: ({ message, restoredFrom }) =>
          message || (restoredFrom > 0 ? m.restoredFrom(String(restoredFrom)) : ''),
      },
      {
        id: 'actions',
        header: '',
        width: 84,
        fixed: true,
        pinned: true,
        sortable: false,
        value: () => '',
        cell: ({ version }) => (
          <>
            <IconButton
              icon={GitCompare}
              look="quiet"
              label={m.compare}
              disabled={version === 1}
              onClick={() => compare(version - 1, version)}
            />
            {canSave && version !== current && (
              <IconButton
                icon={RotateCcw}
                look="quiet"
                label={`${m.restore} ${version}`}
                onClick={() => restore(version)}
              />
            )}
          </>
        ),
      },
    ],
    [m, f, current, canSave],
  );
}

function RestoreDialog({
  uid,
  version,
  onClose,
}: {
  readonly uid: string;
  readonly version: number;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(settingsWords);
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => dashboardStoreApi.restore(uid, version),
    onSuccess: async () => {
      onClose();
      toast(m.restored(String(version)));
      await Promise.all(
        ['dashboards', 'dashboard'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.restoreTitle(String(version))}
      action={m.restore}
      busy={restore.isPending}
      onSubmit={() => restore.mutate()}
    >
      <p>{m.restoreText}</p>
      {restore.isError && <ErrorState error={restore.error} />}
    </FormDialog>
  );
}
