import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Folder, LayoutDashboard, Lock, Star } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { WireHit } from '../../../api/dashboard-store.ts';
import { dashboardsApi } from '../../../api/dashboards.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Column } from '../../../ui/data-table.tsx';
import { folderCounts, pathText } from './hits.ts';
import css from './list.module.css';
import { RowMenu } from './row-menu.tsx';
import { useRefreshDashboards } from './use-list.ts';
import { listWords } from './words.ts';

/** The columns of the list. `onTag` adds a tag to the filter. */
export function useColumns(
  all: readonly WireHit[],
  onTag: (tag: string) => void,
): readonly Column<WireHit>[] {
  const m = useMessages(listWords);
  const f = useFormat();
  return useMemo((): readonly Column<WireHit>[] => {
    const counts = folderCounts(all);
    const timeOf = ({ updated }: WireHit): number | null =>
      updated === undefined ? null : Date.parse(updated);
    return [
      {
        id: 'star',
        header: '★',
        width: 56,
        fixed: true,
        value: (hit) => (hit.isStarred ? 1 : 0),
        cell: (hit) => (hit.type === 'dash-db' ? <StarButton hit={hit} /> : ''),
      },
      {
        id: 'name',
        header: m.name,
        width: 300,
        grow: true,
        fixed: true,
        value: (hit) => hit.title,
        cell: (hit) => (
          <Title hit={hit} count={hit.type === 'dash-folder' ? counts.get(hit.uid) : undefined} />
        ),
      },
      {
        id: 'tags',
        header: m.tags,
        width: 220,
        value: (hit) => hit.tags.join(' '),
        cell: (hit) => (
          <span className={css.tags}>
            {hit.tags.map((tag) => (
              <button key={tag} type="button" className={css.tag} onClick={() => onTag(tag)}>
                {tag}
              </button>
            ))}
          </span>
        ),
      },
      {
        id: 'folder',
        header: m.folder,
        width: 180,
        value: (hit) => pathText(all, hit.folderUid ?? ''),
      },
      {
        id: 'updated',
        header: m.updated,
        width: 150,
        kind: 'number',
        value: timeOf,
        cell: (hit) => {
          const ms = timeOf(hit);
          return ms === null ? '' : <time title={f.exactTime(ms)}>{f.shortDateTime(ms)}</time>;
        },
      },
      { id: 'by', header: m.updatedBy, width: 130, value: (hit) => hit.updatedBy ?? '' },
      {
        id: 'actions',
        header: '',
        width: 44,
        fixed: true,
        pinned: true,
        sortable: false,
        value: () => '',
        cell: (hit) => <RowMenu hit={hit} all={all} />,
      },
    ];
  }, [all, onTag, m, f]);
}

function Title({
  hit,
  count,
}: {
  readonly hit: WireHit;
  /** Of the dashboards in a folder. */
  readonly count: number | undefined;
}): ReactNode {
  const m = useMessages(listWords);
  const f = useFormat();
  const isFolder = hit.type === 'dash-folder';
  const Icon = isFolder ? Folder : LayoutDashboard;
  return (
    <span className={css.title}>
      <Icon size={14} strokeWidth={1.5} aria-hidden />
      {isFolder ? (
        <Link to="/dashboards/f/$uid" params={{ uid: hit.uid } as never}>
          {hit.title}
        </Link>
      ) : (
        <Link to={hit.url as never}>{hit.title}</Link>
      )}
      {count !== undefined && <span className={css.count}>{f.number(count)}</span>}
      {hit.provisioned === true && (
        <span className={css.lock} role="img" aria-label={m.provisioned} title={m.provisioned}>
          <Lock size={12} strokeWidth={1.5} aria-hidden />
        </span>
      )}
    </span>
  );
}

function StarButton({ hit }: { readonly hit: WireHit }): ReactNode {
  const m = useMessages(listWords);
  const refresh = useRefreshDashboards();
  const toggle = useMutation({
    mutationFn: () => dashboardsApi.setStarred(hit.uid, !hit.isStarred),
    onSettled: () => refresh(),
  });
  // Shown as it will be while the server is asked.
  const isStarred = toggle.isPending ? !hit.isStarred : hit.isStarred;
  return (
    <button
      type="button"
      className={css.starButton}
      aria-pressed={isStarred}
      aria-label={`${isStarred ? m.unstar : m.star}: ${hit.title}`}
      onClick={() => toggle.mutate()}
    >
      <Star size={14} strokeWidth={1.5} aria-hidden />
    </button>
  );
}
