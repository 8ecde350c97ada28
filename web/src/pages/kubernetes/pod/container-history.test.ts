import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireMatrixItem } from '../../../api/metrics.ts';
import { containerHistories } from './container-history.ts';

const stepMs = 60_000;
/** One value a minute from minute 0; undefined: none. */
const item = (
  name: string,
  values: readonly (number | undefined)[],
  more: Readonly<Record<string, string>> = {},
): WireMatrixItem => ({
  metric: { __name__: `kube_pod_container_status_${name}`, container: 'app', ...more },
  values: values.flatMap((value, at) =>
    value === undefined ? [] : [[at * 60, String(value)] as const],
  ),
});

describe('containerHistories()', () => {
  const [history] = containerHistories(
    [
      item('running', [1, 1, 0, 0, 1, undefined, 1]),
      item('ready', [1, 1, 0, 0, 0, undefined, 1]),
      item('waiting_reason', [0, 0, 1, 1, 0], { reason: 'CrashLoopBackOff' }),
      item('restarts_total', [2, 2, 2, 3, 3, undefined, 4]),
      item('last_terminated_reason', [undefined, undefined, 1, 1, 1, undefined, 1], {
        reason: 'OOMKilled',
      }),
      item('last_terminated_exitcode', [undefined, undefined, 137, 137, 137, undefined, 137]),
    ],
    stepMs,
  );

  it('makes spans of what is alike, and leaves a gap where nothing was told', () => {
    assert.deepEqual(
      history?.spans.map(({ kind, reason, fromMs, toMs }) => [
        kind,
        reason,
        fromMs / stepMs,
        toMs / stepMs,
      ]),
      [
        ['running', '', 0, 2],
        ['waiting', 'CrashLoopBackOff', 2, 4],
        ['unready', '', 4, 5],
        ['running', '', 6, 7],
      ],
    );
  });
  it('finds restarts with their reason', () => {
    assert.deepEqual(
      history?.restarts.map(({ atMs, count, reason, exitCode }) => [
        atMs / stepMs,
        count,
        reason,
        exitCode,
      ]),
      [
        [2.5, 1, 'OOMKilled', 137],
        [5.5, 1, 'OOMKilled', 137],
      ],
    );
  });
  it('does not take a first look for a restart', () => {
    const [first] = containerHistories([item('restarts_total', [7, 7])], stepMs);
    assert.deepEqual(first?.restarts, []);
  });
});
