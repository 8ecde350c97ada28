import type { WireBacktest } from '../../../api/grafana-alerting.ts';
import { type Lane, type StateSpan, spanState, spanStates } from '../history/spans.ts';

/** A lane for each instance, those in trouble first. @param intervalMs between two evaluations */
export function backtestLanes({ schema, data }: WireBacktest, intervalMs: number): readonly Lane[] {
  const [times, ...columns] = data.values;
  const lanes = columns.map((states, at): Lane => {
    const labels = schema.fields[at + 1]?.labels ?? {};
    const spans: StateSpan[] = [];
    for (const [row, text] of states.entries()) {
      if (text === null) continue;
      const fromMs = times[row] as number;
      const state = spanState(text);
      const last = spans.at(-1);
      if (last !== undefined && last.state === state && last.toMs === fromMs) {
        spans[spans.length - 1] = { ...last, toMs: fromMs + intervalMs };
      } else {
        spans.push({ fromMs, toMs: fromMs + intervalMs, state });
      }
    }
    const name = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ');
    return { key: `${at}`, name: name || '–', labels, spans };
  });
  const worst = ({ spans }: Lane): number =>
    Math.min(...spans.map(({ state }) => spanStates.indexOf(state)), spanStates.length);
  return lanes.toSorted((a, b) => worst(a) - worst(b));
}
