import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronRight, Folder, FolderOpen, LayoutDashboard } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { WireHit } from '../../../api/dashboard-store.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { classNames } from '../../../ui/class-names.ts';
import { type FolderNode, folderPath, folderTree } from './hits.ts';
import css from './list.module.css';
import { listWords } from './words.ts';

/** The folders beside the list. Those on the way to the shown one are open. */
export function FolderTree({
  all,
  folderUid,
}: {
  readonly all: readonly WireHit[];
  readonly folderUid: string;
}): ReactNode {
  const m = useMessages(listWords);
  const f = useFormat();
  const tree = useMemo(() => folderTree(all), [all]);
  const path = useMemo(() => folderPath(all, folderUid).map(({ uid }) => uid), [all, folderUid]);
  const total = all.filter(({ type }) => type === 'dash-db').length;
  return (
    <nav className={css.tree} aria-label={m.folders}>
      <ul>
        <li>
          <Link
            to="/dashboards"
            className={classNames(css.node, folderUid === '' && css.current)}
            aria-current={folderUid === '' ? 'page' : undefined}
          >
            <LayoutDashboard size={14} strokeWidth={1.5} aria-hidden />
            <span className={css.nodeTitle}>{m.top}</span>
            <span className={css.count}>{f.number(total)}</span>
          </Link>
        </li>
        {tree.map((node) => (
          <TreeNode key={node.uid} node={node} folderUid={folderUid} path={path} depth={0} />
        ))}
      </ul>
    </nav>
  );
}

function TreeNode({
  node,
  folderUid,
  path,
  depth,
}: {
  readonly node: FolderNode;
  readonly folderUid: string;
  readonly path: readonly string[];
  readonly depth: number;
}): ReactNode {
  const f = useFormat();
  const [choice, setChoice] = useState<boolean>();
  const isOpen = choice ?? path.includes(node.uid);
  const isCurrent = node.uid === folderUid;
  const Icon = isOpen ? FolderOpen : Folder;
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <li>
      <div className={css.nodeRow} style={{ paddingLeft: depth * 14 }}>
        {node.folders.length === 0 ? (
          <span className={css.arrow} />
        ) : (
          <button
            type="button"
            className={css.arrow}
            aria-expanded={isOpen}
            aria-label={node.title}
            onClick={() => setChoice(!isOpen)}
          >
            <Arrow size={12} strokeWidth={2} aria-hidden />
          </button>
        )}
        <Link
          to="/dashboards/f/$uid"
          params={{ uid: node.uid } as never}
          className={classNames(css.node, isCurrent && css.current)}
          aria-current={isCurrent ? 'page' : undefined}
        >
          <Icon size={14} strokeWidth={1.5} aria-hidden />
          <span className={css.nodeTitle}>{node.title}</span>
          <span className={css.count}>{f.number(node.count)}</span>
        </Link>
      </div>
      {isOpen && node.folders.length > 0 && (
        <ul>
          {node.folders.map((child) => (
            <TreeNode
              key={child.uid}
              node={child}
              folderUid={folderUid}
              path={path}
              depth={depth + 1}
            />
          ))}
        </ul>
      )}
    </li>
  );
}
