import { foldGutter, foldKeymap, foldService } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { type ReactNode, useMemo } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { CodeEditor, type EditorDiagnostic } from '../code-editor.tsx';
import { jsonLanguage } from './json-language.ts';
import { placeOf, rangeOfPath, scanJson } from './scan-json.ts';
import { jsonWords } from './words.ts';

/** What is wrong with a document that is JSON, and where: `panels[3].gridPos`. */
export interface PathProblem {
  readonly path: string;
  readonly message: string;
}

/** What is wrong, in words that name line and column or path. */
export interface JsonDiagnostic extends EditorDiagnostic {
  readonly place: string;
}

export interface JsonEditorProps {
  readonly value: string;
  readonly label: string;
  readonly isReadOnly?: boolean;
  /** Of a document that is JSON. */
  readonly checkDocument?: (value: unknown) => readonly PathProblem[];
  readonly onChange: (text: string) => void;
  /** Ctrl- or Cmd-Enter. */
  readonly onRun?: () => void;
  readonly onProblems: (problems: readonly JsonDiagnostic[]) => void;
}

const noCompletion = (): null => null;
const noHistory = (): readonly string[] => [];

/** A document as JSON: line numbers, folding, finding and replacing, and what is wrong with it. */
export function JsonEditor(props: JsonEditorProps): ReactNode {
  const { isReadOnly = false } = props;
  const m = useMessages(jsonWords);
  const language = useMemo<Extension>(
    () => [
      jsonLanguage,
      bracketFolding,
      foldGutter(),
      search({ top: true }),
      // The search has its keys before those of the editor.
      keymap.of([...searchKeymap, ...foldKeymap]),
      EditorState.phrases.of(m.phrases),
      EditorState.readOnly.of(isReadOnly),
      searchTheme,
    ],
    [m, isReadOnly],
  );
  const check = async (text: string): Promise<readonly JsonDiagnostic[]> => {
    const { problem, ranges } = scanJson(text);
    if (problem !== undefined) {
      const { offset, kind, found } = problem;
      const { line, column } = placeOf(text, offset);
      const reason = m.problems[kind](found);
      return [
        {
          severity: 'error',
          message: m.at(String(line), String(column), reason),
          startOffset: offset,
          endOffset: offset + Math.max(1, found.length),
          place: `${line}:${column}`,
        },
      ];
    }
    return (props.checkDocument?.(JSON.parse(text)) ?? []).map(({ path, message }) => {
      const { from, to } = rangeOfPath(ranges, path) ?? { from: 0, to: 1 };
      const lineEnd = text.indexOf('\n', from);
      const endOffset = lineEnd === -1 ? to : Math.min(to, lineEnd);
      return {
        ...{ severity: 'error', startOffset: from, endOffset, place: path },
        message: path === '' ? message : `${path}: ${message}`,
      };
    });
  };
  return (
    <CodeEditor<JsonDiagnostic>
      value={props.value}
      label={props.label}
      placeholder="{}"
      language={language}
      complete={noCompletion}
      check={check}
      history={noHistory}
      onChange={props.onChange}
      onRun={() => props.onRun?.()}
      onDiagnostics={props.onProblems}
    />
  );
}

/** A line that ends with a bracket folds up to the line with the same indentation. */
const bracketFolding: Extension = foldService.of((state, lineStart, lineEnd) => {
  const line = state.doc.lineAt(lineStart);
  if (!/[[{]\s*$/.test(line.text)) return null;
  const indent = /^\s*/.exec(line.text)?.[0].length ?? 0;
  for (let number = line.number + 1; number <= state.doc.lines; number++) {
    const next = state.doc.line(number);
    const own = /^\s*/.exec(next.text)?.[0].length ?? 0;
    if (own > indent || next.text.trim() === '') continue;
    return next.from > lineEnd + 1 ? { from: lineEnd, to: next.from + own } : null;
  }
  return null;
});

const searchTheme: Extension = EditorView.theme({
  '.cm-panels': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    borderBottom: '1px solid var(--line)',
  },
  '.cm-panel.cm-search': {
    padding: '6px 8px',
    fontFamily: 'var(--font-text)',
    fontSize: 'var(--size-small)',
  },
  '.cm-panel.cm-search label': { fontSize: 'var(--size-small)', verticalAlign: 'middle' },
  '.cm-panel.cm-search input[type=checkbox]': { verticalAlign: 'middle' },
  '.cm-textfield': {
    backgroundColor: 'var(--sunken)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    fontSize: 'var(--size-small)',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--sunken)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    fontSize: 'var(--size-small)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--sunken)',
    border: '1px solid var(--line)',
    color: 'var(--text-3)',
  },
});
