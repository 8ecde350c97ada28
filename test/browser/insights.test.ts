import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type ConsoleUnderTest, skipWithoutBrowser, startConsole } from './console.ts';
import { appGroup, clusterGroup } from './console-data.ts';
import { itLooksRight } from './looks.ts';

const skip = skipWithoutBrowser();

const callers = `fields userAgent, requestURI, @timestamp, @message
| filter @logStream ~= "kube-apiserver-audit"
| stats count(userAgent) as count by userAgent
| sort count desc`;
const newest = 'fields @timestamp, @message, @logStream | sort @timestamp desc | limit 20';

describe('Logs Insights in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const link = (text: string, groups: readonly string[], more = ''): string =>
    `${app.url}/logs/insights?q=${encodeURIComponent(text)}${groups
      .map((group) => `&group=${encodeURIComponent(group)}`)
      .join('')}${more}`;
  const cells = (page: Page): Promise<readonly string[]> => page.getByRole('cell').allInnerTexts();
  const write = async (page: Page, text: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Query' }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };

  it('runs a link by itself: who calls the API server', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link(callers, [clusterGroup]));
    await page
      .getByRole('status')
      .getByText(/\d rows from/)
      .waitFor();
    const shown = await cells(page);
    assert.ok(shown.includes('kubectl/v1.33.1'), shown.join());
    await page.getByRole('radio', { name: 'Chart', exact: true }).click();
    await page.waitForURL(/tab=chart/);
    await page.getByText('kube-controller-manager/v1.33.1').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('waits with the newest 20 prefilled, and runs with Ctrl-Enter', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/logs/insights`);
    await page.getByText('Ask your logs').waitFor();
    await page.getByRole('button', { name: /^Log groups: \// }).waitFor();
    await page.getByRole('textbox', { name: 'Query' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await page.waitForURL(/q=fields/);
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('q='));
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('opens a row, narrows the query by a value and shows the lines around it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link(newest, [appGroup]));
    await page.getByText('order stored').first().click();
    await page.waitForURL(/row=/);
    await page.getByRole('button', { name: 'Only lines with this level' }).click();
    await page.waitForURL(/filter(\+|%20)level/);
    assert.match(await page.getByRole('textbox', { name: 'Query' }).innerText(), /level = "info"/);
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await page.getByText('order stored').first().click();
    await page.getByRole('button', { name: 'Lines around it' }).click();
    await page.waitForURL(/context=/);
    await page.getByRole('complementary').getByRole('region', { name: 'Log lines' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('moves with j and k, opens with Enter, closes with Escape', async () => {
    const { page, context } = await app.open();
    await page.goto(link(newest, [appGroup]));
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy as JSON' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Copy as JSON' }).waitFor({ state: 'detached' });
    await context.close();
  });

  it('counts the values of a field and filters by one of them', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link(newest, [clusterGroup]));
    const rail = page.getByRole('region', { name: 'Fields' });
    await rail.getByRole('button', { name: 'verb', exact: true }).click();
    const only = rail.getByRole('button', { name: 'Only events with watch' });
    await only.waitFor();
    await only.click();
    await page.waitForURL(/watch/);
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('row').getByText('watch').first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('underlines a mistake, says what it is, and completes words', async () => {
    const { page, context } = await app.open();
    await page.goto(link(newest, [clusterGroup]));
    await write(page, 'fields @timestamp | filtr verb = "get"');
    await page.getByRole('alert').getByText('Did you mean "filter"?').waitFor();
    await page.locator('.cm-lintRange-error').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('stats cou');
    const option = page.getByRole('option', { name: /count\b/ }).first();
    await option.waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('filter requestU');
    await page.getByRole('option', { name: /requestURI/ }).waitFor();
    await context.close();
  });

  it('draws stats by bin() over time, split by another key, and keeps the kind in the link', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link('stats count(*) as n by bin(1m), verb', [clusterGroup]));
    await page.getByRole('img', { name: 'Chart: Results' }).waitFor();
    await page.getByRole('button', { name: 'watch' }).waitFor();
    await page.getByRole('radio', { name: 'Stacked' }).click();
    await page.waitForURL(/chart=stacked/);
    await page.getByRole('radio', { name: 'Rows' }).click();
    await page.getByRole('columnheader', { name: 'verb' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('zooms when the histogram is dragged, and comes back with a double click', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link(newest, [appGroup]));
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    const chart = page.getByRole('img', { name: /Matching events/ }).locator('.u-over');
    // The levels come after the rows, and the chart is drawn anew with them.
    await page.waitForLoadState('networkidle');
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=2/);
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await chart.dblclick();
    await page.waitForURL((url) => !/from=2/.test(url.search));
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('copies the aws command with the range, and exports all rows', async () => {
    const { page, context } = await app.open();
    await page.goto(link(newest, [appGroup]));
    await page.getByRole('status').getByText('Showing 20 of').waitFor();
    await page.getByRole('button', { name: 'Share and export' }).click();
    await page.getByRole('menuitem', { name: 'Copy as aws CLI' }).click();
    await page.getByText('aws command copied').waitFor();
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    assert.match(command, /aws logs start-query .*--log-group-names \/aws\/containerinsights/s);
    const times = /--start-time (\d+) --end-time (\d+)/.exec(command);
    assert.equal(Math.round((Number(times?.[2]) - Number(times?.[1])) / 60), 60);
    await page.getByRole('button', { name: 'Share and export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Download CSV' }).click();
    assert.equal((await download).suggestedFilename(), 'nunchi-logs.csv');
    await context.close();
  });

  it('saves a query into a folder, opens it again and deletes it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link(callers, [clusterGroup]));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill('team/api callers');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved as team/api callers').waitFor();
    await page.goto(`${app.url}/logs/insights?panel=saved`);
    const panel = page.getByRole('complementary');
    await panel.getByText('team', { exact: true }).waitFor();
    await panel.getByRole('button', { name: /^api callers/ }).click();
    await page
      .getByRole('status')
      .getByText(/\d rows from/)
      .waitFor();
    await panel.getByRole('button', { name: 'Delete team/api callers' }).click();
    await panel.getByText('No saved queries yet').waitFor();
    await panel.getByRole('tab', { name: 'History' }).click();
    await panel.getByText('done').first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('walks back through its history with the arrow in an empty editor', async () => {
    const { page, context } = await app.open();
    await page.goto(link(callers, [clusterGroup]));
    await page
      .getByRole('status')
      .getByText(/\d rows from/)
      .waitFor();
    await write(page, '');
    await page.keyboard.press('ArrowUp');
    assert.match(await page.getByRole('textbox', { name: 'Query' }).innerText(), /userAgent/);
    await context.close();
  });

  it('groups messages by pattern, and filters by one with the count that it has', async () => {
    const { page, errors, context } = await app.open();
    // A range that does not move between the two counts.
    const from = new Date(Date.now() - 7_200_000).toISOString();
    const to = new Date().toISOString();
    const range = `&tab=patterns&from=${from}&to=${to}`;
    await page.goto(link('fields @timestamp, @message', [appGroup], range));
    const table = page.getByRole('table', { name: 'Patterns of the messages' });
    const row = table.getByRole('row').filter({ hasText: 'GET /static/app.js' });
    const count = await row.getByRole('cell').first().innerText();
    await row.getByRole('button', { name: 'Only events of this pattern' }).click();
    await page
      .getByRole('status')
      .getByText(new RegExp(`of ${count} matched`))
      .waitFor();
    await page.waitForURL(/like/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('speaks SQL', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(
      link(
        'SELECT log_stream, count(*) AS n FROM logs GROUP BY 1 ORDER BY n DESC',
        [clusterGroup],
        '&lang=sql',
      ),
    );
    await page
      .getByRole('cell', { name: /kube-apiserver-audit/ })
      .first()
      .waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/logs/insights`,
      link(newest, [appGroup]),
      link(callers, [clusterGroup], '&tab=chart&panel=samples'),
      link(newest, [appGroup], '&tab=patterns'),
      link('stats count(*) as n by bin(1m), verb', [clusterGroup]),
      link('fields @timestamp | filtr x', [clusterGroup]),
    ],
  );
});
