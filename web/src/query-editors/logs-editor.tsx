import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { dataSourcesApi } from '../api/data-sources.ts';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { QueryEditor } from '../pages/insights/editor/editor.tsx';
import { usePreferences } from '../state/preferences.ts';
import { MultiCombobox } from '../ui/combobox.tsx';
import type { QueryEditorProps } from './contract.ts';
import { Choice } from './option.tsx';
import css from './query-editors.module.css';
import { editorWords } from './words.ts';

/** As CloudWatch: a query reads at most so many groups. */
const maxGroups = 50;

/** A query of CloudWatch Logs Insights. */
export function LogsEditor({ query, onChange, dataSource, onRun }: QueryEditorProps): ReactNode {
  const m = useMessages(editorWords);
  const f = useFormat();
  const person = usePreferences().language;
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const groups = useMemo(() => groupNames(query), [query]);
  const found = useQuery({
    queryKey: ['data-source', dataSource.uid, 'log-groups', typed],
    queryFn: ({ signal }) => dataSourcesApi.logGroups(dataSource.uid, typed, signal),
  });
  const firstGroup = groups[0];
  const fields = useQuery({
    queryKey: ['data-source', dataSource.uid, 'log-fields', firstGroup],
    queryFn: ({ signal }) => dataSourcesApi.logFields(dataSource.uid, firstGroup ?? '', signal),
    enabled: firstGroup !== undefined,
    staleTime: 60_000,
  });
  const set = (change: Readonly<Record<string, unknown>>): void =>
    onChange({ ...query, queryMode: 'Logs', ...change });
  const language = query['queryLanguage'] === 'SQL' ? 'SQL' : 'CWLI';
  const names = found.data ?? [];
  return (
    <div className={css.editor}>
      <div className={css.options}>
        <div className={`${css.option} ${css.full}`}>
          <span className={css.label} aria-hidden>
            {m.groups}
          </span>
          <MultiCombobox
            label={m.groups}
            placeholder={m.chooseGroups}
            mono
            max={maxGroups}
            options={[...new Set([...groups, ...names])]}
            value={groups}
            onQuery={setTyped}
            onChange={(next) =>
              set({ logGroups: next.map((name) => ({ name })), logGroupNames: undefined })
            }
          />
        </div>
        <Choice
          label={m.language}
          value={language}
          options={[
            { value: 'CWLI', label: 'Insights' },
            { value: 'SQL', label: 'SQL' },
          ]}
          onChange={(queryLanguage) => set({ queryLanguage })}
        />
      </div>
      <div className={`${css.code} ${css.tall}`}>
        <QueryEditor
          value={typeof query['expression'] === 'string' ? query['expression'] : ''}
          language={language}
          label={m.logsQuery}
          placeholder={m.logsPlaceholder}
          words={{
            fields: fields.data ?? [],
            groups: names,
            percent: (percent) => f.number(percent),
            language: person,
          }}
          onChange={(expression) => set({ expression })}
          onRun={() => onRun?.()}
          onDiagnostics={(all) => setProblem(all.find((one) => one.severity === 'error')?.message)}
        />
      </div>
      {problem !== undefined && <p className={css.problem}>{problem}</p>}
    </div>
  );
}

/** `[{name}]`, or the names that older files have. */
function groupNames(query: QueryEditorProps['query']): readonly string[] {
  const given = query['logGroups'] ?? query['logGroupNames'];
  if (!Array.isArray(given)) return [];
  return given.flatMap((one: unknown) => {
    const name = typeof one === 'string' ? one : (one as { name?: unknown } | null)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}
