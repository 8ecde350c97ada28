import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { type ConsoleUnderTest, skipWithoutBrowser, thereAre } from './console.ts';
import { dashboardFilesMissing, startDashboardsConsole } from './dashboards-console.ts';
import { itLooksRight } from './looks.ts';

const skip = skipWithoutBrowser() || (dashboardFilesMissing() ?? false);

const nodePath = '/d/rYdddlPWk/any-slug';

const panelNamed = (page: Page, name: string): Locator =>
  page.getByRole('region', { name, exact: true });
/** Its queries were answered. */
const settled = (panel: Locator): Promise<void> =>
  panel.locator('[data-state="done"]').first().waitFor();
const parameters = (page: Page): URLSearchParams => new URL(page.url()).searchParams;

describe('dashboards in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startDashboardsConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const openNodes = async (page: Page, more = 'from=now-30m&to=now'): Promise<void> => {
    await page.goto(`${app.url}${nodePath}?${more}`);
    await page.getByRole('heading', { level: 1, name: 'Node Exporter Full' }).waitFor();
    await settled(panelNamed(page, 'CPU Basic'));
  };

  it('finds the values of variables, one by the other, and says them in the link', async () => {
    const { page, errors, context } = await app.open();
    await openNodes(page);
    await page.waitForURL(/var-node=node-1:9100/);
    await page.getByRole('button', { name: 'Nodename: node-1' }).click();
    await page.getByRole('combobox', { name: 'Search values' }).fill('2');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Instance: node-2:9100' }).waitFor();
    await page.waitForURL(/var-nodename=node-2.*var-node=node-2:9100/);
    await settled(panelNamed(page, 'CPU Basic'));
    await page.goBack();
    await page.getByRole('button', { name: 'Instance: node-1:9100' }).waitFor();
    assert.equal(parameters(page).get('var-nodename'), 'node-1');
    await page.goForward();
    await page.getByRole('button', { name: 'Instance: node-2:9100' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('asks nothing for what is in closed rows', async () => {
    const { page, errors, context } = await app.open();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/ds/query')) asked.push(request.postData() ?? '');
    });
    await openNodes(page);
    await page.waitForLoadState('networkidle');
    const before = asked.length;
    assert.ok(!asked.some((body) => body.includes('node_disk_reads_completed_total')));
    await page.getByRole('button', { name: /^Storage Disk/ }).click();
    await page.waitForURL(/rows=\d+/);
    await settled(panelNamed(page, 'Disk Read/Write IOps'));
    assert.ok(asked.length > before);
    assert.ok(asked.some((body) => body.includes('node_disk_reads_completed_total')));
    await page.goBack();
    await page.getByRole('button', { name: /^Storage Disk/ }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('zooms all panels by a drag on one, and comes back', async () => {
    const { page, errors, context } = await app.open();
    await openNodes(page);
    const plot = panelNamed(page, 'CPU Basic').locator('.u-over');
    await plot.waitFor();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}-/);
    const lengthMs =
      Date.parse(parameters(page).get('to')!) - Date.parse(parameters(page).get('from')!);
    assert.ok(Math.abs(lengthMs - 9 * 60_000) < 60_000, `${lengthMs} ms`);
    await settled(panelNamed(page, 'Memory Basic'));
    await page.goBack();
    await page.waitForURL(/from=now-30m/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shares a link that shows the same moments, and the file', async () => {
    const { page, errors, context } = await app.open();
    await openNodes(page);
    await page.getByRole('button', { name: 'Share dashboard' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share dashboard' });
    const link = dialog.getByRole('textbox', { name: 'Link' });
    assert.match(await link.inputValue(), /from=now-30m&to=now/);
    await dialog.getByRole('checkbox', { name: /Lock the time range/ }).check();
    const locked = await link.inputValue();
    assert.match(locked, /from=\d{4}-\d\d-\d\dT/);
    assert.match(locked, /var-node=node-1/);
    await dialog.getByRole('tab', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download JSON' }).click(),
    ]);
    const exported = JSON.parse(readFileSync(await file.path(), 'utf8')) as {
      readonly title: string;
      readonly __requires: readonly unknown[];
    };
    assert.equal(exported.title, 'Node Exporter Full');
    assert.ok(exported.__requires.length > 0);
    await page.goto(locked);
    await settled(panelNamed(page, 'CPU Basic'));
    assert.equal(parameters(page).get('from'), new URL(locked).searchParams.get('from'));
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows one panel alone by a key, inspects it, and comes back with Esc', async () => {
    const { page, errors, context } = await app.open();
    await openNodes(page);
    await panelNamed(page, 'CPU Basic').hover();
    await page.keyboard.press('v');
    await page.waitForURL(/viewPanel=panel-\d+/);
    await panelNamed(page, 'Memory Basic').waitFor({ state: 'detached' });
    await page.reload();
    await settled(panelNamed(page, 'CPU Basic'));
    await panelNamed(page, 'CPU Basic').hover();
    await page.keyboard.press('i');
    await page.waitForURL(/inspect=panel-\d+/);
    await page.getByRole('table', { name: 'Data' }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'CPU Basic.csv');
    await page.getByRole('tab', { name: 'Query' }).click();
    await page.getByText('node_cpu_seconds_total').first().waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('inspect'));
    await page.keyboard.press('Escape');
    await panelNamed(page, 'Memory Basic').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('leads to the page where metrics are explored, with the query', async () => {
    const { page, context } = await app.open();
    await openNodes(page);
    await panelNamed(page, 'CPU Basic').hover();
    await page.getByRole('button', { name: 'Menu of CPU Basic' }).click();
    await page.getByRole('menuitem', { name: 'Explore' }).click();
    await page.waitForURL(/metrics\/explore\?/);
    assert.match(
      parameters(page).get('q') ?? '',
      /node_cpu_seconds_total\{.*instance="node-1:9100"/,
    );
    await context.close();
  });

  it('makes pictures of a panel', async () => {
    const { page, errors, context } = await app.open();
    await openNodes(page);
    for (const kind of ['PNG', 'SVG']) {
      await panelNamed(page, 'CPU Basic').hover();
      await page.getByRole('button', { name: 'Menu of CPU Basic' }).click();
      await page.getByRole('menuitem', { name: 'More' }).hover();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: `Download ${kind}` }).click(),
      ]);
      assert.equal(file.suggestedFilename(), `CPU Basic.${kind.toLowerCase()}`);
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('repeats a panel for each value', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/MsjffzSZz?var-instance=$__all`);
    for (const instance of ['web-1:9113', 'web-2:9113', 'web-3:9113']) {
      await settled(panelNamed(page, `NGINX Status for ${instance}`));
    }
    await page.getByRole('button', { name: /^instance: / }).click();
    await page.getByRole('option', { name: 'web-2:9113' }).click();
    await page.keyboard.press('Escape');
    await panelNamed(page, 'NGINX Status for web-1:9113').waitFor({ state: 'detached' });
    await settled(panelNamed(page, 'NGINX Status for web-2:9113'));
    assert.equal(parameters(page).get('var-instance'), 'web-2:9113');
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('searches Korean values, takes texts, filters, shared queries and ranges of panels', async () => {
    const { page, errors, context } = await app.open({ language: 'ko' });
    await page.goto(`${app.url}/d/own`);
    await panelNamed(page, 'City seoul').getByText('seoul hello').waitFor();
    await page.getByRole('button', { name: 'city: 서울' }).click();
    await page.getByRole('combobox', { name: '값 검색' }).fill('부');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.waitForURL(/var-city=seoul&var-city=busan/);
    await panelNamed(page, 'City {seoul,busan}')
      .getByText('seoul,busan', { exact: true })
      .waitFor();
    await page.getByRole('textbox', { name: 'word' }).fill('world');
    await page.keyboard.press('Enter');
    await page.waitForURL(/var-word=world/);
    await settled(panelNamed(page, 'Active'));
    await panelNamed(page, 'Active').getByText('10m', { exact: true }).waitFor();
    await settled(panelNamed(page, 'Shared'));
    await panelNamed(page, 'Shared').getByText('web-3:9113').waitFor();
    await page.goto(`${page.url()}&var-filters=instance|=|web-1:9113`);
    await panelNamed(page, 'Shared').getByText('web-3:9113').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Same tag' }).click();
    await page.getByRole('menuitem', { name: 'NGINX' }).first().click();
    await page.waitForURL(/\/d\/(?!own).*var-city=seoul/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('takes a cell of a table as a filter of the dashboard', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/own`);
    const table = panelNamed(page, 'Servers');
    await table.getByText('web-2:9113').hover();
    await table.getByRole('button', { name: 'Filter for web-2:9113' }).click();
    await page.waitForURL(
      /var-filters=instance%7C=%7Cweb-2:9113|var-filters=instance%7C%3D%7Cweb-2:9113/,
    );
    await table.getByText('web-1:9113').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove instance = web-2:9113' }).click();
    await table.getByText('web-1:9113').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('keeps the width of a column that its reader dragged, in this browser', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/own`);
    const head = panelNamed(page, 'Servers').getByRole('columnheader').filter({ hasText: 'job' });
    await head.waitFor();
    const before = (await head.boundingBox())!;
    const grip = (await head.getByRole('button', { name: 'Resize job' }).boundingBox())!;
    await page.mouse.move(grip.x + 2, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 62, grip.y + 8, { steps: 3 });
    await page.mouse.up();
    assert.equal(Math.round((await head.boundingBox())!.width - before.width), 60);
    await page.reload();
    await head.waitFor();
    assert.equal(Math.round((await head.boundingBox())!.width - before.width), 60);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows one panel by itself for other pages, and only panels in a kiosk', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d-solo/rYdddlPWk/x?panelId=77&from=now-30m&to=now`);
    await settled(panelNamed(page, 'CPU Basic'));
    await thereAre(page.getByRole('button', { name: /^Menu of/ }), 0);
    await thereAre(page.getByRole('navigation'), 0);
    await page.goto(`${app.url}${nodePath}?kiosk`);
    await settled(panelNamed(page, 'CPU Basic'));
    await thereAre(page.getByRole('navigation'), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('navigation').first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [`${app.url}${nodePath}?from=now-30m&to=now`, `${app.url}/d/own?inspect=panel-2`],
    (page) => settled(page.locator('[data-panel]').first()),
  );
});
