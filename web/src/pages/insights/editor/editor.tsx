import { type ReactNode, useMemo, useRef } from 'react';
import { logsApi, type WireDiagnostic } from '../../../api/logs.ts';
import { CodeEditor } from '../../../editor/code-editor.tsx';
import { usePreferences } from '../../../state/preferences.ts';
import { inLanguage } from '../diagnostic-words.ts';
import { historyNow } from '../history.ts';
import { type CompletionWords, completeInsights, completeSql } from './completion.ts';
import { queryLanguage } from './language.ts';

export interface QueryEditorProps {
  readonly value: string;
  readonly language: 'CWLI' | 'SQL';
  readonly label: string;
  readonly placeholder: string;
  readonly words: CompletionWords;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  /** Errors and warnings of the text as it stands, in the person's language. */
  readonly onDiagnostics: (diagnostics: readonly WireDiagnostic[]) => void;
}

/** The editor of the two query languages. */
export function QueryEditor(props: QueryEditorProps): ReactNode {
  const { language, words } = props;
  const person = usePreferences().language;
  const latest = useRef(words);
  latest.current = words;
  // A person who changes the language reads the diagnostics anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const extension = useMemo(() => [queryLanguage(language)], [language, person]);
  return (
    <CodeEditor
      value={props.value}
      label={props.label}
      placeholder={props.placeholder}
      language={extension}
      complete={(context) =>
        language === 'SQL'
          ? completeSql(context, latest.current)
          : completeInsights(context, latest.current)
      }
      check={async (text) => (await diagnose(text, language)).map((one) => inLanguage(one, person))}
      history={() => historyNow().map((entry) => entry.text)}
      onChange={props.onChange}
      onRun={props.onRun}
      onDiagnostics={props.onDiagnostics}
    />
  );
}

/** The server's own checker, here in the browser; SQL is checked where the tables are. */
async function diagnose(
  text: string,
  language: 'CWLI' | 'SQL',
): Promise<readonly WireDiagnostic[]> {
  if (language === 'CWLI') {
    const { checkQuery } = await import('../../../../../src/logs/insights/compile.ts');
    return checkQuery(text);
  }
  return logsApi.checkQuery({ text, language }).catch(() => []);
}
