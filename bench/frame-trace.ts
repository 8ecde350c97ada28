import type { Browser, Page } from 'playwright-core';

/** What the threads of a browser did in a stretch of time: ms of processor time for a frame. */
export interface TracedWork {
  /** Pictures that reached the screen; all that follows is for one of them. */
  readonly frames: number;
  /** The page's main thread. */
  readonly main: number;
  /** Of it: script, style, layout, prepaint, paint, layers (layerize and commit), hit test, sight, collection. */
  readonly parts: Readonly<Record<string, number>>;
  /** Drawing commands made into pixels, on all threads. */
  readonly raster: number;
  /** Tiles for which that was done. */
  readonly tiles: number;
  /** The compositor thread of the page. */
  readonly compositor: number;
  /** Layers put together to what is on the screen. Without a graphics card: by the processor. */
  readonly display: number;
}

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** In µs, as are the others. */
  readonly ts: number;
  readonly dur?: number;
  /** Of the processor. */
  readonly tdur?: number;
  readonly name: string;
  readonly args?: { readonly name?: string };
}

const categories = ['blink.user_timing', 'toplevel', 'devtools.timeline', 'blink', 'cc', 'viz'];
const pageMark = 'traced-page';

/** What happened while `act` ran, beginning with a mark that tells this page's thread from others. */
export async function traced(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<TracedWork> {
  const client = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  client.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  await client.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: categories, recordMode: 'recordAsMuchAsPossible' },
  });
  await page.evaluate(`performance.mark(${JSON.stringify(pageMark)})`);
  await act();
  const complete = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
  await client.send('Tracing.end');
  await complete;
  await client.detach();
  return workOf(events);
}

/** @throws where the page's mark is not among the events */
export function workOf(events: readonly TraceEvent[]): TracedWork {
  const mark = events.find(({ name }) => name === pageMark);
  if (mark === undefined) throw new Error('The trace does not have the mark of the page');
  const threads = threadNames(events);
  const lists = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (event.ph !== 'X' || event.ts < mark.ts) continue;
    const key = threadKey(event);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [event]);
    else list.push(event);
  }
  const parts: Record<string, number> = {};
  const sums = { frames: 0, main: 0, raster: 0, tiles: 0, compositor: 0, display: 0 };
  for (const [key, list] of lists) {
    const name = threads.get(key) ?? '';
    const total = selfTimes(list, (event, selfMs) => {
      if (event.name === 'RasterTask') {
        sums.raster += (event.tdur ?? 0) / 1000;
        sums.tiles++;
      }
      if (event.name === 'Display::DrawAndSwap') sums.frames++;
      if (key !== threadKey(mark)) return;
      const part = partOf(event.name);
      parts[part] = (parts[part] ?? 0) + selfMs;
    });
    if (key === threadKey(mark)) sums.main += total;
    else if (name === 'Compositor' && list[0]?.pid === mark.pid) sums.compositor += total;
    else if (name === 'VizCompositorThread') sums.display += total;
  }
  const each = (ms: number): number => Math.round((ms / Math.max(1, sums.frames)) * 100) / 100;
  return {
    frames: sums.frames,
    main: each(sums.main),
    parts: Object.fromEntries(Object.entries(parts).map(([part, ms]) => [part, each(ms)])),
    raster: each(sums.raster),
    tiles: each(sums.tiles),
    compositor: each(sums.compositor),
    display: each(sums.display),
  };
}

const threadKey = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;

function threadNames(events: readonly TraceEvent[]): ReadonlyMap<string, string> {
  return new Map(
    events
      .filter(({ ph, name }) => ph === 'M' && name === 'thread_name')
      .map((event) => [threadKey(event), event.args?.name ?? '']),
  );
}

/**
 * Tells of each event of one thread how long it took without those inside of it.
 * @returns ms of all events together
 */
function selfTimes(
  events: TraceEvent[],
  tell: (event: TraceEvent, selfMs: number) => void,
): number {
  events.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const open: { event: TraceEvent; insideUs: number }[] = [];
  let totalUs = 0;
  const close = (): void => {
    const done = open.pop();
    if (done === undefined) return;
    const us = done.event.tdur ?? 0;
    tell(done.event, Math.max(0, us - done.insideUs) / 1000);
    const outer = open.at(-1);
    if (outer === undefined) totalUs += us;
    else outer.insideUs += us;
  };
  for (const event of events) {
    while (open.length > 0 && endOf(open.at(-1)?.event) <= event.ts) close();
    open.push({ event, insideUs: 0 });
  }
  while (open.length > 0) close();
  return totalUs / 1000;
}

const endOf = (event: TraceEvent | undefined): number => (event?.ts ?? 0) + (event?.dur ?? 0);

const partPatterns: readonly (readonly [RegExp, string])[] = [
  [/^(FunctionCall|FireAnimationFrame|EventDispatch|TimerFire|EvaluateScript|v8\.)/, 'script'],
  [/GC/, 'collection'],
  [/HitTest/, 'hitTest'],
  [/IntersectionObserver/, 'sight'],
  [/recalcStyle|updateStyle|UpdateLayoutTree|Style\./, 'style'],
  [/performLayout|^Layout|ShapeText|LayoutView/, 'layout'],
  [/PrePaint|CompositingInputs|CullRect/, 'prepaint'],
  [/^Paint$|Paint\.UpdateTime/, 'paint'],
  [/PaintArtifactCompositor|Layerize|Commit|DoUpdateLayers|CanvasResource|UpdateLayer/, 'layers'],
];

function partOf(name: string): string {
  return partPatterns.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
