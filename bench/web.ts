import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { browserMissing, type ConsoleUnderTest, startConsole } from '../test/browser/console.ts';
import { appGroup, clusterGroup } from '../test/browser/console-data.ts';

/** 90,000 lines a minute. */
const tailEventsPerSecond = 1500;
/** A screen of 60 Hz; an interval beyond one and a half of it is a frame that was not drawn. */
const frameMs = 1000 / 60;
const tailTimeoutMs = 600_000;

/**
 * The console in Chromium: the smoothness of a live tail, and the first paint of each page.
 *
 *     npm run bench -- web [--lines 100000] [--loads 7] [--only tail|paint]
 *
 * Browser, server and data source share the machine, and where there is no graphics card the
 * processor draws as well: the figures are those of the worst case.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      lines: { type: 'string', default: '100000' },
      loads: { type: 'string', default: '7' },
      only: { type: 'string' },
    },
  });
  const missing = browserMissing();
  if (missing !== undefined) throw new Error(missing);
  const result: Record<string, unknown> = {};
  if (values.only !== 'paint') result['tail'] = await measureTail(Number(values.lines));
  if (values.only !== 'tail') result['paint'] = await measurePaint(Number(values.loads));
  console.log(JSON.stringify(result));
}

interface TailFigures {
  readonly lines: number;
  readonly seconds: number;
  /** Between frames, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Share of the time that went beyond the frame it was meant for, percent. */
  readonly latePercent: number;
  /** Of the page's main thread: share of the time in which it was busy, percent. */
  readonly busyPercent: number;
}

async function measureTail(lines: number): Promise<TailFigures> {
  await using app = await startConsole(tailEventsPerSecond);
  const { page, errors, context } = await app.open();
  await page.goto(`${app.url}/logs/tail?group=${encodeURIComponent(appGroup)}`);
  await page.getByRole('region', { name: 'Log lines' }).waitFor();
  const client = await context.newCDPSession(page);
  await client.send('Performance.enable');
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0;
  };
  const before = await busySeconds();
  const startMs = performance.now();
  await page.evaluate(() => {
    const scope = globalThis as unknown as {
      frames: number[];
      requestAnimationFrame: (f: (ms: number) => void) => void;
    };
    scope.frames = [];
    let last = 0;
    const next = (ms: number): void => {
      if (last > 0) scope.frames.push(ms - last);
      last = ms;
      scope.requestAnimationFrame(next);
    };
    scope.requestAnimationFrame(next);
  });
  const first = await received(page);
  let now = first;
  while (now - first < lines) {
    assert.ok(performance.now() - startMs < tailTimeoutMs, `Only ${now - first} lines came`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    now = await received(page);
  }
  const frames = await page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames);
  const seconds = (performance.now() - startMs) / 1000;
  const busy = (await busySeconds()) - before;
  assert.deepEqual(errors, []);
  const sorted = frames.toSorted((a, b) => a - b);
  const late = frames.reduce((sum, ms) => sum + (ms > frameMs * 1.5 ? ms - frameMs : 0), 0);
  const figures = {
    lines: now - first,
    seconds: round(seconds),
    p50: round(quantile(sorted, 0.5)),
    p99: round(quantile(sorted, 0.99)),
    worst: round(sorted.at(-1) ?? 0),
    latePercent: round((late / (seconds * 1000)) * 100),
    busyPercent: round((busy / seconds) * 100),
  };
  console.log('live tail', figures);
  return figures;
}

/** The page's own count. */
async function received(page: Page): Promise<number> {
  const text = await page.getByText(/^[\d,]+ lines(?: |$)/).innerText();
  return Number(/^([\d,]+) lines/.exec(text)?.[1]?.replaceAll(',', '') ?? 0);
}

interface PaintFigures {
  readonly firstPaintMs: number;
  /** Until what the page is for can be read. */
  readonly contentMs: number;
}

async function measurePaint(loads: number): Promise<Record<string, PaintFigures>> {
  await using app = await startConsole();
  const query = 'fields @timestamp, @message, @logStream | sort @timestamp desc | limit 20';
  const pages: readonly (readonly [string, string, string])[] = [
    ['overview', '/', 'All is well'],
    [
      'insights',
      `/logs/insights?q=${encodeURIComponent(query)}&group=${encodeURIComponent(appGroup)}`,
      'order stored',
    ],
    ['groups', '/logs/groups', clusterGroup],
    ['group', `/logs/group?group=${encodeURIComponent(appGroup)}`, 'order stored'],
    ['tail', '/logs/tail', 'Choose what to follow'],
    ['settings', '/settings', 'Dark'],
  ];
  const figures: Record<string, PaintFigures> = {};
  for (const [name, path, text] of pages) {
    const readings: PaintFigures[] = [];
    for (let i = 0; i < loads; i++) readings.push(await loadCold(app, app.url + path, text));
    figures[name] = {
      firstPaintMs: median(readings.map((reading) => reading.firstPaintMs)),
      contentMs: median(readings.map((reading) => reading.contentMs)),
    };
    console.log(name, figures[name]);
  }
  return figures;
}

/** In a fresh profile: nothing is cached. */
async function loadCold(app: ConsoleUnderTest, url: string, text: string): Promise<PaintFigures> {
  const { page, context } = await app.open();
  await page.addInitScript((wanted) => {
    const scope = globalThis as unknown as {
      contentMs: number;
      document: { body: { innerText: string } | null };
      requestAnimationFrame: (f: () => void) => void;
    };
    const look = (): void => {
      if (scope.document.body?.innerText.includes(wanted)) scope.contentMs = performance.now();
      else scope.requestAnimationFrame(look);
    };
    look();
  }, text);
  await page.goto(url);
  await page.waitForFunction(() => 'contentMs' in globalThis);
  const reading = await page.evaluate(() => ({
    firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    contentMs: (globalThis as unknown as { contentMs: number }).contentMs,
  }));
  await context.close();
  return reading;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function median(values: readonly number[]): number {
  return Math.round(
    quantile(
      values.toSorted((a, b) => a - b),
      0.5,
    ),
  );
}
