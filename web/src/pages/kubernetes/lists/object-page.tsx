import { useNavigate } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { type ReactNode, useCallback } from 'react';
import { ApiError } from '../../../api/client.ts';
import type { ListName, ListQuery, ListRows } from '../../../api/kubernetes.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { frameWords } from '../../../frame/words.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { sortText } from '../../../ui/table-model.ts';
import { ClusterGate } from '../gate.tsx';
import { kubernetesWords } from '../words.ts';
import { isFiltered } from './is-filtered.ts';
import { HealthFilter, LabelSearch, ListSearch, NamespacePicker } from './list-tools.tsx';
import css from './lists.module.css';
import { sortOf, useObjectList } from './use-object-list.ts';

export interface ObjectTableProps<N extends ListName> {
  readonly name: N;
  readonly label: string;
  /** Fixed by the page that the table is a part of; the rest is in the link. */
  readonly scope?: ListQuery;
  readonly columns: readonly Column<ListRows[N]>[];
  readonly rowKey: (row: ListRows[N]) => string;
  /** Address and parameters of a row's page. */
  readonly linkOf: (row: ListRows[N]) => { readonly to: string; readonly search: object };
  readonly hasNamespace: boolean;
  readonly hasHealth: boolean;
  /** As `sort` of the link: `name`, `-cpuCores`. */
  readonly defaultSort?: string;
  readonly tools?: ReactNode;
  /** It stands beside charts, with little room. */
  readonly isBeside?: boolean;
}

/** A list of the cluster's objects; filters, order and text are in the link. */
export function ObjectTable<N extends ListName>(props: ObjectTableProps<N>): ReactNode {
  const { name, label, scope = {}, columns, rowKey, linkOf } = props;
  const m = useMessages(kubernetesWords);
  const f = useFormat();
  const setView = useSetView();
  const navigate = useNavigate();
  const namespace = useTextParam('namespace');
  const search = useTextParam('search');
  const health = useTextParam('health');
  const labels = useTextParam('labels');
  const sort = sortOf(useTextParam('sort'), props.defaultSort ?? 'name');
  const list = useObjectList(
    name,
    {
      ...(props.hasNamespace ? { namespace } : {}),
      search,
      ...(props.hasHealth ? { health, labels } : {}),
      ...scope,
    },
    sort,
  );
  const open = useCallback(
    (row: ListRows[N]) => void navigate(linkOf(row) as never),
    [navigate, linkOf],
  );
  const isWrong = isSelectorWrong(list.error);
  if (list.error !== null && list.rows === undefined && !isWrong) {
    return <ErrorState error={list.error} onRetry={list.retry} />;
  }
  if (list.rows === undefined && !isWrong) return <SkeletonLines count={14} />;
  const isScoped = props.isBeside === true;
  const hasFilters = isFiltered({ namespace, search, health, labels }, scope);
  return (
    <DataTable
      id={`kubernetes-${name}`}
      label={label}
      columns={columns}
      rows={isWrong ? noRows : (list.rows ?? noRows)}
      rowKey={rowKey}
      sort={sort}
      onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
      onOpen={open}
      isSorted
      onReachEnd={list.loadMore}
      tools={
        <>
          <ListSearch isNarrow={isScoped} />
          {props.hasHealth && !isScoped && <LabelSearch isInvalid={isWrong} />}
          {props.hasNamespace && scope['namespace'] === undefined && <NamespacePicker />}
          {props.tools}
          {props.hasHealth && <HealthFilter counts={list.health} />}
          {!isScoped && <span className={css.count}>{m.rows(f.number(list.total))}</span>}
        </>
      }
      empty={
        <Empty
          icon={Boxes}
          title={hasFilters ? m.nothingFits : m.nothingThere}
          text={isWrong ? list.error?.message : list.warnings.join(' ')}
        />
      }
    />
  );
}

const noRows: readonly never[] = [];

/** While a selector is being written it may be none yet. */
const isSelectorWrong = (error: Error | null): boolean =>
  error instanceof ApiError && error.code === 'SELECTOR_INVALID';

/** A page that is nothing but one list. */
export function ListPage({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  const words = useMessages(frameWords);
  usePageTitle({ label: words.kubernetes, to: '/kubernetes' }, { label: title });
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{title}</h1>
      <div className={css.main}>
        <ClusterGate>{children}</ClusterGate>
      </div>
    </div>
  );
}
