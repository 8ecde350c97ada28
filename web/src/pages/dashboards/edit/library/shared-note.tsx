import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Panel } from '../../../../../../src/dashboards/model/contract.ts';
import { libraryApi } from '../../../../api/library.ts';
import { unlinked } from '../../../../dashboards/editing/library.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { useFormat } from '../../../../i18n/use-format.ts';
import { Button } from '../../../../ui/button.tsx';
import { Status } from '../../../../ui/states.tsx';
import type { ChangePanel } from '../panel/queries-tab.tsx';
import { MakeLibraryPanel } from './make-dialog.tsx';
import { editLibraryWords } from './words.ts';

/** Says that others show the panel too, and lets it go; or makes one that is not shared a shared one. */
export function SharedNote({
  panel,
  onChange,
}: {
  readonly panel: Panel;
  readonly onChange: ChangePanel;
}): ReactNode {
  const m = useMessages(editLibraryWords);
  const f = useFormat();
  const [isMaking, setIsMaking] = useState(false);
  const { uid = '', name = '' } = panel.libraryPanel ?? {};
  const element = useQuery({
    queryKey: ['library', uid],
    queryFn: ({ signal }) => libraryApi.get(uid, signal),
    enabled: uid !== '',
  });
  if (uid === '') {
    return (
      <>
        <Button look="quiet" onClick={() => setIsMaking(true)}>
          {m.make}
        </Button>
        {isMaking && (
          <MakeLibraryPanel
            panel={panel}
            onMade={(libraryPanel) => onChange((before) => ({ ...before, libraryPanel }), 'link')}
            onClose={() => setIsMaking(false)}
          />
        )}
      </>
    );
  }
  const count = element.data?.meta.connectedDashboards;
  return (
    <>
      <Status kind="warning">
        {m.isShared(name, count === undefined ? '…' : f.number(count))}
      </Status>
      <Button onClick={() => onChange(unlinked, 'unlink')}>{m.unlink}</Button>
    </>
  );
}
