import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { browserMissing } from '../test/browser/console.ts';
import {
  type DashboardsConsole,
  dashboardFilesMissing,
  startDashboardsConsole,
} from '../test/browser/dashboards-console.ts';
import { type TracedWork, traced } from './frame-trace.ts';

/** A screen of 60 Hz; an interval beyond one and a half of it is a frame that was not drawn. */
const frameMs = 1000 / 60;
const drawTimeoutMs = 120_000;
/** Of the window of 1440 by 900 px. */
const chartsInSight = 4;
const path = '/d/rYdddlPWk/node-exporter-full?from=now-24h&to=now&refresh=off';

/**
 * The published dashboard of a machine with all that it has (node-exporter-full) in Chromium, over a
 * real server with made-up machines.
 *
 *     npm run bench -- dashboards [--nodes 3] [--hours 24] [--step 60] [--loads 5] [--only open|move]
 *
 * Browser and server share the machine, and where there is no graphics card the processor draws as
 * well: the figures are those of the worst case. Frames are told twice: the time between them as a
 * person sees it, and what they cost the processor, which other work on the machine does not hide.
 * `control` is an empty page under the same clock: what this browser can do at best.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      nodes: { type: 'string', default: '3' },
      hours: { type: 'string', default: '24' },
      step: { type: 'string', default: '60' },
      loads: { type: 'string', default: '5' },
      only: { type: 'string' },
    },
  });
  const missing = browserMissing() ?? dashboardFilesMissing();
  if (missing !== undefined) throw new Error(missing);
  await using app = await startDashboardsConsole({
    nodes: Number(values.nodes),
    lengthMs: Number(values.hours) * 3_600_000,
    stepMs: Number(values.step) * 1000,
  });
  const result: Record<string, unknown> = { series: app.seriesCount };
  if (values.only !== 'move') {
    result['open'] = await measureLoads(app, Number(values.loads));
    console.log('open', result['open']);
  }
  if (values.only !== 'open') {
    const control = await measureControl(app);
    console.dir({ control }, { depth: 4 });
    const moved = await measureMovement(app);
    console.dir(moved, { depth: 4 });
    Object.assign(result, { control, ...moved });
  }
  console.log(JSON.stringify(result));
}

interface LoadFigures {
  /** Panels in sight that show data, and of them those that are drawn on canvases. */
  readonly panels: number;
  readonly charts: number;
  /** From opening the link until all panels in sight are drawn, median. */
  readonly drawnMs: number;
  /** From the last answer of the server until then, median. */
  readonly afterAnswersMs: number;
}

