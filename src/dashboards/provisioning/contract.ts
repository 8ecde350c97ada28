import type { DashboardDocument } from '#dashboards/store';

/** Where a provided dashboard goes. */
export type FolderChoice =
  /** Titles from the top on; empty: no folder. */
  | { readonly path: readonly string[] }
  /** One folder by its uid, made with this title if it is not there. */
  | { readonly uid: string; readonly title: string };

/** A dashboard that a file or an object of the cluster holds. */
export interface Provided {
  /** Where it is: a path, `configmaps/NAMESPACE/NAME/KEY`. */
  readonly externalId: string;
  /** Changes whenever the document does. */
  readonly checksum: string;
  /** The document's, or one made of the place. */
  readonly uid: string;
  readonly folder: FolderChoice;
  /** Asked only when something has changed. @throws what is wrong with it */
  load(): Promise<DashboardDocument> | DashboardDocument;
}

/** Something that is not taken, and why. */
export interface ProvisioningProblem {
  /** `FILE`, `FILE:LINE`, `configmaps/NAMESPACE/NAME/KEY`. */
  readonly place: string;
  readonly message: string;
}

/** Everything that one source provides now. */
export interface SourceContent {
  /** `file:NAME`, `kubernetes/configmaps`. */
  readonly source: string;
  readonly provided: readonly Provided[];
  /** Whether a place cannot be read now: what came from there stays. */
  readonly isUnreadable: (externalId: string) => boolean;
  readonly allowUiUpdates: boolean;
  /** What is no longer provided belongs to people then; otherwise it is deleted. */
  readonly keepsRemoved: boolean;
}

/** To show. */
export interface SourceStatus {
  readonly source: string;
  readonly dashboards: number;
  readonly problems: readonly ProvisioningProblem[];
}
