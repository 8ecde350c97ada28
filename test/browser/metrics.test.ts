import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type ConsoleUnderTest, skipWithoutBrowser, thereAre } from './console.ts';
import { exploreUrl, startMetricsConsole } from './metrics-console.ts';
import { widePoints, wideSeries } from './metrics-history.ts';

const skip = skipWithoutBrowser();

const orders = 'sum by (path) (rate(shop_orders_total[1m]))';
const waits = 'sum by (le) (rate(shop_request_seconds_bucket[1m]))';

describe('metrics in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startMetricsConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const explore = (exprs: readonly string[], more = '', from = 'now-5m'): string =>
    exploreUrl(app.url, exprs, more, from);
  const write = async (page: Page, letter: string, text: string): Promise<void> => {
    await page.getByRole('textbox', { name: `Query ${letter}` }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };

  it('runs a link by itself: a graph with its legend, then a table', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(explore([orders]));
    await page.getByRole('img', { name: `Chart: Graph of ${orders}` }).waitFor();
    await page.getByRole('button', { name: '{path="/cart"}' }).waitFor();
    await page.getByRole('radio', { name: 'Table' }).click();
    await page.waitForURL(/view=table/);
    await page.getByRole('cell', { name: '/cart' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: '{path="/pay"}' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('offers what to ask, runs it with the keyboard, and keeps several queries in the link', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(explore([]));
    await page.getByText('Ask your metrics').waitFor();
    await page.getByRole('textbox', { name: 'Query A' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.insertText('up');
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/q=up/);
    await page.getByRole('button', { name: 'Add query' }).click();
    await write(page, 'B', 'shop_stock_bytes');
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/q=up&q=shop_stock_bytes/);
    await page.getByRole('button', { name: /^B\s+shop_stock_bytes/ }).waitFor();
    await page.getByRole('button', { name: /^Query A: shown/ }).click();
    await page.waitForURL(/off=A/);
    await page
      .getByRole('button', { name: /^B\s+shop_stock_bytes/ })
      .waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^shop_stock_bytes/ }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: /^Query A: shown/ }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('underlines a mistake, says where and what it is, and completes from the server', async () => {
    const { page, context } = await app.open();
    await page.goto(explore([orders]));
    await page.getByRole('button', { name: '{path="/cart"}' }).waitFor();
    await write(page, 'A', 'sum(up by job');
    await page.getByRole('alert').getByText('Line 1, column 8: unexpected <by>').waitFor();
    await page.locator('.cm-lintRange-error', { hasText: 'by' }).waitFor();
    await write(page, 'A', '');
    await page.keyboard.type('shop_or');
    await page.getByRole('option', { name: /shop_orders_total/ }).waitFor();
    await page.keyboard.type('ders_total{path="');
    await page.getByRole('option', { name: '/pay' }).waitFor();
    await context.close();
  });

  it('says what a query cost', async () => {
    const { page, context } = await app.open();
    await page.goto(explore([orders], '&panel=inspector'));
    const panel = page.getByRole('complementary');
    await panel.getByText('Samples read', { exact: true }).waitFor();
    await panel.getByText('Time per step').waitFor();
    await context.close();
  });

  it('finds a metric by its help, counts its labels and queries it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(explore([], '&panel=metrics'));
    const panel = page.getByRole('complementary');
    await panel.getByRole('searchbox', { name: 'Search metrics' }).fill('orders placed');
    await panel.getByRole('button', { name: /^shop_orders_total/ }).click();
    await panel.getByText('path', { exact: true }).click();
    await panel.getByRole('button', { name: /^\/pay/ }).click();
    await panel.getByRole('button', { name: 'Query it' }).click();
    await page.waitForURL(/q=rate/);
    assert.equal(
      await page.getByRole('textbox', { name: 'Query A' }).innerText(),
      'rate(shop_orders_total{path="/pay"}[5m])',
    );
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('leads to the logs of the same range and pod', async () => {
    const { page, context } = await app.open();
    await page.goto(explore(['rate(shop_orders_total[1m])']));
    await page.getByRole('button', { name: /path="\/cart"/ }).waitFor();
    await page.getByRole('link', { name: 'Logs of this range' }).click();
    await page.waitForURL(/logs\/insights\?.*from=now-5m/);
    assert.match(decodeURIComponent(page.url()), /@logStream like "web-1"/);
    await context.close();
  });

  it('shows targets, trouble first, with labels before and after and each step', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/metrics/targets`);
    await page.getByText('http://127.0.0.1:1/metrics', { exact: true }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary');
    await panel.getByText(/ECONNREFUSED/).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: /Service discovery/ }).click();
    await page.waitForURL(/tab=discovery/);
    // Thousands stand before it.
    await page.getByRole('searchbox').fill('127.0.0.1:2');
    await page.getByRole('cell', { name: '127.0.0.1:2', exact: true }).click();
    await panel.getByText('Dropped here').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows rules with their alerts and errors, filtered by state, and opens them in Explore', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/metrics/rules`);
    await page.getByText('127.0.0.1:1 does not answer').waitFor();
    await page.getByRole('radio', { name: 'Failing' }).click();
    await page.waitForURL(/state=failing/);
    await page.getByText(/many-to-many matching not allowed/).waitFor();
    await page.getByText('TargetDown').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Explore: ambiguous' }).click();
    await page.waitForURL(/metrics\/explore\?.*q=shop_orders_total/);
    await page.getByText('Query A failed').waitFor();
    // The refused query is in the browser's log; nothing else is.
    assert.ok(errors.every((text) => text.includes('422')));
    await context.close();
  });

  const chart = (page: Page, name: string | RegExp) => page.getByRole('img', { name });
  /** Left and top as shares of what is drawn. */
  const at = async (page: Page, name: string | RegExp, left: number, top: number) => {
    const box = await chart(page, name).locator('.u-over').boundingBox();
    if (box === null) throw new Error('The chart is not drawn');
    return { x: box.x + box.width * left, y: box.y + box.height * top };
  };

  it('draws buckets as a heat map by itself, and tells of the one under the pointer', async () => {
    const { page, errors, context } = await app.open();
    for (const expr of [waits, 'sum(rate(shop_render_seconds[1m]))']) {
      await page.goto(explore([expr], '', 'now-40m'));
      const name = `Chart: Heat map of ${expr}`;
      await chart(page, name).waitFor();
      await page.getByRole('radio', { name: 'Heat map', checked: true }).waitFor();
      // The most are around 40 ms, wherever the scale puts them.
      const tip = page.getByText('Share of the moment');
      for (let top = 0.95; !(await tip.isVisible()); top -= 0.05) {
        assert.ok(top > 0, 'No bucket is under the pointer');
        const { x, y } = await at(page, name, 0.25, top);
        await page.mouse.move(x, y);
      }
      await page.getByText(/^[\d.]+ m?s – [\d.]+ m?s$/).waitFor();
      await page
        .getByText(/^[\d.]+\/s$/)
        .first()
        .waitFor();
    }
    await page.getByRole('radio', { name: 'Graph' }).click();
    await page.waitForURL(/view=graph/);
    await chart(page, /Graph of/).waitFor();
    await page.goto(explore([orders], '&view=heatmap'));
    await page.getByText('This answer has no buckets').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows native histograms in the table as count, sum and a drawing', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(explore(['shop_render_seconds'], '&view=table'));
    const drawing = page.getByRole('cell').getByRole('img', { name: /^count \d+, sum [\d.]+$/ });
    await drawing.waitFor();
    assert.ok((await drawing.locator('rect').count()) > 10);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('opens the logs of a point, and narrows the query to its labels, by mouse and keyboard', async () => {
    const { page, errors, context } = await app.open();
    const memory = 'shop_memory_bytes{namespace="shop"}';
    await page.goto(explore([memory], '', 'now-40m'));
    const name = `Chart: Graph of ${memory}`;
    await chart(page, name).waitFor();
    // The lowest line is that of the first pod.
    const low = await at(page, name, 0.5, 0.75);
    await page.mouse.click(low.x, low.y);
    await page.getByRole('menuitem', { name: 'Copy the value' }).waitFor();
    await page.getByRole('menuitem', { name: /^Logs of this moment/ }).click();
    await page.waitForURL(/logs\/insights\?/);
    const link = new URL(page.url()).searchParams;
    assert.match(link.get('q') ?? '', /@logStream like "web-7d4b9c-x2xlm"/);
    const length = Date.parse(link.get('to') ?? '') - Date.parse(link.get('from') ?? '');
    assert.equal(length, 120_000);
    await page.goBack();
    await chart(page, name).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Leave out series with' }).press('ArrowRight');
    await page.getByRole('menuitem', { name: 'pod!=web-7d4b9c-x2xlm' }).press('Enter');
    await page.waitForURL(/pod!%3D|pod%21%3D/);
    await page.getByRole('button', { name: /x2xlm/ }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /9qk4t/ }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('a drag zooms; with the shift key it offers the logs of that part', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(explore(['shop_memory_bytes'], '', 'now-40m'));
    const name = 'Chart: Graph of shop_memory_bytes';
    await chart(page, name).waitFor();
    const drag = async (): Promise<void> => {
      const from = await at(page, name, 0.3, 0.5);
      const to = await at(page, name, 0.6, 0.5);
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(to.x, to.y, { steps: 4 });
      await page.mouse.up();
    };
    await page.keyboard.down('Shift');
    await drag();
    await page.keyboard.up('Shift');
    await page.getByRole('menuitem', { name: 'Logs of this part' }).waitFor();
    assert.match(page.url(), /from=now-40m/);
    await page.keyboard.press('Escape');
    await drag();
    await page.waitForURL(/from=20/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('warns when the step hides data', async () => {
    const { page, context } = await app.open();
    await page.goto(explore(['rate(shop_orders_total[10s])'], '&step=1m&panel=inspector'));
    await page.getByText('The step hides data').waitFor();
    await page
      .getByRole('complementary')
      .getByText(/the window \[10s\] is shorter: 83/)
      .waitFor();
    await context.close();
  });

  it('keeps a graph of hundreds of series smooth under the pointer', async (t) => {
    const { page, errors, context } = await app.open();
    await page.goto(explore(['shop_wide'], '&step=1s', `now-${widePoints}s`));
    const name = 'Chart: Graph of shop_wide';
    await chart(page, name).waitFor();
    await page.getByText(`${wideSeries} series`).waitFor();
    // Rows of the legend that are not in sight are not there.
    const legend = page.getByRole('region', { name: 'Series' });
    assert.ok((await legend.getByRole('row').count()) < 60);
    // As text: the types of a browser are not those of this file.
    await page.evaluate(`{
      globalThis.frameTimes = [];
      let before = performance.now();
      const tick = (now) => {
        frameTimes.push(now - before);
        before = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    }`);
    const turns = 60;
    for (let turn = 0; turn < turns; turn++) {
      const { x, y } = await at(page, name, 0.1 + (turn / turns) * 0.8, 0.2 + (turn % 7) * 0.08);
      await page.mouse.move(x, y);
    }
    const frames = ((await page.evaluate('frameTimes')) as number[]).toSorted((a, b) => a - b);
    const share = (part: number): string =>
      (frames[Math.floor(frames.length * part)] ?? 0).toFixed(1);
    t.diagnostic(
      `${wideSeries} series x ${widePoints} points under a moving pointer: ${frames.length} frames, ` +
        `median ${share(0.5)} ms, 95 % ${share(0.95)} ms, longest ${share(0.999)} ms`,
    );
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('sorts and filters thousands of targets, and has only rows in sight', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/metrics/targets`);
    await page.getByRole('tab', { name: /^Targets\s?2,002/ }).waitFor();
    const rows = page.getByRole('table', { name: 'Targets' }).getByRole('row');
    assert.ok((await rows.count()) < 80);
    await page.getByRole('button', { name: 'Samples', exact: true }).click();
    await page.waitForURL(/sort=-samples/);
    await rows.nth(1).getByRole('cell', { name: 'shop', exact: true }).waitFor();
    await page.getByRole('radio', { name: /^Down/ }).click();
    await page.waitForURL(/health=down/);
    await rows.nth(1).getByText('http://127.0.0.1:1/metrics', { exact: true }).waitFor();
    await thereAre(rows, 2);
    await page.getByRole('tab', { name: /^Service discovery/ }).click();
    await page.getByRole('searchbox').fill('10.3.14.255 prod');
    await page.getByRole('cell', { name: '10.3.14.255:9100', exact: true }).waitFor();
    await page.getByRole('radio', { name: /^Scraped/ }).click();
    await page.getByText('Nothing matches the filter').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows what makes the store large, drops it with a click, and lets it in again', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/metrics/store`);
    await page.getByRole('button', { name: 'Drop… shop_wait_seconds_bucket' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drop shop_wait_seconds_bucket?' });
    await dialog.getByText(/^4 series with samples in the last 5 minutes/).waitFor();
    await dialog.getByText("regex: 'shop_wait_seconds_bucket'").waitFor();
    await dialog.getByRole('button', { name: 'Drop from now on' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Drop rules' }).click();
    const row = page.getByRole('row', { name: /^series shop_wait_seconds_bucket/ });
    // The counter moves with the next scrape.
    await row
      .getByText(/^[1-9]\d*$/)
      .first()
      .waitFor();
    await row.getByRole('button', { name: /^Remove the rule/ }).click();
    await page.getByText('No drop rules').waitFor();
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await page.getByText('job_name: unwanted').waitFor();
    await page.getByRole('tab', { name: 'Flags' }).click();
    await page.getByText('query.max-samples').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('reaches every control of Explore with the keyboard, and lists the keys', async () => {
    const { page, context } = await app.open();
    await page.goto(explore([orders], '&step=1s'));
    await page.getByRole('button', { name: '{path="/cart"}' }).waitFor();
    const seen = new Set<string>();
    for (let turn = 0; turn < 60; turn++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(
        "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''",
      );
      seen.add(String(name).trim());
      // CodeMirror keeps Tab to itself once it is written in; Escape lets it go.
      if (await page.evaluate("document.activeElement?.closest('.cm-editor') !== null")) {
        await page.keyboard.press('Escape');
      }
    }
    const wanted = ['Run', 'Add query', 'Logs of this range', 'Inspector', 'Metrics', 'Graph'];
    for (const name of [...wanted, 'Step', `Chart: Graph of ${orders}`, '{path="/pay"}', 'Max']) {
      assert.ok(
        [...seen].some((text) => text.startsWith(name)),
        `${name} is not among ${[...seen].join(' | ')}`,
      );
    }
    // It runs from anywhere, not from the editor only.
    await page.getByRole('radio', { name: 'Graph' }).focus();
    const asked = page.waitForRequest(/query_range/);
    await page.keyboard.press('Control+Enter');
    await asked;
    await page.getByRole('heading', { level: 1 }).press('?');
    await page.getByRole('dialog').getByText('Menu of the point: logs, value, labels').waitFor();
    await context.close();
  });
});
