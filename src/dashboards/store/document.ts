import { newUid, readDashboard } from '#dashboards/model';
import type { DashboardDocument } from './contract.ts';
import { invalidDashboard, storeError } from './errors.ts';
import { mustBeUid } from './identity.ts';

/** Said beside the document. What only exported files have stays: whoever shows it needs `__inputs`. */
const transientKeys: ReadonlySet<string> = new Set(['id', 'version']);

const maxTitleLength = 5000;
const maxTags = 500;

/** What is read of a document to list it. */
export interface DocumentFacts {
  readonly uid: string | undefined;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly libraryPanels: readonly string[];
}

/** @throws {AppError} DASHBOARD_INVALID, DASHBOARD_TITLE_EMPTY, UID_TOO_LONG, UID_INVALID */
export function factsOf(document: DashboardDocument): DocumentFacts {
  const { title, description, tags = [], uid } = document;
  const text = typeof title === 'string' ? title.trim() : '';
  if (text === '') throw storeError('DASHBOARD_TITLE_EMPTY');
  if (text.length > maxTitleLength) {
    throw invalidDashboard(`title: at most ${maxTitleLength} characters are allowed`);
  }
  const isBare = uid === undefined || uid === null || uid === '';
  if (!isBare && typeof uid !== 'string') throw invalidDashboard('uid: expected text');
  if (!isBare) mustBeUid(uid as string);
  return {
    uid: isBare ? undefined : (uid as string),
    title: text,
    description: typeof description === 'string' ? description : '',
    tags: tagsOf(tags),
    libraryPanels: [...libraryPanelsOf(document['panels'])],
  };
}

/** A null of some exporters is none. */
function tagsOf(tags: unknown): readonly string[] {
  if (tags === null) return [];
  if (!Array.isArray(tags)) throw invalidDashboard('tags: expected a list of texts');
  if (tags.length > maxTags) throw invalidDashboard(`tags: at most ${maxTags} are allowed`);
  const texts = tags.filter((tag) => typeof tag === 'string' && tag !== '') as string[];
  return [...new Set(texts)];
}

function libraryPanelsOf(panels: unknown): Set<string> {
  const found = new Set<string>();
  const all = Array.isArray(panels) ? panels : [];
  // Rows hold panels, and no rows.
  for (const panel of all.flatMap((one) => [
    one,
    ...(Array.isArray(one?.panels) ? one.panels : []),
  ])) {
    const uid: unknown = panel?.libraryPanel?.uid;
    if (typeof uid === 'string') found.add(uid);
  }
  return found;
}

/** What is kept: the document with its uid and version, without what belongs to another place. */
export function keptDocument(
  document: DashboardDocument,
  uid: string,
  version: number,
): DashboardDocument {
  const kept = Object.entries(document).filter(([key]) => !transientKeys.has(key));
  return { ...Object.fromEntries(kept), uid, version };
}

/**
 * What no page could show is refused while somebody is there to be told.
 * @throws {AppError} DASHBOARD_INVALID @throws {DashboardError} DASHBOARD_TOO_LARGE
 */
export function mustFit(document: DashboardDocument, maxSizeBytes: number): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(document));
  if (sizeBytes > maxSizeBytes) {
    throw invalidDashboard(
      `The dashboard has ${sizeBytes} bytes, at most ${maxSizeBytes} are allowed (dashboards.maxSize)`,
    );
  }
  readDashboard(document);
}

export const uidFor = (facts: DocumentFacts): string => facts.uid ?? newUid();
