/** A classic dashboard document as its author gave it: keys that nobody knows live on. */
export type DashboardDocument = Readonly<Record<string, unknown>>;

/** A dashboard that comes from a file or an object of the cluster. */
export interface Provenance {
  /** Who provides it: `file:NAME` of a provider, `kubernetes`. */
  readonly source: string;
  /** Where it is there: a path, `configmaps/NAMESPACE/NAME/KEY`. */
  readonly externalId: string;
  /** Of what was read last: the same is not written again. */
  readonly checksum: string;
  /** Whether people may save it; the next change of the file wins all the same. */
  readonly allowUiUpdates: boolean;
}

/** What is known of a dashboard without reading its document. Times are ms since the epoch. */
export interface DashboardEntry {
  readonly uid: string;
  /** The same for the same uid, always. */
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Empty: not in a folder. */
  readonly folderUid: string;
  /** One more with each save. */
  readonly version: number;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly updatedMs: number;
  readonly updatedBy: string;
  readonly provisioned: Provenance | undefined;
  /** Uids of the library panels that it shows. */
  readonly libraryPanels: readonly string[];
}

export interface StoredDashboard {
  readonly entry: DashboardEntry;
  /** Has `uid` and `version`, and no `id`. */
  readonly document: DashboardDocument;
}

export interface SaveDashboard {
  /** Its `uid` names what is replaced; without one the dashboard is new and gets one. */
  readonly document: DashboardDocument;
  /** Undefined: where it is, or no folder. */
  readonly folderUid?: string | undefined;
  /** For the history. */
  readonly message?: string | undefined;
  /** Replaces whatever version is held, and a dashboard of the same title in the folder. */
  readonly overwrite?: boolean | undefined;
  /** Refused where the other is the case. */
  readonly only?: 'create' | 'update' | undefined;
  /** Version whose document this is again. */
  readonly restoredFrom?: number | undefined;
  /** Name of who saves. */
  readonly by: string;
}

export interface ProvisionDashboard {
  readonly document: DashboardDocument;
  /** Used where the document has none. */
  readonly uid: string;
  readonly folderUid: string;
  readonly provenance: Provenance;
}

/** A dashboard as it was once. */
export interface DashboardVersion {
  readonly version: number;
  /** 0: it was made so. */
  readonly parentVersion: number;
  /** 0: it was not restored. */
  readonly restoredFrom: number;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly message: string;
  readonly document: DashboardDocument;
}

export interface Folder {
  readonly uid: string;
  readonly id: number;
  readonly title: string;
  readonly description: string;
  /** Empty: at the top. */
  readonly parentUid: string;
  readonly version: number;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly updatedMs: number;
  readonly updatedBy: string;
}

/** What lies in folders besides dashboards, kept by others: alert rules. */
export interface FolderGuests {
  /** In any of these folders. */
  count(folderUids: readonly string[]): number;
  /** Deletes them. @throws when one of them may not be deleted; then nothing was */
  remove(folderUids: readonly string[], by: string): Promise<void>;
}

export interface FolderCounts {
  readonly dashboards: number;
  readonly folders: number;
  readonly libraryPanels: number;
  readonly alertRules: number;
}

export interface SearchQuery {
  /** Each word must be somewhere in the title. */
  readonly text?: string | undefined;
  /** All of them. */
  readonly tags?: readonly string[] | undefined;
  readonly type?: 'dash-db' | 'dash-folder' | undefined;
  readonly dashboardUids?: readonly string[] | undefined;
  /** Directly in one of these; `''` is outside of all folders. */
  readonly folderUids?: readonly string[] | undefined;
  /** Only these, as those with a star. */
  readonly among?: ReadonlySet<string> | undefined;
  readonly sort?: SearchSort | undefined;
  readonly limit: number;
  /** From 1. */
  readonly page: number;
}

export type SearchSort = 'alpha-asc' | 'alpha-desc' | 'updated-desc' | 'updated-asc';

export type SearchHit =
  | { readonly type: 'dash-folder'; readonly folder: Folder }
  | { readonly type: 'dash-db'; readonly dashboard: DashboardEntry };

export interface TagCount {
  readonly term: string;
  readonly count: number;
}

/** A panel (kind 1) or a variable (kind 2) that several dashboards share. */
export interface LibraryElement {
  readonly uid: string;
  readonly id: number;
  readonly name: string;
  readonly kind: 1 | 2;
  readonly folderUid: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly updatedMs: number;
  readonly updatedBy: string;
}

/** A note at a time or over a part of it. */
export interface Annotation {
  readonly id: number;
  /** Undefined: of no dashboard, found by its tags. */
  readonly dashboardUid: string | undefined;
  readonly panelId: number | undefined;
  readonly timeMs: number;
  /** Equal to `timeMs` for a moment. */
  readonly timeEndMs: number;
  readonly text: string;
  readonly tags: readonly string[];
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly by: string;
}

export interface AnnotationQuery {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly dashboardUid?: string | undefined;
  readonly panelId?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  /** One of the tags is enough. */
  readonly matchAny?: boolean | undefined;
  readonly limit: number;
}

/** What a person or everybody has chosen; absent: not chosen. */
export interface Preferences {
  readonly theme?: string;
  /** `browser`, `utc` or an IANA name. */
  readonly timezone?: string;
  readonly weekStart?: string;
  readonly language?: string;
  readonly homeDashboardUid?: string;
}

export interface DashboardLimits {
  /** Of dashboards, of folders and of library elements each. */
  readonly maxCount: number;
  readonly maxSizeBytes: number;
  /** Of each dashboard; older ones go. */
  readonly maxVersions: number;
}
