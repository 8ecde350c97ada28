import type { CompletionSource } from '@codemirror/autocomplete';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useRef } from 'react';
import { dataSourcesApi, type SqlTable } from '../api/data-sources.ts';
import { CodeEditor } from '../editor/code-editor.tsx';
import { useMessages } from '../i18n/messages.ts';
import { queryLanguage } from '../pages/insights/editor/language.ts';
import type { QueryEditorProps } from './contract.ts';
import { Choice } from './option.tsx';
import css from './query-editors.module.css';
import { editorWords } from './words.ts';

const macros = [
  '$__timeFilter()',
  '$__timeGroup()',
  '$__timeGroupAlias()',
  '$__timeFrom()',
  '$__timeTo()',
  '$__time()',
  '$__unixEpochFilter()',
  '$__unixEpochGroup()',
  '$__unixEpochGroupAlias()',
  '$__interval',
  '$__interval_ms',
];
const keywords =
  'SELECT FROM WHERE GROUP BY ORDER LIMIT JOIN LEFT INNER ON USING AS WITH AND OR NOT NULL IN LIKE BETWEEN DISTINCT HAVING UNION ALL CASE WHEN THEN ELSE END count sum avg min max coalesce date_trunc extract'.split(
    ' ',
  );
const noTables: readonly SqlTable[] = [];
const noProblems = async (): Promise<readonly never[]> => [];

/** SQL of PostgreSQL. */
export function SqlEditor(props: QueryEditorProps): ReactNode {
  const { query, onChange, dataSource, onRun, variables } = props;
  const m = useMessages(editorWords);
  const tables = useQuery({
    queryKey: ['data-source', dataSource.uid, 'schema'],
    queryFn: ({ signal }) => dataSourcesApi.sqlSchema(dataSource.uid, signal),
    staleTime: 60_000,
    retry: false,
  });
  const latest = useRef({ tables: noTables, variables });
  latest.current = { tables: tables.data ?? noTables, variables };
  const language = useMemo(() => queryLanguage('SQL'), []);
  const complete = useMemo(
    () =>
      completeSql(
        () => latest.current.tables,
        () => latest.current.variables ?? [],
      ),
    [],
  );
  const set = (change: Readonly<Record<string, unknown>>): void =>
    onChange({ ...query, rawQuery: true, editorMode: 'code', ...change });
  const format = query['format'] === 'table' || query['format'] === 1 ? 'table' : 'time_series';
  return (
    <div className={css.editor}>
      <div className={`${css.code} ${css.tall}`}>
        <CodeEditor
          value={typeof query['rawSql'] === 'string' ? query['rawSql'] : ''}
          label={m.sql}
          placeholder={m.sqlPlaceholder}
          language={language}
          complete={complete}
          check={noProblems}
          history={() => []}
          onChange={(rawSql) => set({ rawSql })}
          onRun={() => onRun?.()}
          onDiagnostics={() => {}}
        />
      </div>
      <div className={css.options}>
        <Choice
          label={m.format}
          value={format}
          options={[
            { value: 'time_series', label: m.formats.time_series },
            { value: 'table', label: m.formats.table },
          ]}
          onChange={(value) => set({ format: value })}
        />
        <p className={css.help}>{m.sqlHelp}</p>
      </div>
    </div>
  );
}

function completeSql(
  tables: () => readonly SqlTable[],
  variables: () => readonly string[],
): CompletionSource {
  return (context) => {
    const dollar = context.matchBefore(/\$\w*/);
    if (dollar !== null) {
      const names = [...macros, ...variables().map((name) => `$${name}`)];
      const options = names.map((label) => ({ label, type: 'function' }));
      return { from: dollar.from, options, validFor: /^\$\w*$/ };
    }
    const word = context.matchBefore(/[\w.]+/);
    if (word === null && !context.explicit) return null;
    const known = tables();
    const options = [
      ...known.map(({ name }) => ({ label: name, type: 'class', boost: 1 })),
      ...new Map(
        known.flatMap(({ columns }) =>
          columns.map(({ name, type }) => [name, { label: name, type: 'property', detail: type }]),
        ),
      ).values(),
      ...keywords.map((label) => ({ label, type: 'keyword', boost: -1 })),
    ];
    return { from: word?.from ?? context.pos, options, validFor: /^[\w.]*$/ };
  };
}
