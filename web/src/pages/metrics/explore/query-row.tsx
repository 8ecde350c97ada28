import { X } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { loadAgain } from '../../../lazy-page.ts';
import type { PromqlProblem } from '../../../promql/parse-error.ts';
import { IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { StatusIcon } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { queryHistory } from './history.ts';
import type { Draft } from './use-explore.ts';
import { exploreWords } from './words.ts';

/** CodeMirror is larger than the rest of the page, and the graph need not wait for it. */
const PromqlEditor = lazy(() =>
  loadAgain(async () => ({
    default: (await import('../../../promql/editor.tsx')).PromqlEditor,
  })),
);

export interface QueryRowProps {
  readonly draft: Draft;
  readonly letter: string;
  readonly canRemove: boolean;
  readonly onChange: (expr: string) => void;
  readonly onRun: () => void;
  readonly onToggle: () => void;
  readonly onRemove: () => void;
}

/** A query being written: its letter hides and shows it, the line under it says what is wrong. */
export function QueryRow(props: QueryRowProps): ReactNode {
  const { draft, letter } = props;
  const m = useMessages(exploreWords);
  const f = useFormat();
  const [problem, setProblem] = useState<PromqlProblem>();
  const shown = draft.expr.trim() === '' ? undefined : problem;
  return (
    <div className={css.query}>
      <button
        type="button"
        className={css.letter}
        aria-pressed={!draft.isOff}
        title={draft.isOff ? m.showQuery(letter) : m.hideQuery(letter)}
        aria-label={draft.isOff ? m.showQuery(letter) : m.hideQuery(letter)}
        onClick={props.onToggle}
      >
        {letter}
      </button>
      <div className={classNames(css.editor, shown && css.invalid, draft.isOff && css.off)}>
        <Suspense fallback={<pre className={css.editorText}>{draft.expr}</pre>}>
          <PromqlEditor
            value={draft.expr}
            label={m.query(letter)}
            placeholder={m.placeholder}
            history={queryHistory}
            onChange={props.onChange}
            onRun={props.onRun}
            onProblem={setProblem}
          />
        </Suspense>
      </div>
      <IconButton
        icon={X}
        label={m.removeQuery(letter)}
        onClick={props.onRemove}
        disabled={!props.canRemove}
      />
      {shown !== undefined && (
        <div className={css.problem} role="alert">
          <StatusIcon kind="critical" />
          <span>
            {m.errorAt(f.number(shown.line), f.number(shown.column))}: {shown.message}
          </span>
        </div>
      )}
    </div>
  );
}
