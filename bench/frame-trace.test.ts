import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workOf } from './frame-trace.ts';

/** A thread: its name, and events as [name, start, length] in µs, all of them of the processor. */
const thread = (
  pid: number,
  tid: number,
  name: string,
  events: readonly (readonly [string, number, number])[],
): Parameters<typeof workOf>[0] => [
  { ph: 'M', pid, tid, ts: 0, name: 'thread_name', args: { name } },
  ...events.map(([name, ts, dur]) => ({ ph: 'X', pid, tid, ts, dur, tdur: dur, name })),
];

describe('the work of a trace', () => {
  it('is that of each thread, for a frame, without what is inside of an event', () => {
    const work = workOf([
      { ph: 'R', pid: 1, tid: 1, ts: 100, name: 'traced-page' },
      ...thread(1, 1, 'CrRendererMain', [
        ['RunTask', 0, 50],
        ['RunTask', 1000, 8000],
        ['FunctionCall', 2000, 3000],
        ['LocalFrameView::performLayout', 3000, 1000],
        ['Commit', 6000, 1000],
      ]),
      ...thread(2, 1, 'CrRendererMain', [['RunTask', 1000, 9000]]),
      ...thread(1, 2, 'Compositor', [['RunTask', 1000, 500]]),
      ...thread(1, 3, 'ThreadPoolForegroundWorker', [
        ['RasterTask', 1000, 2000],
        ['RasterTask', 4000, 2000],
      ]),
      ...thread(3, 1, 'VizCompositorThread', [
        ['Display::DrawAndSwap', 1000, 1000],
        ['Display::DrawAndSwap', 5000, 1000],
      ]),
    ]);
    assert.deepEqual(work, {
      frames: 2,
      main: 4,
      parts: { other: 2, script: 1, layout: 0.5, layers: 0.5 },
      raster: 2,
      tiles: 1,
      compositor: 0.25,
      display: 1,
    });
  });

  it('of another page is none', () => {
    assert.throws(() => workOf([]), /mark of the page/);
  });
});
