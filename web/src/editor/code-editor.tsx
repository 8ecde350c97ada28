import {
  acceptCompletion,
  autocompletion,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, toggleComment } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { type Diagnostic, linter } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder as placeholderOf,
} from '@codemirror/view';
import { type ReactNode, useEffect, useRef } from 'react';
import { editorTheme } from './theme.ts';

/** Something wrong or odd in a text, to be underlined. Offsets are UTF-16 units, end exclusive. */
export interface EditorDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly hint?: string | undefined;
}

export interface CodeEditorProps<D extends EditorDiagnostic> {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** Highlighting and what else belongs to the language; a new one is taken at once. */
  readonly language: Extension;
  readonly lineNumbers?: boolean;
  readonly complete: CompletionSource;
  readonly check: (text: string) => Promise<readonly D[]>;
  /** Texts of earlier runs, newest first: the arrows walk through them. */
  readonly history: () => readonly string[];
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  /** Errors and warnings of the text as it stands. */
  readonly onDiagnostics: (diagnostics: readonly D[]) => void;
}

/** Long enough not to shout at half a word. */
const checkPauseMs = 350;

/**
 * A query editor for any language: completion, squiggles, history. Escape leaves it, Ctrl- or
 * Cmd-Enter runs. Load it lazily: CodeMirror is larger than most pages.
 */
export function CodeEditor<D extends EditorDiagnostic>(props: CodeEditorProps<D>): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const variable = useRef(new Compartment());
  const { value, language, label, placeholder } = props;

  useEffect(() => {
    const created = new EditorView({
      parent: host.current as HTMLElement,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          variable.current.of(variableParts(latest.current, latest)),
          ...fixedParts(latest),
        ],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts read `latest`.
  useEffect(() => {
    view.current?.dispatch({
      effects: variable.current.reconfigure(variableParts(latest.current, latest)),
    });
  }, [language, label, placeholder]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    // Typing comes back as the same text and never gets here; this is a change from outside.
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
  }, [value]);

  return <div ref={host} data-page-search style={{ height: '100%' }} />;
}

function variableParts<D extends EditorDiagnostic>(
  { language, label, placeholder }: CodeEditorProps<D>,
  latest: { readonly current: CodeEditorProps<D> },
): Extension {
  return [
    language,
    placeholderOf(placeholder),
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-multiline': 'true' }),
    linter((editor) => check(editor, latest.current), { delay: checkPauseMs }),
  ];
}

function fixedParts<D extends EditorDiagnostic>(latest: {
  readonly current: CodeEditorProps<D>;
}): readonly Extension[] {
  return [
    editorTheme,
    latest.current.lineNumbers === false ? [] : [lineNumbers(), highlightActiveLineGutter()],
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    autocompletion({
      icons: false,
      override: [(context) => latest.current.complete(context)],
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange(update.state.doc.toString());
    }),
    Prec.highest(
      keymap.of([
        {
          key: 'Mod-Enter',
          run: (editor) => {
            // What runs is written: a list of completions would only cover the result.
            closeCompletion(editor);
            latest.current.onRun();
            return true;
          },
        },
        { key: 'Tab', run: acceptCompletion },
        { key: 'Mod-/', run: toggleComment },
      ]),
    ),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      { key: 'ArrowUp', run: (editor) => fromHistory(editor, latest.current.history(), 1) },
      { key: 'ArrowDown', run: (editor) => fromHistory(editor, latest.current.history(), -1) },
      {
        key: 'Escape',
        run: (editor) => {
          editor.contentDOM.blur();
          return true;
        },
      },
      ...defaultKeymap,
      ...historyKeymap,
    ]),
  ];
}

/** Up in an empty editor, and on from there, walks through what was run before. */
function fromHistory(editor: EditorView, texts: readonly string[], step: 1 | -1): boolean {
  const text = editor.state.doc.toString();
  const at = texts.indexOf(text);
  if (text.trim() !== '') {
    if (at === -1) return false;
    // Within a text the arrows move the cursor until it stands at the end where history left it.
    if (editor.state.selection.main.head !== text.length) return false;
  } else if (step === -1) return false;
  const next = at + step;
  const insert = next < 0 ? '' : texts[next];
  if (insert === undefined) return true;
  editor.dispatch({
    changes: { from: 0, to: editor.state.doc.length, insert },
    selection: { anchor: insert.length },
    userEvent: 'input.history',
  });
  return true;
}

async function check<D extends EditorDiagnostic>(
  editor: EditorView,
  props: CodeEditorProps<D>,
): Promise<readonly Diagnostic[]> {
  const text = editor.state.doc.toString();
  const found = text.trim() === '' ? [] : await props.check(text);
  props.onDiagnostics(found);
  return found.map((one) => ({
    // A mistake at the very end still needs a character to be underlined.
    from: Math.min(one.startOffset, Math.max(0, text.length - 1)),
    to: Math.min(text.length, Math.max(one.endOffset, one.startOffset + 1)),
    severity: one.severity,
    message: one.hint === undefined ? one.message : `${one.message}\n${one.hint}`,
  }));
}
