import type { ReactNode } from 'react';
import type { QueryResult } from '../../../api/dashboards.ts';
import type { Labels } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { LabelChips } from '../../../ui/label-chips.tsx';
import { Status } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import look from './editor.module.css';
import { editorWords } from './words.ts';

/** So many label sets are shown. */
const maxShown = 50;

/** What a query or an expression came to: the newest value of each label set. */
export function PreviewResult({
  result,
  isCondition,
}: {
  readonly result: QueryResult | undefined;
  readonly isCondition: boolean;
}): ReactNode {
  const m = useMessages(editorWords);
  const f = useFormat();
  if (result === undefined) return null;
  if (result.error !== undefined && result.error !== '') {
    return (
      <p className={css.error} role="alert">
        {result.error}
      </p>
    );
  }
  const rows = newestValues(result);
  if (rows.length === 0) return <p className={css.quiet}>{m.noResult}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section className={look.result} tabIndex={0} aria-label={m.preview}>
      <span className={css.quiet}>{m.series(f.number(rows.length))}</span>
      {rows.slice(0, maxShown).map(({ labels, value }) => (
        <div key={JSON.stringify(labels)} className={look.resultRow}>
          {isCondition && value !== undefined && (
            <Status kind={value === 0 ? 'ok' : 'critical'}>
              {value === 0 ? m.normal : m.firing}
            </Status>
          )}
          <LabelChips labels={labels} isOneLine />
          <span className={look.value}>{value === undefined ? m.noResult : String(value)}</span>
        </div>
      ))}
    </section>
  );
}

function newestValues({
  frames = [],
}: QueryResult): readonly { readonly labels: Labels; readonly value: number | undefined }[] {
  return frames.flatMap(({ schema, data }) =>
    schema.fields.flatMap((field, at) => {
      if (field.type !== 'number') return [];
      const value = data.values[at]?.at(-1);
      return [{ labels: field.labels ?? {}, value: typeof value === 'number' ? value : undefined }];
    }),
  );
}
