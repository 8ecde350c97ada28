import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Panel } from '../../../../../../src/dashboards/model/contract.ts';
import { withLibraryModel } from '../../../../../../src/dashboards/model/library-panels.ts';
import { panelKind } from '../../../../../../src/dashboards/model/panel-kinds/index.ts';
import { readPanel } from '../../../../../../src/dashboards/model/read.ts';
import { type LibraryElement, libraryApi } from '../../../../api/library.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { usePreferences } from '../../../../state/preferences.ts';
import { Dialog } from '../../../../ui/dialog.tsx';
import { ErrorState, SkeletonLines } from '../../../../ui/states.tsx';
import { ChoiceList } from '../choice-list.tsx';
import { editLibraryWords } from './words.ts';

/** A panel of the library as a panel of a dashboard, without a place yet. */
function panelOf({ uid, name, model }: LibraryElement): Panel {
  const read = readPanel(model);
  return withLibraryModel(read, { uid, name, model: { ...read } });
}

/** Chooses one of the library's panels. */
export function PickLibraryPanel({
  onPick,
  onClose,
}: {
  readonly onPick: (panel: Panel) => void;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(editLibraryWords);
  const f = useFormat();
  const { language } = usePreferences();
  const query = useQuery({
    queryKey: ['library'],
    queryFn: ({ signal }) => libraryApi.all(signal),
  });
  const choices = (query.data ?? []).map(({ uid, name, type, description, meta }) => ({
    id: uid,
    label: name,
    about: [
      `${panelKind(type)?.name[language] ?? type}, ${m.usedBy(f.number(meta.connectedDashboards))}`,
      ...(description === '' ? [] : [description]),
    ].join('. '),
    alsoFoundBy: [description],
  }));
  return (
    <Dialog open wide onClose={onClose} title={m.fromTitle}>
      {query.isError && <ErrorState error={query.error} />}
      {query.isPending && <SkeletonLines count={4} />}
      {query.data !== undefined && (
        <ChoiceList
          look="cards"
          search={m.search}
          none={m.none}
          choices={choices}
          onChoose={(id) => {
            const element = query.data.find(({ uid }) => uid === id);
            if (element !== undefined) onPick(panelOf(element));
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}
