import type { ReactNode } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import css from './insights.module.css';
import type { RunState } from './run-store.ts';
import { insightsWords } from './words.ts';

/** What the query has done so far, in words; `rows`: how many are shown. */
export function RunProgress({ run }: { readonly run: RunState }): ReactNode {
  const m = useMessages(insightsWords);
  const f = useFormat();
  const { statistics: s, phase, table } = run;
  const rows = run.isStale ? 0 : (table?.rowCount ?? 0);
  if (phase === 'idle') return <div className={css.progress} />;
  if (s === undefined) {
    return (
      <div className={css.progress} role="status" aria-busy={phase !== 'ended'}>
        {phase === 'ended' ? '' : m.starting}
      </div>
    );
  }
  const isOver = phase === 'ended';
  const rate = s.elapsedMs > 0 ? (s.recordsScanned / s.elapsedMs) * 1000 : 0;
  const isSummed = table?.columns.some((column) => column.isAggregate) === true;
  return (
    <div className={css.progress} role="status" aria-busy={!isOver}>
      {isOver ? (
        <>
          <strong>
            {isSummed
              ? m.rowsFound(f.number(rows), f.number(s.recordsMatched))
              : m.found(f.number(rows), f.number(s.recordsMatched))}
          </strong>
          <span className={css.quiet}>
            {m.scanned(
              f.number(s.recordsScanned),
              f.bytes(s.bytesScanned),
              f.duration(s.elapsedMs),
              f.compact(rate),
            )}
          </span>
          {run.status === 'Cancelled' && <span>{m.cancelled}</span>}
        </>
      ) : (
        <>
          <strong>
            {m.running(
              f.number(s.recordsMatched),
              f.number(s.recordsScanned),
              f.number(s.recordsTotal),
            )}
          </strong>
          <span className={css.quiet}>
            {f.bytes(s.bytesScanned)} · {f.duration(s.elapsedMs)}
          </span>
        </>
      )}
    </div>
  );
}

/** A hair line that fills as records are scanned. */
export function ProgressLine({ run }: { readonly run: RunState }): ReactNode {
  const m = useMessages(insightsWords);
  const isRunning = run.phase === 'starting' || run.phase === 'running';
  const total = run.statistics?.recordsTotal ?? 0;
  const ratio = total === 0 ? 0 : Math.min(1, (run.statistics?.recordsScanned ?? 0) / total);
  return (
    <div className={css.track}>
      {isRunning && (
        <div
          role="progressbar"
          aria-label={m.progress}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(ratio * 100)}
          style={{ width: `${Math.max(2, ratio * 100)}%` }}
        />
      )}
    </div>
  );
}
