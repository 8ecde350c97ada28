import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { axeViolations, type ConsoleUnderTest, skipWithoutBrowser, thereAre } from './console.ts';
import { startGallery } from './panel-gallery.ts';

/** Least share of the pixels of a panel's canvases that something is drawn on. */
const leastShare = 0.005;

/** Waits until a panel's canvases are no longer empty. */
async function isDrawn(page: Page, title: string): Promise<void> {
  const selector = `[data-panel=${JSON.stringify(title)}] canvas`;
  await page.waitForFunction(`(() => {
    let drawn = 0;
    let all = 0;
    for (const canvas of document.querySelectorAll(${JSON.stringify(selector)})) {
      if (canvas.width * canvas.height === 0) continue;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 3; at < data.length; at += 4) {
        all++;
        if (data[at] > 0) drawn++;
      }
    }
    return all > 0 && drawn / all > ${leastShare};
  })()`);
}

/** Titles of the examples that draw on a canvas. */
const canvasTypes = [
  'Lines with a list',
  'Table on the right',
  'Stacked, table below',
  'Shares',
  'Stacked bars',
  'In and out',
  'Two units',
  'Thresholds and gaps',
  'Coloured by value',
  'Logarithmic, steps and marks',
  'Points',
  'Band',
  'Fifty series',
  'Buckets',
  'Calculated',
  'States',
  'History',
  'Over a number',
  'One over another',
  'Squares by value',
  'Candles and volume',
  'Bars with ticks',
  'Stacks',
  'Places',
];

