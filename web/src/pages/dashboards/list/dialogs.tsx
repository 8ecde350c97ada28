import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { currentSchemaVersion } from '../../../../../src/dashboards/model/limits.ts';
import { dashboardStoreApi, type WireHit } from '../../../api/dashboard-store.ts';
import { common } from '../../../i18n/common.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { ConfirmByName, FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import { FolderSelect } from './folder-select.tsx';
import { useRefreshDashboards } from './use-list.ts';
import { listWords } from './words.ts';

interface DialogProps {
  readonly onClose: () => void;
}

/** Asks for one title, which must not be empty nor what it is already. */
function TitleDialog({
  heading,
  label,
  action,
  title,
  titleBefore,
  onTitle,
  saving,
  onClose,
}: DialogProps & {
  readonly heading: string;
  readonly label: string;
  readonly action: string;
  readonly title: string;
  readonly titleBefore?: string;
  readonly onTitle: (title: string) => void;
  readonly saving: Pick<UseMutationResult<unknown, Error, void>, 'mutate' | 'isPending' | 'error'>;
}): ReactNode {
  const trimmed = title.trim();
  return (
    <FormDialog
      open
      onClose={onClose}
      title={heading}
      action={action}
      disabled={trimmed === '' || trimmed === titleBefore}
      busy={saving.isPending}
      onSubmit={() => saving.mutate()}
    >
      <Field label={label}>
        {(control) => <TextInput {...control} value={title} onChange={onTitle} />}
      </Field>
      {saving.error !== null && <ErrorState error={saving.error} />}
    </FormDialog>
  );
}

export function NewFolderDialog({
  parentUid,
  onClose,
  onMade,
}: DialogProps & {
  readonly parentUid: string;
  readonly onMade?: (uid: string) => void;
}): ReactNode {
  const m = useMessages(listWords);
  const c = useMessages(common);
  const refresh = useRefreshDashboards();
  const [title, setTitle] = useState('');
  const create = useMutation({
    mutationFn: () => dashboardStoreApi.createFolder(title.trim(), parentUid),
    onSuccess: async (folder) => {
      await refresh();
      onClose();
      toast(m.folderMade(folder.title));
      onMade?.(folder.uid);
    },
  });
  return (
    <TitleDialog
      heading={m.createFolder}
      label={m.folderTitle}
      action={c.create}
      title={title}
      onTitle={setTitle}
      saving={create}
      onClose={onClose}
    />
  );
}

/** An empty one: its panels come by its editor or its JSON. */
export function NewDashboardDialog({
  folderUid,
  onClose,
  onMade,
}: DialogProps & {
  readonly folderUid: string;
  readonly onMade: (url: string) => void;
}): ReactNode {
  const m = useMessages(listWords);
  const c = useMessages(common);
  const refresh = useRefreshDashboards();
  const [title, setTitle] = useState('');
  const create = useMutation({
    mutationFn: () =>
      dashboardStoreApi.save({
        dashboard: { title: title.trim(), schemaVersion: currentSchemaVersion, panels: [] },
        folderUid,
      }),
    onSuccess: async ({ url }) => {
      await refresh();
      onClose();
      toast(m.dashboardMade(title.trim()));
      onMade(url);
    },
  });
  return (
    <TitleDialog
      heading={m.createDashboard}
      label={m.dashboardTitle}
      action={c.create}
      title={title}
      onTitle={setTitle}
      saving={create}
      onClose={onClose}
    />
  );
}

export function RenameFolderDialog({
  folder,
  onClose,
}: DialogProps & { readonly folder: WireHit }): ReactNode {
  const m = useMessages(listWords);
  const c = useMessages(common);
  const refresh = useRefreshDashboards();
  const [title, setTitle] = useState(folder.title);
  const rename = useMutation({
    mutationFn: () => dashboardStoreApi.renameFolder(folder.uid, title.trim()),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  return (
    <TitleDialog
      heading={m.renameFolder}
      label={m.folderTitle}
      action={c.save}
      title={title}
      titleBefore={folder.title}
      onTitle={setTitle}
      saving={rename}
      onClose={onClose}
    />
  );
}

/** Of a dashboard or a folder. */
export function MoveDialog({
  hit,
  all,
  onClose,
}: DialogProps & { readonly hit: WireHit; readonly all: readonly WireHit[] }): ReactNode {
  const m = useMessages(listWords);
  const refresh = useRefreshDashboards();
  const [folderUid, setFolderUid] = useState(hit.folderUid ?? '');
  const isFolder = hit.type === 'dash-folder';
  const move = useMutation({
    mutationFn: async () => {
      if (isFolder) await dashboardStoreApi.moveFolder(hit.uid, folderUid);
      else await dashboardStoreApi.move(hit.uid, folderUid);
    },
    onSuccess: async () => {
      await refresh();
      onClose();
      toast(m.moved(hit.title));
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={m.moveTitle(hit.title)}
      action={m.move}
      disabled={folderUid === (hit.folderUid ?? '')}
      busy={move.isPending}
      onSubmit={() => move.mutate()}
    >
      <FolderSelect
        all={all}
        value={folderUid}
        onChange={setFolderUid}
        {...(isFolder ? { without: hit.uid } : {})}
      />
      {move.isError && <ErrorState error={move.error} />}
    </FormDialog>
  );
}

export function DeleteDialog({
  hit,
  onClose,
  onDeleted,
}: DialogProps & { readonly hit: WireHit; readonly onDeleted?: () => void }): ReactNode {
  const m = useMessages(listWords);
  const c = useMessages(common);
  const f = useFormat();
  const refresh = useRefreshDashboards();
  const isFolder = hit.type === 'dash-folder';
  const counts = useQuery({
    // Not among those that are read again once the folder is gone.
    queryKey: ['folder-counts', hit.uid],
    queryFn: ({ signal }) => dashboardStoreApi.counts(hit.uid, signal),
    enabled: isFolder,
    staleTime: 0,
    gcTime: 0,
  });
  const remove = useMutation({
    mutationFn: () =>
      isFolder
        ? // Rules only where their number was read.
          dashboardStoreApi.removeFolder(hit.uid, (counts.data?.alertrule ?? 0) > 0)
        : dashboardStoreApi.remove(hit.uid),
    onSuccess: async () => {
      onClose();
      onDeleted?.();
      await refresh();
      toast(m.deleted(hit.title));
    },
  });
  return (
    <ConfirmByName
      open
      onClose={onClose}
      title={isFolder ? m.deleteFolder : m.deleteDashboard}
      action={c.delete}
      name={hit.title}
      busy={remove.isPending}
      onSubmit={() => remove.mutate()}
    >
      {isFolder ? (
        counts.data !== undefined && (
          <>
            <p>
              {m.deleteFolderText(f.number(counts.data.dashboard), f.number(counts.data.folder))}
            </p>
            {counts.data.alertrule > 0 && (
              <p>
                <strong>{m.deleteRulesText(f.number(counts.data.alertrule))}</strong>
              </p>
            )}
          </>
        )
      ) : (
        <p>{m.deleteDashboardText}</p>
      )}
      {remove.isError && <ErrorState error={remove.error} />}
    </ConfirmByName>
  );
}
