import type { WireMatrixItem } from '../../../api/metrics.ts';
import { quoted } from '../subject/promql.ts';

/** What a container was for a while. */
export interface StateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'running' | 'unready' | 'waiting' | 'failed' | 'completed';
  /** `CrashLoopBackOff`, `Error`, `Completed`; empty while it runs. */
  readonly reason: string;
}

/** A container that was started again, and why it had ended. */
export interface Restart {
  readonly container: string;
  readonly atMs: number;
  /** How many at once: more than one between two looks. */
  readonly count: number;
  /** `OOMKilled`, `Error`, `Completed`; undefined: nobody knows. */
  readonly reason: string | undefined;
  readonly exitCode: number | undefined;
}

export interface ContainerHistory {
  readonly container: string;
  readonly isInit: boolean;
  readonly spans: readonly StateSpan[];
  readonly restarts: readonly Restart[];
}

const names = [
  'running',
  'ready',
  'waiting_reason',
  'terminated_reason',
  'restarts_total',
  'last_terminated_reason',
  'last_terminated_exitcode',
];

/** All that is known of a pod's containers over time, in one query. */
export const historyExpr = (namespace: string, pod: string): string =>
  `{__name__=~"kube_pod_(init_)?container_status_(${names.join('|')})",namespace=${quoted(namespace)},pod=${quoted(pod)}}`;

interface Point {
  running?: boolean;
  ready?: boolean;
  waiting?: string;
  terminated?: string;
  restarts?: number;
  lastReason?: string;
  exitCode?: number;
}

/** @param stepMs from one point of the answer to the next */
export function containerHistories(
  items: readonly WireMatrixItem[],
  stepMs: number,
): readonly ContainerHistory[] {
  const byContainer = new Map<string, { isInit: boolean; points: Map<number, Point> }>();
  for (const { metric, values = [] } of items) {
    const container = metric['container'];
    const match = /^kube_pod_(init_)?container_status_(\w+)$/.exec(metric['__name__'] ?? '');
    if (container === undefined || match === null) continue;
    const isInit = match[1] !== undefined;
    let known = byContainer.get(container);
    if (known === undefined) {
      known = { isInit, points: new Map() };
      byContainer.set(container, known);
    }
    for (const [seconds, text] of values) {
      const atMs = Math.round(seconds * 1000);
      let point = known.points.get(atMs);
      if (point === undefined) {
        point = {};
        known.points.set(atMs, point);
      }
      put(point, match[2] as string, Number(text), metric['reason'] ?? '');
    }
  }
  return [...byContainer]
    .map(([container, { isInit, points }]) => {
      const sorted = [...points].toSorted(([a], [b]) => a - b);
      return {
        container,
        isInit,
        spans: spansOf(sorted, stepMs),
        restarts: restartsOf(container, sorted, stepMs),
      };
    })
    .toSorted(
      (a, b) => Number(b.isInit) - Number(a.isInit) || (a.container < b.container ? -1 : 1),
    );
}

function put(point: Point, what: string, value: number, reason: string): void {
  const isOn = value === 1;
  if (what === 'running') point.running = isOn;
  else if (what === 'ready') point.ready = isOn;
  else if (what === 'restarts_total') point.restarts = Math.max(point.restarts ?? 0, value);
  else if (what === 'last_terminated_exitcode') point.exitCode = value;
  else if (!isOn) return;
  else if (what === 'waiting_reason') point.waiting = reason;
  else if (what === 'terminated_reason') point.terminated = reason;
  else if (what === 'last_terminated_reason') point.lastReason = reason;
}

function stateOf({
  running,
  ready,
  waiting,
  terminated,
}: Point): Omit<StateSpan, 'fromMs' | 'toMs'> | undefined {
  if (waiting !== undefined) return { kind: 'waiting', reason: waiting };
  if (terminated !== undefined) {
    return { kind: terminated === 'Completed' ? 'completed' : 'failed', reason: terminated };
  }
  if (running === true) return { kind: ready === false ? 'unready' : 'running', reason: '' };
  return undefined;
}

/** Neighbours that are alike are one span; where nothing was told there is a gap. */
function spansOf(points: readonly (readonly [number, Point])[], stepMs: number): StateSpan[] {
  const spans: StateSpan[] = [];
  for (const [atMs, point] of points) {
    const state = stateOf(point);
    if (state === undefined) continue;
    const last = spans.at(-1);
    const isNext = last !== undefined && atMs - last.toMs < stepMs;
    if (isNext && last.kind === state.kind && last.reason === state.reason) {
      spans[spans.length - 1] = { ...last, toMs: atMs + stepMs };
    } else spans.push({ ...state, fromMs: atMs, toMs: atMs + stepMs });
  }
  return spans;
}

function restartsOf(
  container: string,
  points: readonly (readonly [number, Point])[],
  stepMs: number,
): Restart[] {
  const restarts: Restart[] = [];
  let before: number | undefined;
  for (const [atMs, { restarts: now, lastReason, exitCode }] of points) {
    if (now === undefined) continue;
    if (before !== undefined && now > before) {
      restarts.push({
        container,
        // Somewhere between the two looks.
        atMs: atMs - stepMs / 2,
        count: now - before,
        reason: lastReason,
        exitCode,
      });
    }
    before = now;
  }
  return restarts;
}
