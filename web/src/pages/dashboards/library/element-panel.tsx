import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { ApiError } from '../../../api/client.ts';
import { type LibraryElement, libraryApi } from '../../../api/library.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { Button } from '../../../ui/button.tsx';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Field, TextInput } from '../../../ui/field.tsx';
import { SidePanel } from '../../../ui/side-panel.tsx';
import { ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { toast } from '../../../ui/toast.tsx';
import { FolderSelect } from '../list/folder-select.tsx';
import { useAllDashboards } from '../list/use-list.ts';
import css from './library.module.css';
import { libraryWords } from './words.ts';

const noHits = [] as const;

/** One library panel: who shows it, its name and folder, and its end. */
export function ElementPanel({
  element,
  onClose,
}: {
  readonly element: LibraryElement;
  readonly onClose: () => void;
}): ReactNode {
  const m = useMessages(libraryWords);
  const f = useFormat();
  const client = useQueryClient();
  const { uid, version, meta } = element;
  const [name, setName] = useState(element.name);
  const [folderUid, setFolderUid] = useState(element.folderUid);
  const [isRemoving, setIsRemoving] = useState(false);
  const hits = useAllDashboards().data ?? noHits;
  const connections = useQuery({
    queryKey: ['library', uid, 'connections'],
    queryFn: ({ signal }) => libraryApi.connections(uid, signal),
  });
  const reload = (): Promise<void> => client.invalidateQueries({ queryKey: ['library'] });
  const save = useMutation({
    mutationFn: () => libraryApi.update(uid, { version, name: name.trim(), folderUid }),
    onSuccess: async () => {
      await reload();
      toast(m.renamed);
    },
  });
  const remove = useMutation({
    mutationFn: () => libraryApi.remove(uid),
    onSuccess: async () => {
      toast(m.removed(element.name));
      onClose();
      await reload();
    },
  });
  const isChanged = name.trim() !== element.name || folderUid !== element.folderUid;
  const isStale = save.error instanceof ApiError && save.error.status === 412;
  const used = meta.connectedDashboards;
  return (
    <SidePanel title={element.name} onClose={onClose}>
      <div className={css.element}>
        {element.description !== '' && <p>{element.description}</p>}
        <section>
          <h2>
            {m.shownBy} {used > 0 && f.number(used)}
          </h2>
          {connections.isError && <ErrorState error={connections.error} />}
          {connections.data === undefined && !connections.isError && <SkeletonLines count={2} />}
          {connections.data?.length === 0 && <p className={css.note}>{m.nobody}</p>}
          <ul className={css.dashboards}>
            {(connections.data ?? []).map((dashboardUid) => (
              <li key={dashboardUid}>
                <Link to={`/d/${dashboardUid}` as never}>
                  {hits.find((hit) => hit.uid === dashboardUid)?.title ?? dashboardUid}
                </Link>
              </li>
            ))}
          </ul>
        </section>
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (isChanged && name.trim() !== '') save.mutate();
          }}
        >
          <Field label={m.name}>
            {(control) => <TextInput {...control} value={name} onChange={setName} />}
          </Field>
          <FolderSelect all={hits} value={folderUid} onChange={setFolderUid} />
          {isStale ? (
            <Status kind="warning">{m.changedMeanwhile}</Status>
          ) : (
            save.isError && <ErrorState error={save.error} />
          )}
          <div>
            <Button type="submit" disabled={!isChanged || name.trim() === '' || save.isPending}>
              {m.rename}
            </Button>
          </div>
        </form>
        <section className={css.form}>
          {used > 0 && <p className={css.note}>{m.stillUsed(f.number(used))}</p>}
          <div>
            <Button
              icon={Trash2}
              look="danger"
              disabled={used > 0}
              onClick={() => setIsRemoving(true)}
            >
              {m.remove}
            </Button>
          </div>
        </section>
      </div>
      {isRemoving && (
        <FormDialog
          open
          danger
          title={m.removeTitle(element.name)}
          action={m.remove}
          busy={remove.isPending}
          onClose={() => setIsRemoving(false)}
          onSubmit={() => remove.mutate()}
        >
          <p>{m.removeText}</p>
          {remove.isError && <ErrorState error={remove.error} />}
        </FormDialog>
      )}
    </SidePanel>
  );
}
