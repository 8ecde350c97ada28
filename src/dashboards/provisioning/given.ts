import type { DashboardDocument } from '#dashboards/store';
import type { FolderChoice, SourceContent } from './contract.ts';
import { checksumOf } from './json-text.ts';

/** A document that is at hand: nothing is to be read, nothing can be missing for now. */
export interface GivenDocument {
  readonly uid: string;
  readonly document: DashboardDocument;
}

/** Documents of one source in one folder; what is no longer among them is deleted. */
export const documentsOf = (
  source: string,
  folder: FolderChoice,
  documents: readonly GivenDocument[],
): SourceContent => ({
  source,
  provided: documents.map(({ uid, document }) => ({
    externalId: uid,
    checksum: checksumOf(JSON.stringify(document)),
    uid,
    folder,
    load: () => document,
  })),
  isUnreadable: () => false,
  allowUiUpdates: false,
  keepsRemoved: false,
});
