import type { WireHistoryLine, WireHistoryRecord } from '../../../api/grafana-alerting.ts';
import type { Labels, WireMatrixItem } from '../../../api/metrics.ts';

/** In the order of trouble. */
export const spanStates = ['firing', 'error', 'nodata', 'pending', 'recovering', 'normal'] as const;
export type SpanState = (typeof spanStates)[number];

export interface StateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: SpanState;
}

export interface Lane {
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  readonly spans: readonly StateSpan[];
}

/** A change of an instance, for the list below the lanes. */
export interface StateChange {
  readonly key: string;
  readonly atMs: number;
  readonly rule: string;
  /** Of those that are made here. */
  readonly ruleUid?: string;
  readonly labels: Labels;
  readonly from: SpanState;
  readonly to: SpanState;
  /** Why, or by which values. */
  readonly note: string;
}

/** `Alerting (NoData)` and the words of Prometheus, in ours. */
export function spanState(text: string): SpanState {
  const state = text.toLowerCase().split(' ')[0] ?? '';
  if (state === 'alerting') return 'firing';
  return spanStates.find((one) => one === state) ?? 'normal';
}

const hidden = new Set(['__name__', 'alertstate']);

/**
 * Lanes of the series `ALERTS`: an instance is in a state while the series of that state has samples.
 * @param stepMs of the query: a gap longer than it is an end
 */
export function lanesOfAlerts(items: readonly WireMatrixItem[], stepMs: number): readonly Lane[] {
  const lanes = new Map<string, { labels: Labels; spans: StateSpan[] }>();
  for (const { metric, values = [] } of items) {
    const labels = Object.fromEntries(Object.entries(metric).filter(([name]) => !hidden.has(name)));
    const key = JSON.stringify(Object.entries(labels).toSorted());
    const lane = lanes.get(key) ?? { labels, spans: [] };
    lanes.set(key, lane);
    const state: SpanState = metric['alertstate'] === 'firing' ? 'firing' : 'pending';
    let open: { fromMs: number; toMs: number } | undefined;
    for (const [seconds] of values) {
      const atMs = seconds * 1000;
      if (open !== undefined && atMs - open.toMs <= stepMs / 2) open.toMs = atMs + stepMs;
      else {
        if (open !== undefined) lane.spans.push({ ...open, state });
        open = { fromMs: atMs, toMs: atMs + stepMs };
      }
    }
    if (open !== undefined) lane.spans.push({ ...open, state });
  }
  return [...lanes].map(([key, { labels, spans }]) => ({
    key,
    name: labels['alertname'] ?? '',
    labels,
    spans: spans.toSorted((a, b) => a.fromMs - b.fromMs),
  }));
}

/** Changes of state that lanes show; where one ends without another, it is over. */
export function changesOf(lanes: readonly Lane[], toMs: number): readonly StateChange[] {
  return lanes.flatMap(({ key, name, labels, spans }) =>
    spans.flatMap((span, at): StateChange[] => {
      const before = spans[at - 1];
      const follows = before !== undefined && span.fromMs - before.toMs <= 0;
      const next = spans[at + 1];
      const ends = (next === undefined || next.fromMs > span.toMs) && span.toMs <= toMs;
      const change = (atMs: number, from: SpanState, to: SpanState): StateChange => ({
        key: `${key} ${atMs} ${to}`,
        atMs,
        rule: name,
        labels,
        from,
        to,
        note: '',
      });
      return [
        change(span.fromMs, follows ? before.state : 'normal', span.state),
        ...(ends ? [change(span.toMs, span.state, 'normal')] : []),
      ];
    }),
  );
}

/** Lanes of recorded changes; before the first one the state was what it says. */
export function lanesOfHistory(
  records: readonly WireHistoryRecord[],
  range: { readonly fromMs: number; readonly toMs: number },
): readonly Lane[] {
  const byInstance = new Map<string, WireHistoryRecord[]>();
  for (const record of records.toSorted((a, b) => a.atMs - b.atMs)) {
    const key = `${record.line.ruleUID} ${record.line.fingerprint}`;
    const known = byInstance.get(key);
    if (known === undefined) byInstance.set(key, [record]);
    else known.push(record);
  }
  return [...byInstance].map(([key, changes]) => {
    const { labels, ruleTitle } = changes[0]!.line;
    const spans = [
      { fromMs: range.fromMs, state: spanState(changes[0]!.line.previous) },
      ...changes.map(({ atMs, line }) => ({ fromMs: atMs, state: spanState(line.current) })),
    ].map((span, at, all) => ({ ...span, toMs: all[at + 1]?.fromMs ?? range.toMs }));
    return {
      key,
      name: ruleTitle,
      labels,
      spans: spans.filter(({ state, fromMs, toMs }) => state !== 'normal' && toMs > fromMs),
    };
  });
}

export function changesOfHistory(records: readonly WireHistoryRecord[]): readonly StateChange[] {
  return records.map(({ atMs, line }, at) => ({
    key: `${line.ruleUID} ${line.fingerprint} ${atMs} ${at}`,
    atMs,
    rule: line.ruleTitle,
    ruleUid: line.ruleUID,
    labels: line.labels,
    from: spanState(line.previous),
    to: spanState(line.current),
    note: line.error || valuesText(line),
  }));
}

const valuesText = ({ values = {}, current }: WireHistoryLine): string => {
  const reason = /\((.*)\)/.exec(current)?.[1];
  const numbers = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return [...(reason === undefined ? [] : [reason]), ...numbers].join(', ');
};

/** One lane for each rule: the worst state of its instances at any time. */
export function worstByRule(lanes: readonly Lane[]): readonly Lane[] {
  const rules = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const known = rules.get(lane.name);
    if (known === undefined) rules.set(lane.name, [lane]);
    else known.push(lane);
  }
  return [...rules].map(([name, members]) => ({
    key: name,
    name,
    labels: {},
    spans: worstSpans(members.flatMap(({ spans }) => spans)),
  }));
}

function worstSpans(spans: readonly StateSpan[]): readonly StateSpan[] {
  const edges = [...new Set(spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].toSorted(
    (a, b) => a - b,
  );
  const starts = spans.toSorted((a, b) => a.fromMs - b.fromMs);
  const active = new Set<StateSpan>();
  const found: StateSpan[] = [];
  let at = 0;
  for (const [index, edge] of edges.entries()) {
    while (at < starts.length && starts[at]!.fromMs <= edge) active.add(starts[at++]!);
    for (const span of active) if (span.toMs <= edge) active.delete(span);
    const end = edges[index + 1];
    if (end === undefined || active.size === 0) continue;
    const ranks = [...active].map(({ state }) => spanStates.indexOf(state));
    const state = spanStates[Math.min(...ranks)] ?? 'normal';
    const last = found.at(-1);
    if (last !== undefined && last.state === state && last.toMs === edge) {
      found[found.length - 1] = { ...last, toMs: end };
    } else found.push({ fromMs: edge, toMs: end, state });
  }
  return found;
}
