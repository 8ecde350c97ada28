import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import {
  FolderPlus,
  FolderSearch,
  Import,
  LayoutDashboard,
  Library,
  Plus,
  Star,
} from 'lucide-react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { dashboardStoreApi, type WireHit } from '../../../api/dashboard-store.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useListParam, useSetView, useTextParam } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { MultiCombobox } from '../../../ui/combobox.tsx';
import { DataTable } from '../../../ui/data-table.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { Empty, ErrorState, SkeletonLines, Status } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { LinkButton } from '../../alerting/link-button.tsx';
import { useMayEdit } from '../../connections/may-edit.ts';
import { useColumns } from './columns.tsx';
import { NewDashboardDialog, NewFolderDialog } from './dialogs.tsx';
import { folderPath, shownHits, tagsOf } from './hits.ts';
import css from './list.module.css';
import { RowMenu } from './row-menu.tsx';
import { FolderTree } from './tree.tsx';
import { useAllDashboards } from './use-list.ts';
import { listWords } from './words.ts';

const none: readonly WireHit[] = [];

/** `/dashboards`, `/dashboards/f/<uid>`: folders, search, tags, stars. */
export function DashboardList(): ReactNode {
  const m = useMessages(listWords);
  const { uid: folderUid = '' } = useParams({ strict: false }) as { readonly uid?: string };
  const query = useAllDashboards();
  const all = query.data ?? none;
  const path = useMemo(() => folderPath(all, folderUid), [all, folderUid]);
  usePageTitle(
    { label: m.title, ...(path.length === 0 ? {} : { to: '/dashboards' }) },
    ...path.map(({ uid, title }) => ({ label: title, to: `/dashboards/f/${uid}` })),
  );
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{path.at(-1)?.title ?? m.title}</h1>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonLines count={14} />
      ) : (
        <>
          <FolderTree all={all} folderUid={folderUid} />
          <div className={css.main}>
            <ProvisioningProblems />
            {folderUid !== '' && path.length === 0 ? (
              <NoFolder />
            ) : (
              <Listing all={all} folder={path.at(-1)} />
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Listing({
  all,
  folder,
}: {
  readonly all: readonly WireHit[];
  /** Undefined: the top. */
  readonly folder: WireHit | undefined;
}): ReactNode {
  const m = useMessages(listWords);
  const navigate = useNavigate();
  const setView = useSetView();
  const text = useTextParam('q');
  const tags = useListParam('tag');
  const isStarred = useTextParam('starred') === 'true';
  const sort = parseSort(useTextParam('sort'));
  const folderUid = folder?.uid ?? '';
  const tagKey = tags.join('\n');
  const onTag = useCallback(
    (tag: string) => setView({ tag: [...new Set([...tagKey.split('\n').filter(Boolean), tag])] }),
    [setView, tagKey],
  );
  const columns = useColumns(all, onTag);
  const rows = useMemo(
    () => shownHits(all, folderUid, { text, tags: tagKey.split('\n').filter(Boolean), isStarred }),
    [all, folderUid, text, tagKey, isStarred],
  );
  const isFiltered = text !== '' || tags.length > 0 || isStarred;
  const open = ({ type, uid, url }: WireHit): void =>
    void navigate({ to: type === 'dash-folder' ? `/dashboards/f/${uid}` : url } as never);
  return (
    <DataTable
      id="dashboards"
      label={m.title}
      columns={columns}
      rows={rows}
      rowKey={(hit) => `${hit.type} ${hit.uid}`}
      sort={sort}
      onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
      onOpen={open}
      tools={
        <>
          <SearchInput
            className={css.filter}
            label={m.filter}
            placeholder={m.filter}
            value={text}
            onSearch={(next) => setView({ q: next }, { replace: true })}
          />
          <div className={css.tagBox}>
            <MultiCombobox
              label={m.tags}
              placeholder={m.anyTag}
              options={tagsOf(all)}
              value={tags}
              onChange={(next) => setView({ tag: [...next] })}
            />
          </div>
          <Button
            icon={Star}
            look={isStarred ? 'primary' : 'plain'}
            aria-pressed={isStarred}
            onClick={() => setView({ starred: isStarred ? undefined : 'true' })}
          >
            {m.starred}
          </Button>
          <span className={css.space} />
          {folder !== undefined && (
            <RowMenu
              hit={folder}
              all={all}
              onDeleted={() => void navigate({ to: '/dashboards' } as never)}
            />
          )}
          <LinkButton look="quiet" icon={Library} to="/library-panels">
            {m.library}
          </LinkButton>
          <NewMenu folderUid={folderUid} />
        </>
      }
      empty={
        isFiltered ? (
          <Empty icon={LayoutDashboard} title={m.noMatch} />
        ) : folder === undefined ? (
          <Empty icon={LayoutDashboard} title={m.nothing} text={m.nothingText}>
            <NewMenu folderUid="" />
          </Empty>
        ) : (
          <Empty icon={FolderSearch} title={m.emptyFolder} />
        )
      }
    />
  );
}

function NewMenu({ folderUid }: { readonly folderUid: string }): ReactNode {
  const m = useMessages(listWords);
  const navigate = useNavigate();
  const mayEdit = useMayEdit();
  const [making, setMaking] = useState<'dashboard' | 'folder'>();
  const go = (to: string, search: object = {}): void => void navigate({ to, search } as never);
  const close = (): void => setMaking(undefined);
  if (!mayEdit) return null;
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button icon={Plus} look="primary">
            {m.new}
          </Button>
        }
      >
        <MenuItem
          icon={Import}
          onSelect={() => go('/dashboard/import', folderUid === '' ? {} : { folderUid })}
        >
          {m.import}
        </MenuItem>
        <MenuItem icon={FolderPlus} onSelect={() => setMaking('folder')}>
          {m.newFolder}
        </MenuItem>
        <MenuItem icon={LayoutDashboard} onSelect={() => setMaking('dashboard')}>
          {m.newDashboard}
        </MenuItem>
      </Menu>
      {making === 'folder' && (
        <NewFolderDialog
          parentUid={folderUid}
          onClose={close}
          onMade={(uid) => go(`/dashboards/f/${uid}`)}
        />
      )}
      {making === 'dashboard' && (
        <NewDashboardDialog folderUid={folderUid} onClose={close} onMade={go} />
      )}
    </>
  );
}

function NoFolder(): ReactNode {
  const m = useMessages(listWords);
  const navigate = useNavigate();
  return (
    <Empty icon={FolderSearch} title={m.noFolder} text={m.noFolderText}>
      <Button onClick={() => void navigate({ to: '/dashboards' } as never)}>{m.toTop}</Button>
    </Empty>
  );
}

/** A quiet line when files or objects of the cluster are not taken. */
function ProvisioningProblems(): ReactNode {
  const m = useMessages(listWords);
  const f = useFormat();
  const [isOpen, setOpen] = useState(false);
  const query = useQuery({
    queryKey: ['dashboards', 'provisioning'],
    queryFn: ({ signal }) => dashboardStoreApi.provisioning(signal),
    refetchInterval: 30_000,
  });
  const problems = (query.data ?? []).flatMap((source) => source.problems);
  if (problems.length === 0) return null;
  return (
    <div className={css.banner}>
      <Status kind="warning">
        {problems.length === 1 ? m.oneProblem : m.problems(f.number(problems.length))}
      </Status>
      <Button look="quiet" onClick={() => setOpen(true)}>
        {m.showProblems}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={m.problemsTitle} wide>
        <dl className={css.problems}>
          {problems.map(({ place, message }) => (
            <div key={`${place} ${message}`}>
              <dt>{place}</dt>
              <dd>{message}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </div>
  );
}
