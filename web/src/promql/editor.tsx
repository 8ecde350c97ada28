import type { CompletionSource } from '@codemirror/autocomplete';
import { type ReactNode, useMemo } from 'react';
import { ApiError } from '../api/client.ts';
import { metricsApi } from '../api/metrics.ts';
import { CodeEditor } from '../editor/code-editor.tsx';
import { usePreferences } from '../state/preferences.ts';
import { completePromql } from './completion.ts';
import { promqlHover } from './hover.ts';
import { promqlLanguage } from './language.ts';
import { type PromqlProblem, problemOf } from './parse-error.ts';

export interface PromqlEditorProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (expr: string) => void;
  readonly onRun: () => void;
  readonly onProblem: (problem: PromqlProblem | undefined) => void;
  /** Expressions of earlier runs, newest first. */
  readonly history?: () => readonly string[];
  /** Default: over this server. */
  readonly complete?: CompletionSource;
  /** What is wrong with an expression; default: what this server says. */
  readonly check?: (expr: string) => Promise<readonly PromqlProblem[]>;
}

const noHistory = (): readonly string[] => [];

/** An expression with completion from this server, explanations on hover, and its mistakes marked. */
export function PromqlEditor(props: PromqlEditorProps): ReactNode {
  const person = usePreferences().language;
  // A person who changes the language reads the explanations anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const language = useMemo(() => [promqlLanguage, promqlHover], [person]);
  return (
    <CodeEditor
      value={props.value}
      label={props.label}
      placeholder={props.placeholder}
      language={language}
      lineNumbers={false}
      complete={props.complete ?? completePromql}
      check={props.check ?? checkPromql}
      history={props.history ?? noHistory}
      onChange={props.onChange}
      onRun={props.onRun}
      onDiagnostics={(found) => props.onProblem(found[0])}
    />
  );
}

/** The server that will run it says what is wrong with it: one parser, one opinion. */
async function checkPromql(expr: string): Promise<readonly PromqlProblem[]> {
  try {
    await metricsApi.parse(expr);
    return [];
  } catch (error) {
    // A server that does not answer says nothing about the expression.
    if (!(error instanceof ApiError) || error.code !== 'bad_data') return [];
    return [problemOf(expr, error.message)];
  }
}
