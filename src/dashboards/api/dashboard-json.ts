import { slugOf } from '#dashboards/model';
import type { DashboardEntry, DashboardStore, Folder, StoredDashboard } from '#dashboards/store';
import { isAllowed, type Principal } from '#server';
import type { Json } from './http.ts';

export const timeText = (timeMs: number): string => new Date(timeMs).toISOString();

/** Path of a dashboard's page. */
export const dashboardUrl = ({ uid, title }: Pick<DashboardEntry, 'uid' | 'title'>): string =>
  `/d/${uid}/${slugOf(title)}`;

export const folderUrl = ({ uid, title }: Pick<Folder, 'uid' | 'title'>): string =>
  `/dashboards/f/${uid}/${slugOf(title)}`;

/** What is not in a folder is in this one. */
export const rootFolder = { id: 0, uid: '', title: 'Dashboards' } as const;

/** `general` is another name of no folder. */
export const folderUidOf = (uid: string): string => (uid === 'general' ? '' : uid);

/** Answer to a save. */
export const savedJson = ({ entry }: StoredDashboard): Json => ({
  id: entry.id,
  uid: entry.uid,
  url: dashboardUrl(entry),
  status: 'success',
  version: entry.version,
  slug: slugOf(entry.title),
  folderUid: entry.folderUid,
});

/** The document with its number. */
export const documentJson = ({ entry, document }: StoredDashboard): Json => ({
  ...document,
  id: entry.id,
});

/** What stands beside the document. */
export function metaJson(
  entry: DashboardEntry,
  store: DashboardStore,
  caller: { readonly principal: Principal; readonly isStarred: boolean },
): Json {
  const { provisioned } = entry;
  const folder = store.folders.get(entry.folderUid);
  const mayEdit = isAllowed(caller.principal.role, 'editor');
  const isLocked = provisioned !== undefined && !provisioned.allowUiUpdates;
  const rights = { canAdd: mayEdit, canEdit: mayEdit, canDelete: mayEdit };
  return {
    type: 'db',
    canSave: mayEdit && !isLocked,
    canEdit: mayEdit,
    canAdmin: isAllowed(caller.principal.role, 'admin'),
    canStar: true,
    canDelete: mayEdit && provisioned === undefined,
    isStarred: caller.isStarred,
    slug: slugOf(entry.title),
    url: dashboardUrl(entry),
    expires: '0001-01-01T00:00:00Z',
    created: timeText(entry.createdMs),
    updated: timeText(entry.updatedMs),
    createdBy: entry.createdBy,
    updatedBy: entry.updatedBy,
    version: entry.version,
    hasAcl: false,
    isFolder: false,
    apiVersion: 'v1beta1',
    folderId: folder?.id ?? 0,
    folderUid: entry.folderUid,
    folderTitle: folder?.title ?? rootFolder.title,
    folderUrl: folder === undefined ? '' : folderUrl(folder),
    provisioned: isLocked,
    provisionedExternalId: provisioned?.externalId ?? '',
    annotationsPermissions: { dashboard: rights, organization: rights },
  };
}
