import { type ReactNode, useEffect, useState } from 'react';
import { placeOf, scanJson } from '../../../../editor/json/scan-json.ts';
import { jsonWords } from '../../../../editor/json/words.ts';
import { useMessages } from '../../../../i18n/messages.ts';
import { classNames } from '../../../../ui/class-names.ts';
import controls from '../../../../ui/controls.module.css';
import css from './panel-editor.module.css';

/** A structure as JSON; what is no JSON is said and changes nothing. */
export function JsonField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}): ReactNode {
  const m = useMessages(jsonWords);
  const written = value === undefined ? '' : JSON.stringify(value, undefined, 2);
  const [text, setText] = useState(written);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    setText(written);
    setProblem(undefined);
  }, [written]);
  const commit = (): void => {
    if (text === written) return;
    const wrong = text.trim() === '' ? undefined : scanJson(text).problem;
    if (wrong === undefined) {
      onChange(text.trim() === '' ? undefined : JSON.parse(text));
      setProblem(undefined);
      return;
    }
    const { line, column } = placeOf(text, wrong.offset);
    setProblem(m.at(String(line), String(column), m.problems[wrong.kind](wrong.found)));
  };
  return (
    <>
      <textarea
        aria-label={label}
        aria-invalid={problem === undefined ? undefined : true}
        className={classNames(controls.input, controls.mono, css.json)}
        rows={Math.min(12, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
      />
      {problem !== undefined && <p className={controls.error}>{problem}</p>}
    </>
  );
}
