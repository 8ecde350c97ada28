import { lazy, type ReactNode, Suspense } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { loadAgain } from '../lazy-page.ts';
import { SkeletonLines } from '../ui/states.tsx';
import type { QueryEditorProps } from './contract.ts';
import css from './query-editors.module.css';
import { editorWords } from './words.ts';

const PrometheusEditor = lazy(() =>
  loadAgain(async () => ({
    default: (await import('./prometheus-editor.tsx')).PrometheusEditor,
  })),
);
const LogsEditor = lazy(() =>
  loadAgain(async () => ({ default: (await import('./logs-editor.tsx')).LogsEditor })),
);
const SqlEditor = lazy(() =>
  loadAgain(async () => ({ default: (await import('./sql-editor.tsx')).SqlEditor })),
);
const InfinityEditor = lazy(() =>
  loadAgain(async () => ({
    default: (await import('./infinity-editor.tsx')).InfinityEditor,
  })),
);

const editors: Readonly<Record<string, typeof PrometheusEditor>> = {
  prometheus: PrometheusEditor,
  'grafana-amazonprometheus-datasource': PrometheusEditor,
  cloudwatch: LogsEditor,
  'grafana-postgresql-datasource': SqlEditor,
  postgres: SqlEditor,
  'yesoreyeram-infinity-datasource': InfinityEditor,
};

/** The editor of the query's data source; loaded when it is first shown. */
export function DataQueryEditor(props: QueryEditorProps): ReactNode {
  const m = useMessages(editorWords);
  const Editor = editors[props.dataSource.type];
  if (Editor === undefined) {
    return (
      <div className={css.editor}>
        <p className={css.help}>{m.noEditor(props.dataSource.type)}</p>
        <pre className={css.raw}>{JSON.stringify(props.query, null, 2)}</pre>
      </div>
    );
  }
  return (
    <Suspense fallback={<SkeletonLines count={3} />}>
      <Editor {...props} />
    </Suspense>
  );
}
