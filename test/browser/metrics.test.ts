import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type ConsoleUnderTest, skipWithoutBrowser } from './console.ts';
import { itLooksRight } from './looks.ts';
import { startMetricsConsole } from './metrics-console.ts';

const skip = skipWithoutBrowser();

const orders = 'sum by (path) (rate(shop_orders_total[1m]))';

describe('metrics in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startMetricsConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const explore = (exprs: readonly string[], more = ''): string =>
    `${app.url}/metrics/explore?from=now-5m&to=now${more}${exprs
      .map((expr) => `&q=${encodeURIComponent(expr)}`)
      .join('')}`;
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

  it('shows what makes the store large, writes the rule that drops it, and the configuration', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/metrics/store`);
    await page.getByRole('button', { name: 'Drop… shop_orders_total' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByText("regex: 'shop_orders_total'").waitFor();
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await page.getByText('job_name: unwanted').waitFor();
    await page.getByRole('tab', { name: 'Flags' }).click();
    await page.getByText('query.max-samples').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      explore([]),
      explore([orders, 'shop_stock_bytes'], '&stacked=1&panel=inspector'),
      explore(['up'], '&view=table'),
      explore([orders], '&panel=metrics'),
      `${app.url}/metrics/targets`,
      `${app.url}/metrics/targets?tab=discovery`,
      `${app.url}/metrics/rules`,
      `${app.url}/metrics/store`,
      `${app.url}/metrics/store?tab=config`,
    ],
  );
});
