import { useQuery } from '@tanstack/react-query';
import { Library } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { panelKind } from '../../../../../src/dashboards/model/panel-kinds/index.ts';
import { type LibraryElement, libraryApi } from '../../../api/library.ts';
import { usePageTitle } from '../../../frame/breadcrumb.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { usePreferences } from '../../../state/preferences.ts';
import { useSetView, useTextParam } from '../../../state/view.ts';
import { type Column, DataTable } from '../../../ui/data-table.tsx';
import { SearchInput } from '../../../ui/field.tsx';
import { Empty, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { parseSort, sortText } from '../../../ui/table-model.ts';
import { ElementPanel } from './element-panel.tsx';
import css from './library.module.css';
import { libraryWords } from './words.ts';

const typeName = (type: string, language: 'en' | 'ko'): string =>
  panelKind(type)?.name[language] ?? type;

/** `/library-panels`: panels that dashboards share, with how many do. */
export function LibraryPanels(): ReactNode {
  const m = useMessages(libraryWords);
  const f = useFormat();
  const { language } = usePreferences();
  const setView = useSetView();
  const text = useTextParam('q');
  const open = useTextParam('panel');
  const sort = parseSort(useTextParam('sort'));
  usePageTitle({ label: m.library });
  const query = useQuery({
    queryKey: ['library'],
    queryFn: ({ signal }) => libraryApi.all(signal),
  });
  const all = query.data;
  const rows = useMemo(() => {
    const wanted = text.toLowerCase();
    return (all ?? []).filter(({ name, description, type }) =>
      [name, description, typeName(type, language)].some((one) =>
        one.toLowerCase().includes(wanted),
      ),
    );
  }, [all, text, language]);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (all === undefined) return <SkeletonLines count={10} />;
  const opened = all.find(({ uid }) => uid === open);
  const columns: readonly Column<LibraryElement>[] = [
    { id: 'name', header: m.name, value: ({ name }) => name, width: 280, grow: true, fixed: true },
    { id: 'type', header: m.type, value: ({ type }) => typeName(type, language), width: 160 },
    { id: 'folder', header: m.folder, value: ({ meta }) => meta.folderName, width: 160 },
    {
      id: 'used',
      header: m.usedBy,
      value: ({ meta }) => meta.connectedDashboards,
      width: 110,
      kind: 'number',
    },
    {
      id: 'updated',
      header: m.updated,
      value: ({ meta }) => Date.parse(meta.updated),
      cell: ({ meta }) => f.dateTime(Date.parse(meta.updated)),
      width: 170,
    },
    { id: 'by', header: m.by, value: ({ meta }) => meta.updatedBy.name, width: 120 },
  ];
  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{m.library}</h1>
      <div className={css.main}>
        <DataTable
          id="library-panels"
          label={m.library}
          columns={columns}
          rows={rows}
          rowKey={({ uid }) => uid}
          sort={sort}
          onSort={(next) => setView({ sort: sortText(next) }, { replace: true })}
          onOpen={({ uid }) => setView({ panel: uid })}
          tools={
            <SearchInput
              className={css.filter}
              label={m.search}
              value={text}
              onSearch={(q) => setView({ q }, { replace: true })}
            />
          }
          empty={
            text === '' ? (
              <Empty icon={Library} title={m.nothing} text={m.nothingText} />
            ) : (
              <Empty icon={Library} title={m.noMatch} />
            )
          }
        />
      </div>
      {opened !== undefined && (
        <ElementPanel
          key={opened.uid}
          element={opened}
          onClose={() => setView({ panel: undefined })}
        />
      )}
    </div>
  );
}
