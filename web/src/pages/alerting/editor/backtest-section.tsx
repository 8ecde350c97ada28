import { History, Square } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { grafanaAlertingApi, type WireBacktest } from '../../../api/grafana-alerting.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Button } from '../../../ui/button.tsx';
import { LabelChips } from '../../../ui/label-chips.tsx';
import page from '../../../ui/page.module.css';
import { ErrorState, Status } from '../../../ui/states.tsx';
import css from '../alerting.module.css';
import { Lanes } from '../history/lanes.tsx';
import { RuleChart } from '../rules/rule-chart.tsx';
import { durationMs } from '../rules/rule-model.ts';
import { backtestLanes } from './backtest-spans.ts';
import { chartOf } from './chart-of.ts';
import { type RuleDraft, ruleOfDraft } from './rule-draft.ts';
import { editorWords } from './words.ts';

/** As the server has it. */
const maxEvaluations = 1500;
const maxLanes = 40;

interface Outcome {
  readonly draft: RuleDraft;
  readonly fromMs: number;
  readonly isCut: boolean;
  readonly result: WireBacktest;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly share: number }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** What the rule would have been over the page's time, before it is saved: its query, its states, how often it fired. */
export function BacktestSection({
  draft,
  folderTitle,
}: {
  readonly draft: RuleDraft;
  readonly folderTitle: string;
}): ReactNode {
  const m = useMessages(editorWords);
  const f = useFormat();
  const { fromMs, toMs } = useSharedRange();
  const [state, setState] = useState<State>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const run = async (): Promise<void> => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const intervalMs = Math.max(1000, durationMs(draft.interval) ?? 60_000);
    const startMs = Math.max(fromMs, toMs - (maxEvaluations - 1) * intervalMs);
    setState({ kind: 'running', share: 0 });
    try {
      const title = draft.title.trim() || 'preview';
      const rule = ruleOfDraft({ ...draft, title }, undefined);
      const result = await grafanaAlertingApi.backtest(
        { rule, interval: draft.interval || '1m', folderTitle, fromMs: startMs, toMs },
        (share) => setState({ kind: 'running', share }),
        abort.signal,
      );
      const outcome = { draft, fromMs: startMs, isCut: startMs > fromMs, result };
      setState({ kind: 'done', outcome });
    } catch (error) {
      if (running.current !== abort) return;
      setState(abort.signal.aborted ? { kind: 'idle' } : { kind: 'failed', error: error as Error });
    }
  };
  return (
    <fieldset className={page.fieldset}>
      <legend>{m.backtest}</legend>
      <p className={css.quiet}>{m.backtestHelp}</p>
      <div className={css.actions}>
        {state.kind === 'running' ? (
          <Button icon={Square} onClick={() => running.current?.abort()}>
            {m.cancelBacktest}
          </Button>
        ) : (
          <Button icon={History} onClick={() => void run()}>
            {m.backtest}
          </Button>
        )}
        {state.kind === 'running' && (
          <span className={css.quiet} role="status">
            {m.backtesting(f.percent(state.share))}
          </span>
        )}
      </div>
      {state.kind === 'failed' && <ErrorState error={state.error} />}
      {state.kind === 'done' && <Result outcome={state.outcome} />}
    </fieldset>
  );
}

function Result({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const m = useMessages(editorWords);
  const f = useFormat();
  const { draft, fromMs, isCut, result } = outcome;
  const { fired, resolved } = result.schema.meta.custom;
  const lanes = useMemo(
    () => backtestLanes(result, Math.max(1000, durationMs(draft.interval) ?? 60_000)),
    [result, draft.interval],
  );
  const chart = chartOf(draft);
  return (
    <>
      <Status kind={fired === 0 ? 'ok' : 'critical'}>
        {fired === 0 ? m.backtestNever : m.backtestFired(f.number(fired), f.number(resolved))}
      </Status>
      {isCut && <p className={css.quiet}>{m.backtestCut(f.shortDateTime(fromMs))}</p>}
      {chart !== undefined && <RuleChart {...chart} />}
      <Lanes
        title={m.backtestStates}
        lanes={lanes.slice(0, maxLanes)}
        nameOf={({ labels, name }) =>
          Object.keys(labels).length === 0 ? name : <LabelChips labels={labels} isOneLine />
        }
      />
      {lanes.length > maxLanes && (
        <p className={css.quiet}>{m.backtestMore(f.number(lanes.length - maxLanes))}</p>
      )}
    </>
  );
}
