import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { diffDashboards } from '../../../../../../src/dashboards/model/diff.ts';
import { readPanel } from '../../../../../../src/dashboards/model/read.ts';
import { libraryApi } from '../../../../api/library.ts';
import { type ChangedElement, sharedModel } from '../../../../dashboards/editing/library.ts';
import { messagesNow, useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { Status } from '../../../../ui/states.tsx';
import { editLibraryWords } from './words.ts';

/** Names the library panels that a save changes for every dashboard that shows them. */
export function SharedChanges({
  elements,
}: {
  readonly elements: readonly ChangedElement[];
}): ReactNode {
  const m = useMessages(editLibraryWords);
  const f = useFormat();
  const found = useQueries({
    queries: elements.map(({ uid }) => ({
      queryKey: ['library', uid],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => libraryApi.get(uid, signal),
    })),
  });
  if (elements.length === 0) return null;
  return (
    <div role="alert">
      <Status kind="warning">{m.changes}</Status>
      <ul>
        {elements.map(({ uid, name }, index) => {
          const count = found[index]?.data?.meta.connectedDashboards;
          return (
            <li key={uid}>{m.changesOf(name, count === undefined ? '…' : f.number(count))}</li>
          );
        })}
      </ul>
    </div>
  );
}

/**
 * Saves what was changed of library panels. One that somebody else has changed since the dashboard was
 * opened is refused, and nothing of it is saved.
 *
 * @throws {Error} in words for people; ApiError
 */
export async function saveElements(elements: readonly ChangedElement[]): Promise<void> {
  const held = await Promise.all(
    elements.map(async (element) => ({ element, now: await libraryApi.get(element.uid) })),
  );
  // A save that was refused for another reason has changed them already.
  const waiting = held.filter(
    ({ element, now }) => !isSame(sharedModel(readPanel(now.model)), element.after),
  );
  for (const { element, now } of waiting) {
    if (!isSame(sharedModel(readPanel(now.model)), element.before)) {
      throw new Error(messagesNow(editLibraryWords).changed(element.name));
    }
  }
  for (const { element, now } of waiting) {
    const model = { title: now.model['title'] ?? '', ...element.after };
    await libraryApi.update(element.uid, { version: now.version, model });
  }
}

/** Whatever the order of their keys. */
const isSame = (one: unknown, other: unknown): boolean => diffDashboards(one, other).length === 0;