describe('panels in a browser', { skip: skipWithoutBrowser() }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startGallery();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const panel = (page: Page, title: string): Locator => page.locator(`[data-panel="${title}"]`);

  async function open(
    only: string,
    options: Parameters<ConsoleUnderTest['open']>[0] = {},
  ): Promise<{ page: Page; errors: string[]; close: () => Promise<void> }> {
    const { page, errors, context } = await app.open(options);
    await page.goto(`${app.url}/${only === '' ? '' : `?only=${only}`}`);
    await page.waitForLoadState('networkidle');
    return { page, errors, close: () => context.close() };
  }

  for (const theme of ['dark', 'light'] as const) {
    it(`are drawn, without an error, clean to axe: ${theme}`, async () => {
      const { page, errors, close } = await open('', { theme, height: 6000 });
      for (const title of canvasTypes) await isDrawn(page, title);
      await page.evaluate('document.fonts.ready.then(() => undefined)');
      assert.deepEqual(await axeViolations(page), []);
      // The picture that tries to run a script is not there to be loaded.
      assert.deepEqual(
        errors.filter((error) => !error.includes('404')),
        [],
      );
      assert.equal(await page.title(), 'Panels');
      await close();
    });
  }

  it('show their values in words', async () => {
    const { page, close } = await open(
      'stat,gauge,bargauge,piechart,table,text,not-installed-panel',
    );
    const f = async (title: string, ...texts: readonly string[]): Promise<void> => {
      for (const text of texts) {
        await panel(page, title).getByText(text, { exact: true }).first().waitFor();
      }
    };
    await f('On its colour', '118 MiB');
    await f('Mapped', 'Up');
    await f('Nothing', 'none yet');
    await f('Several', 'node-a', '50.8%');
    await f('One gauge', '66.7%');
    await f('Lamps', 'node-b', '62.4%');
    await f('Upright', '73.5%');
    await f('Pie', '32%', '88.6', 'Percent');
    await f('Table', 'Pod', '480 MiB', '91%', 'Count: 6', '246%');
    await f('Several frames', 'node-a');
    await f('Markdown', 'About shop');
    await f('Unknown type', 'Panel plugin not found: not-installed-panel', 'Name');
    await f('Code', '"cluster": "seoul"');
    await close();
  });

  it('say when nothing came, when a query failed, and wait in their shape', async () => {
    const { page, close } = await open('timeseries');
    await panel(page, 'Nothing came').getByText('No data').waitFor();
    await panel(page, 'Failed').getByText('A: parse error: unexpected "}" at 1:14').waitFor();
    await thereAre(panel(page, 'On its way').getByText('No data'), 0);
    await close();
  });

  it('a legend shows one series alone, toggles with Ctrl, and sorts its table', async () => {
    const { page, close } = await open('timeseries');
    const chart = panel(page, 'Table on the right');
    const names = async (): Promise<string[]> =>
      await chart
        .locator('tbody button')
        .evaluateAll((all: { title: string }[]) => all.map((one) => one.title));
    await chart.locator('tbody button').first().waitFor();
    assert.deepEqual((await names()).at(-1), 'cart-7d9f');
    await chart.getByRole('button', { name: 'Name', exact: true }).click();
    await chart.getByRole('button', { name: 'Name', exact: true }).click();
    assert.deepEqual((await names())[0], 'cart-7d9f');
    const cart = chart.getByRole('button', { name: 'cart-7d9f' });
    const search = chart.getByRole('button', { name: 'search-84ff' });
    await cart.click();
    assert.equal(await search.getAttribute('aria-pressed'), 'false');
    await search.click({ modifiers: ['Control'] });
    assert.equal(await search.getAttribute('aria-pressed'), 'true');
    assert.equal(await cart.getAttribute('aria-pressed'), 'true');
    await close();
  });

  it('a hover tells the values of the moment, on other panels its crosshair; a click pins links', async () => {
    const { page, close } = await open('timeseries');
    const chart = panel(page, 'Stacked, table below').locator('.u-over');
    await chart.hover({ position: { x: 120, y: 40 } });
    const tip = page.getByRole('tooltip');
    await tip.waitFor();
    const rows = await tip.innerText();
    assert.match(rows, /2026-11-24 10:\d\d:00/);
    assert.match(rows, /checkout-5b6c\s+\d+(\.\d+)?%/);
    // Largest first, as the panel asks for.
    const values = [...rows.matchAll(/([\d.]+)%/g)].map((match) => Number(match[1]));
    assert.deepEqual(
      values,
      values.toSorted((a, b) => b - a),
    );
    const remote = panel(page, 'Shares').locator('.u-over > div[class*="remote"]');
    await remote.waitFor({ state: 'attached' });
    await remote.and(page.locator('[style*="display: block"]')).waitFor({ state: 'attached' });
    const points = panel(page, 'Points').locator('.u-over');
    await points.scrollIntoViewIfNeeded();
    await points.click({ position: { x: 150, y: 60 } });
    const link = page.getByRole('dialog').getByRole('link', { name: /Pods of/ });
    assert.match((await link.getAttribute('href')) ?? '', /\/d\/pods\?var-pod=c/);
    await page.keyboard.press('Escape');
    await thereAre(page.getByRole('dialog'), 0);
    await close();
  });

  it('a drag asks for the range that was drawn over', async () => {
    const { page, close } = await open('timeseries');
    const chart = panel(page, 'Lines with a list').locator('.u-over');
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width / 4, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 30, { steps: 4 });
    await page.mouse.up();
    const zoomed = String(await page.evaluate('document.body.dataset.zoomed'));
    const [from = 0, to = 0] = zoomed.split(' ').map(Number);
    const startMs = Date.UTC(2026, 10, 24, 1);
    assert.ok(Math.abs(from - (startMs + 900_000)) < 60_000, zoomed);
    assert.ok(Math.abs(to - (startMs + 1_800_000)) < 60_000, zoomed);
    await close();
  });

  it('a table sorts, filters a column, links its cells and turns its pages', async () => {
    const { page, close } = await open('table');
    const table = panel(page, 'Table');
    const first = table.locator('[role=rowgroup] [role=row]').first();
    assert.match(await first.innerText(), /checkout-5b6c/);
    await table.getByRole('button', { name: 'Restarts', exact: true }).click();
    await table.getByRole('button', { name: 'Restarts', exact: true }).click();
    assert.match(await first.innerText(), /payments-9c1d/);
    const link = table.getByRole('link', { name: 'payments-9c1d' });
    assert.match(
      (await link.getAttribute('href')) ?? '',
      /\/d\/pod\?var-pod=payments-9c1d&var-namespace=shop$/,
    );
    await table.getByRole('button', { name: 'Filter Pod' }).click();
    await page.getByRole('checkbox', { name: 'mail-0' }).check();
    await page.keyboard.press('Escape');
    await thereAre(table.locator('[role=rowgroup] [role=row]'), 1);
    const pages = panel(page, 'Pages of many');
    await pages.getByRole('button', { name: 'Next page' }).click();
    assert.match(await pages.innerText(), /of 500/);
    await close();
  });

  it('a picture of a panel holds what the screen shows', async () => {
    const { page, close } = await open('timeseries,stat');
    await isDrawn(page, 'Table on the right');
    await panel(page, 'Table on the right').getByText('search-84ff').waitFor();
    const made = (await page.evaluate(`(async () => {
      const element = document.querySelector('[data-panel="Table on the right"]');
      const svg = await pictures.toSvg(element);
      const bitmap = await createImageBitmap(await pictures.toPng(element));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const colors = new Set(new Uint32Array(data.buffer));
      return { svg, width: bitmap.width, colors: colors.size };
    })()`)) as { readonly svg: string; readonly width: number; readonly colors: number };
    assert.match(made.svg, /search-84ff/);
    assert.match(made.svg, /data:image\/png/);
    assert.ok(made.width > 1200, `${made.width} px`);
    assert.ok(made.colors > 50, `${made.colors} colours`);
    await close();
  });

  it('points and candles tell what they are; a flame graph is searched, and shows a part alone', async () => {
    const { page, close } = await open('xychart,candlestick,flamegraph,canvas');
    await isDrawn(page, 'One over another');
    const tip = page.getByRole('tooltip');
    await panel(page, 'Squares by value')
      .locator('.u-over')
      .hover({ position: { x: 290, y: 16 } });
    await tip.filter({ hasText: 'req/s' }).waitFor();
    assert.match(await tip.innerText(), /cpu\s+\d+%|cpu\s+\d+\.\d%/);
    const candles = panel(page, 'Candles and volume').locator('.u-over');
    await candles.hover({ position: { x: 200, y: 60 } });
    await tip.filter({ hasText: 'volume' }).waitFor();
    assert.match(await tip.innerText(), /open\s+\d+\s+high\s+\d+\s+low\s+\d+\s+close\s+\d+/);
    const stacks = panel(page, 'Stacks');
    await stacks.locator('canvas').click({ position: { x: 60, y: 70 } });
    await stacks.getByRole('button', { name: 'All shop/cart.load' }).waitFor();
    await stacks.getByRole('button', { name: 'All shop/cart.load' }).click();
    await stacks.getByText('42.5 s in 17 frames').waitFor();
    await stacks.getByRole('searchbox').fill('SQL');
    await stacks.getByRole('button', { name: 'syscall.read' }).waitFor({ state: 'detached' });
    await thereAre(stacks.locator('tbody tr'), 1);
    const drawing = panel(page, 'Drawing');
    assert.match(await drawing.innerText(), /Ingress\s+83%\s+184\s+orders a minute/);
    await thereAre(drawing.locator('line[marker-end]'), 2);
    await close();
  });

  it('a row of groups opens its own table, which sorts on its own', async () => {
    const { page, close } = await open('table');
    const groups = panel(page, 'Groups');
    const toggle = groups.getByRole('button', { name: 'Rows of this group' });
    await toggle.first().click();
    assert.equal(await toggle.first().getAttribute('aria-expanded'), 'true');
    const inner = groups.getByRole('table').nth(1);
    await inner.getByRole('button', { name: 'restarts', exact: true }).click();
    await inner.getByRole('button', { name: 'restarts', exact: true }).click();
    await inner.getByRole('cell').first().filter({ hasText: 'checkout-5b6c' }).waitFor();
    assert.deepEqual(await axeViolations(page), []);
    await toggle.first().click();
    await inner.waitFor({ state: 'detached' });
    await close();
  });

  it('a map tells its places, and is moved by keys', async () => {
    const { page, close } = await open('geomap');
    await isDrawn(page, 'Places');
    const map = panel(page, 'Places').locator('canvas');
    const back = panel(page, 'Places').getByRole('button', { name: 'Back to the first view' });
    assert.equal(await back.isDisabled(), true);
    const told: string[] = [];
    const box = (await map.boundingBox())!;
    for (let x = 4; x < box.width && told.length === 0; x += 6) {
      for (let y = 4; y < box.height && told.length === 0; y += 6) {
        await page.mouse.move(box.x + x, box.y + y);
        told.push(...(await page.getByRole('tooltip').allInnerTexts()));
      }
    }
    assert.match(told[0] ?? '', /requests\s+[\d.]+/);
    await map.focus();
    await page.keyboard.press('+');
    await back.click();
    assert.equal(await back.isDisabled(), true);
    await close();
  });
});