async function measureLoads(app: DashboardsConsole, loads: number): Promise<LoadFigures> {
  const drawnMs: number[] = [];
  const afterAnswersMs: number[] = [];
  let panels = 0;
  let charts = 0;
  for (let load = 0; load < loads; load++) {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}${path}`);
    const drawn = await untilDrawn(page);
    drawnMs.push(drawn.atMs);
    afterAnswersMs.push(drawn.atMs - drawn.answeredMs);
    ({ panels, charts } = drawn);
    assert.deepEqual(errors, []);
    await context.close();
  }
  // Eleven figures and four charts: the answer is checked, not only its time.
  assert.deepEqual({ panels, charts }, { panels: 11 + chartsInSight, charts: chartsInSight });
  return { panels, charts, drawnMs: median(drawnMs), afterAnswersMs: median(afterAnswersMs) };
}

interface Drawn {
  readonly atMs: number;
  readonly answeredMs: number;
  readonly panels: number;
  readonly charts: number;
}

/** Until every panel in sight has its data and the frame after that is painted. Ms since the opening. */
async function untilDrawn(page: Page): Promise<Drawn> {
  const handle = await page.waitForFunction(
    (leastCharts) => {
      // Runs in the browser, whose types this file does not have.
      const scope = globalThis as unknown as BrowserScope;
      const bodies = [...scope.document.querySelectorAll('[data-panel] [data-state]')];
      const shown = bodies.filter((body) => {
        const { top, bottom } = body.getBoundingClientRect();
        return bottom > 0 && top < scope.innerHeight;
      });
      const charts = shown.filter((body) => body.querySelector('canvas') !== null).length;
      const isDone =
        charts >= leastCharts && shown.every((body) => body.getAttribute('data-state') === 'done');
      if (!isDone) return undefined;
      const answers = scope.performance
        .getEntriesByType('resource')
        .filter((entry) => entry.name.endsWith('/api/ds/query'));
      return {
        atMs: scope.performance.now(),
        answeredMs: Math.max(0, ...answers.map((entry) => entry.responseEnd)),
        panels: shown.length,
        charts,
      };
    },
    chartsInSight,
    { timeout: drawTimeoutMs, polling: 'raf' },
  );
  return (await handle.jsonValue()) as Drawn;
}

interface BrowserElement {
  getBoundingClientRect(): { readonly top: number; readonly bottom: number };
  getAttribute(name: string): string | null;
  querySelector(selector: string): unknown;
  scrollTop: number;
  readonly scrollHeight: number;
  readonly style: { transform: string };
}

interface BrowserScope {
  readonly document: {
    querySelectorAll(selector: string): Iterable<BrowserElement>;
    querySelector(selector: string): BrowserElement | null;
  };
  readonly innerHeight: number;
  readonly performance: {
    now(): number;
    getEntriesByType(type: string): { readonly name: string; readonly responseEnd: number }[];
  };
  requestAnimationFrame(next: (ms: number) => void): void;
  frames: number[];
}

interface FrameFigures {
  /** Between frames, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Share of the time beyond the frame it was meant for, percent. */
  readonly latePercent: number;
  /** Of the processor, for a frame. */
  readonly work: TracedWork;
}

/** An empty page, on which one square moves. */
async function measureControl(app: DashboardsConsole): Promise<FrameFigures> {
  const { page, context } = await app.open();
  await page.setContent('<div style="width:90px;height:90px;background:teal"></div>');
  const figures = await measureFrames(app, page, () =>
    page.evaluate(async (lengthMs) => {
      const scope = globalThis as unknown as BrowserScope;
      const square = scope.document.querySelector('div')!;
      const startMs = scope.performance.now();
      await new Promise<void>((resolve) => {
        const next = (): void => {
          const passedMs = scope.performance.now() - startMs;
          square.style.transform = `translateX(${passedMs / 10}px)`;
          if (passedMs < lengthMs) scope.requestAnimationFrame(next);
          else resolve();
        };
        scope.requestAnimationFrame(next);
      });
    }, 3000),
  );
  await context.close();
  return figures;
}

/** All rows open, all data there: scrolling through, and moving over a chart. */
async function measureMovement(app: DashboardsConsole): Promise<{
  readonly allPanels: number;
  readonly scroll: FrameFigures;
  readonly hover: FrameFigures;
}> {
  const { page, errors, context } = await app.open();
  await page.goto(`${app.url}${path}`);
  await untilDrawn(page);
  await page.keyboard.press('d');
  await page.keyboard.press('e');
  const panels = page.locator('[data-panel]');
  await page.waitForFunction(
    () =>
      [...(globalThis as unknown as BrowserScope).document.querySelectorAll('[data-panel]')]
        .length > 100,
  );
  const allPanels = await panels.count();
  // Once through, so that every panel has asked and has its answer.
  await scrollThrough(page, 30);
  await page.waitForLoadState('networkidle');
  const scroll = await measureFrames(app, page, () => scrollThrough(page, 6));
  const chart = page.locator('[data-panel] .u-over').first();
  await chart.scrollIntoViewIfNeeded();
  const box = (await chart.boundingBox())!;
  const heads = new Set<string>();
  const hover = await measureFrames(app, page, async () => {
    for (let step = 0; step <= hoverMoves; step++) {
      const x = box.x + (box.width * step) / hoverMoves;
      await page.mouse.move(x, box.y + box.height * (0.3 + 0.4 * Math.abs(Math.sin(step / 9))));
      if (step % 20 === 10) heads.add(await page.locator('[role=tooltip]').innerText());
    }
  });
  // It was over the chart that the pointer moved: each look at the tooltip told of another moment.
  assert.equal(heads.size, hoverMoves / 20);
  assert.deepEqual(errors, []);
  await context.close();
  return { allPanels, scroll, hover };
}

const hoverMoves = 120;

async function measureFrames(
  app: DashboardsConsole,
  page: Page,
  act: () => Promise<void>,
): Promise<FrameFigures> {
  let frames: readonly number[] = [];
  const work = await traced(app.browser, page, async () => {
    await watchFrames(page);
    await act();
    frames = await framesOf(page);
  });
  return { ...figuresOf(frames), work };
}

/** From the top to the bottom, so many px more with each frame. */
async function scrollThrough(page: Page, seconds: number): Promise<void> {
  await page.evaluate(async (lengthMs) => {
    const scope = globalThis as unknown as BrowserScope;
    const list = [...scope.document.querySelectorAll('section')].find(
      (one) => one.scrollHeight > 5000,
    );
    if (list === undefined) throw new Error('Nothing scrolls');
    const height = list.scrollHeight;
    const startMs = scope.performance.now();
    await new Promise<void>((resolve) => {
      const next = (): void => {
        const part = (scope.performance.now() - startMs) / lengthMs;
        list.scrollTop = height * Math.min(1, part);
        if (part < 1) scope.requestAnimationFrame(next);
        else resolve();
      };
      scope.requestAnimationFrame(next);
    });
    list.scrollTop = 0;
  }, seconds * 1000);
}

async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const scope = globalThis as unknown as BrowserScope;
    const frames: number[] = [];
    scope.frames = frames;
    let last = 0;
    const next = (ms: number): void => {
      if (scope.frames !== frames) return;
      if (last > 0) frames.push(ms - last);
      last = ms;
      scope.requestAnimationFrame(next);
    };
    scope.requestAnimationFrame(next);
  });
}

async function framesOf(page: Page): Promise<readonly number[]> {
  return await page.evaluate(() => {
    const scope = globalThis as unknown as BrowserScope;
    const { frames } = scope;
    scope.frames = [];
    return frames;
  });
}

function figuresOf(frames: readonly number[]): Omit<FrameFigures, 'work'> {
  const sorted = frames.toSorted((a, b) => a - b);
  const total = frames.reduce((sum, ms) => sum + ms, 0);
  const late = frames.reduce((sum, ms) => sum + (ms > frameMs * 1.5 ? ms - frameMs : 0), 0);
  return {
    p50: round(quantile(sorted, 0.5)),
    p99: round(quantile(sorted, 0.99)),
    worst: round(sorted.at(-1) ?? 0),
    latePercent: round((late / Math.max(1, total)) * 100),
  };
}

const median = (list: readonly number[]): number =>
  round(
    quantile(
      list.toSorted((a, b) => a - b),
      0.5,
    ),
  );
const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;
