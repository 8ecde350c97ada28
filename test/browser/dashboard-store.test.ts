import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  browse,
  type ConsoleUnderTest,
  endProcess,
  skipWithoutBrowser,
  thereAre,
} from './console.ts';
import { itLooksRight } from './looks.ts';

const skip = skipWithoutBrowser();
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const exported = {
  __inputs: [
    { name: 'DS_PROMETHEUS', label: 'Metrics of', type: 'datasource', pluginId: 'prometheus' },
    { name: 'VAR_STEP', label: 'Step', type: 'constant', value: '1m' },
  ],
  title: 'Shop',
  uid: 'shop',
  tags: ['shop'],
  panels: [
    { id: 1, type: 'timeseries', title: 'Orders', datasource: '${DS_PROMETHEUS}', targets: [] },
    { id: 2, type: 'mystery-panel', title: 'Odd one', datasource: '${DS_PROMETHEUS}' },
  ],
};

/** A server with a folder of provided dashboards, one of them broken. */
async function startDashboardConsole(): Promise<ConsoleUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-dashboard-store-'));
  mkdirSync(join(folder, 'dashboards'));
  mkdirSync(join(folder, 'files', 'Platform'), { recursive: true });
  writeFileSync(
    join(folder, 'dashboards', 'all.yaml'),
    'apiVersion: 1\nproviders: [{name: all, options: {path: ../files, foldersFromFilesStructure: true}}]\n',
  );
  const node = { uid: 'node', title: 'Node Exporter', tags: ['linux'], panels: [] };
  writeFileSync(join(folder, 'files', 'Platform', 'node.json'), JSON.stringify(node));
  writeFileSync(join(folder, 'files', 'broken.json'), '{"title": oops}');
  const catalogue = createServer((request, response) => {
    // The receiver of reports lives here as well.
    if (request.method === 'POST') {
      request.resume();
      response.writeHead(204).end();
      return;
    }
    const isKnown = request.url === '/api/dashboards/4711';
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ slug: 'shop', name: 'Shop', json: { ...exported, uid: 'other' } }),
    );
  });
  await new Promise<void>((resolve) => catalogue.listen(0, '127.0.0.1', resolve));
  const { port } = catalogue.address() as AddressInfo;
  writeFileSync(
    join(folder, 'nunchi.yaml'),
    `kubernetes: {enabled: "off"}\nagent: {enabled: false}\ndashboards: {provisioningDir: ${folder}, shipped: false, catalogue: {url: "http://127.0.0.1:${port}"}}\nalerting: {alertmanager: {route: {receiver: team}, receivers: [{name: team, discord_configs: [{webhook_url: "http://127.0.0.1:${port}/hook"}]}]}}\n`,
  );
  const server = spawn(
    process.execPath,
    [
      main,
      'server',
      ...['--config', join(folder, 'nunchi.yaml')],
      ...['--data-dir', join(folder, 'data')],
      ...['--listen', '127.0.0.1:0'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    createInterface({ input: server.stderr }).on('line', (line) => {
      const ready = /Nunchi is ready at (http:\S+)/.exec(line);
      if (ready !== null) resolve(ready[1]!);
    });
  });
  const save = (dashboard: object, message: string): Promise<Response> =>
    fetch(`${url}/api/dashboards/db`, {
      method: 'POST',
      body: JSON.stringify({ dashboard, message, overwrite: true }),
      headers: { 'content-type': 'application/json' },
    });
  const orders = {
    uid: 'orders',
    title: 'Orders',
    tags: ['shop'],
    panels: [{ id: 1, title: 'Rate' }],
  };
  await save(orders, 'first');
  await save({ ...orders, panels: [{ id: 1, title: 'Rate of orders' }] }, 'clearer title');
  return await browse(url, async () => {
    await endProcess(server);
    catalogue.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

describe('dashboards in a browser: lists, import, history', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startDashboardConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('finds by words and tags with the link, marks with a star, opens with the keyboard', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/`);
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.waitForURL(/\/dashboards$/);
    await page.getByRole('link', { name: 'Orders' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.insertText('node');
    await page.waitForURL(/q=node/);
    await page.getByRole('link', { name: 'Node Exporter' }).waitFor();
    await page.getByRole('img', { name: /comes from a file/i }).waitFor();
    await page.getByRole('button', { name: 'Star: Node Exporter' }).click();
    await page.getByRole('button', { name: 'Remove the star: Node Exporter' }).waitFor();
    await page.goto(`${app.url}/dashboards?starred=true`);
    await page.getByRole('link', { name: 'Node Exporter' }).waitFor();
    await thereAre(page.getByRole('link', { name: 'Orders' }), 0);
    await page.getByRole('button', { name: 'linux' }).click();
    await page.waitForURL(/tag=linux/);
    await page.goto(`${app.url}/dashboards?q=exporter`);
    await page.getByRole('link', { name: 'Node Exporter' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/d\/node\/node-exporter/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('is found from everywhere', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/settings`);
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('node exp');
    await page.getByRole('option', { name: /Node Exporter.*Platform/ }).click();
    await page.waitForURL(/\/d\/node\/node-exporter/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('makes a folder, moves a dashboard into it, and deletes it with what is in it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboards`);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Folder' }).click();
    await page.getByRole('textbox', { name: 'Name of the folder' }).fill('Payments');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/dashboards\/f\//);
    await page.getByText('This folder is empty').waitFor();
    await fetch(`${app.url}/api/dashboards/db`, {
      method: 'POST',
      body: JSON.stringify({ dashboard: { title: 'Wandering', uid: 'wandering' } }),
      headers: { 'content-type': 'application/json' },
    });
    await page.goto(`${app.url}/dashboards?q=wandering`);
    await page.getByRole('button', { name: 'More about Wandering' }).click();
    await page.getByRole('menuitem', { name: 'Move' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Folder' }).click();
    await page.getByRole('option', { name: 'Payments' }).click();
    await dialog.getByRole('button', { name: 'Move' }).click();
    await page.getByText('Wandering was moved').waitFor();
    await page
      .getByRole('navigation', { name: 'Folders' })
      .getByRole('link', { name: /Payments/ })
      .click();
    await page.getByRole('link', { name: 'Wandering' }).waitFor();
    await page.getByRole('button', { name: 'More about Payments' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('It holds 1 dashboards and 0 folders').waitFor();
    await page.getByRole('dialog').getByRole('textbox').fill('Payments');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/dashboards$/);
    assert.equal((await fetch(`${app.url}/api/dashboards/uid/wandering`)).status, 404);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('makes an empty dashboard, whose history is a step away', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboards`);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Dashboard' }).click();
    await page.getByRole('textbox', { name: 'Name of the dashboard' }).fill('빈 대시보드');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/d\/[^/]+\//);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('menuitem', { name: 'History and JSON' }).click();
    await page.getByRole('cell', { name: '1 · now' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows readers what they may do only', async () => {
    const { page, context } = await app.open();
    await page.route('**/nunchi/session', (route) =>
      route.fulfill({
        json: {
          principal: { kind: 'user', name: 'r', role: 'viewer' },
          loginRequired: true,
          server: {},
        },
      }),
    );
    await page.goto(`${app.url}/dashboards`);
    await page.getByRole('button', { name: 'More about Orders' }).click();
    await page.getByRole('menuitem', { name: 'History and JSON' }).waitFor();
    await thereAre(page.getByRole('menuitem'), 1);
    await thereAre(page.getByRole('button', { name: 'New', exact: true }), 0);
    await context.close();
  });

  it('says which provided dashboards are not taken, and why', async () => {
    const { page, context } = await app.open();
    await page.goto(`${app.url}/dashboards`);
    await page.getByText('One provided dashboard is not taken').waitFor();
    await page.getByRole('button', { name: 'Show why' }).click();
    await page.getByText(/files\/broken\.json:1$/).waitFor();
    await page.getByText("is not JSON: Unexpected token 'o'").waitFor();
    await context.close();
  });

  it('imports a file: asks for data sources and values, and reports panel by panel', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboard/import`);
    await page.getByRole('textbox', { name: 'Paste the JSON' }).fill('{"a":');
    await page.getByRole('button', { name: 'Load' }).last().click();
    await page
      .getByText(/Unexpected end of JSON|Expected/)
      .first()
      .waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'shop.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(exported)),
    });
    await page.getByRole('combobox', { name: 'Metrics of' }).waitFor();
    await page.getByRole('textbox', { name: 'Step' }).fill('5m');
    await page.getByRole('heading', { name: 'Odd one' }).waitFor();
    await page.getByText('Panel type mystery-panel is not known').waitFor();
    await page.getByRole('textbox', { name: 'UID' }).fill('orders');
    await page.getByText('"Orders" has this UID').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled());
    await page.getByRole('textbox', { name: 'UID' }).fill('shop');
    await page.getByRole('textbox', { name: 'Name' }).fill('Shop of ours');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Shop of ours is imported').waitFor();
    const { dashboard } = (await (await fetch(`${app.url}/api/dashboards/uid/shop`)).json()) as {
      readonly dashboard: { readonly panels: readonly { readonly datasource: string }[] };
    };
    assert.equal(dashboard.panels[0]?.datasource, 'prometheus');
    await page.getByRole('link', { name: 'Open the dashboard' }).click();
    await page.waitForURL(/\/d\/shop\/shop-of-ours/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('knows what is no number, and what is none of the catalogue', async () => {
    const { page, context } = await app.open();
    await page.goto(`${app.url}/dashboard/import`);
    await page.getByRole('textbox', { name: 'Number or address' }).fill('node exporter');
    await page.keyboard.press('Enter');
    await page.getByText('Could not find a valid Grafana.com ID').waitFor();
    await page.getByRole('textbox', { name: 'Number or address' }).fill('12');
    await page.keyboard.press('Enter');
    await page.getByText(/\/api\/dashboards\/12 does not exist/).waitFor();
    await context.close();
  });

  it('imports by number, which is in the link', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboard/import?gnet=4711`);
    await page.getByText('From grafana.com · 4711').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Shop');
    await page.getByRole('button', { name: 'Choose another one' }).click();
    await page.getByRole('textbox', { name: 'Number or address' }).waitFor();
    assert.doesNotMatch(page.url(), /gnet/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('compares versions and restores one; saves the JSON', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboard/settings/orders`);
    await page.getByText('clearer title').waitFor();
    await page.getByRole('button', { name: 'Compare with the one before' }).first().click();
    await page.waitForURL(/base=1&new=2/);
    await page.getByRole('heading', { name: 'Panel “Rate of orders”' }).waitFor();
    await page.getByText('panels[id=1].title').waitFor();
    await page.getByRole('button', { name: 'Restore 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Version 1 is restored').waitFor();
    await page.getByRole('cell', { name: '3 · now' }).waitFor();
    await page.getByRole('tab', { name: 'JSON model' }).click();
    await page.waitForURL(/tab=json/);
    const text = page.getByRole('textbox', { name: 'The document of the dashboard as JSON' });
    const response = await fetch(`${app.url}/api/dashboards/uid/orders`);
    const { dashboard } = (await response.json()) as { readonly dashboard: object };
    const written = JSON.stringify(dashboard, undefined, 2);
    const write = async (next: string): Promise<void> => {
      await text.click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.insertText(next);
    };
    await write(`${written},`);
    const lines = written.split('\n').length;
    await page.getByText(`Line ${lines}, column 2: “,” stands after the end`).first().waitFor();
    await write(written.replace('"panels": [', '"panels": ["x",'));
    await page.getByText('panels[0]: an object is expected').first().waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /Dashboards/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stay here' }).click();
    await write(written.replace('"Orders"', '"Orders of today"'));
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('tab', { name: 'JSON model' }).click();
    await page.getByText('"Orders of today"').waitFor();
    await page.getByRole('button', { name: 'Look through and save…' }).click();
    const review = page.getByRole('dialog');
    await review.getByText('1 changes').waitFor();
    await review.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved as version 4').waitFor();
    await page.getByRole('heading', { name: 'Orders of today' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('makes a report of a dashboard, sends it, pauses it and takes it away', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/reports`);
    await page.getByText('No reports yet').waitFor();
    await page.getByRole('button', { name: 'New report' }).first().click();
    await page.getByRole('combobox', { name: 'Dashboard' }).click();
    await page.getByRole('option', { name: /Node Exporter/ }).click();
    await page.getByRole('combobox', { name: 'Sent to' }).click();
    await page.getByRole('option', { name: 'team (discord)' }).click();
    await page.getByRole('radio', { name: 'Every week' }).click();
    await page.getByLabel('Title').fill('Machines in the morning');
    await page.getByLabel('Time', { exact: true }).fill('08:30');
    await page.getByLabel('Time zone').fill('Mars/Base');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .getByText(/no time zone/)
      .first()
      .waitFor();
    await page.getByLabel('Time zone').fill('Asia/Seoul');
    await page.getByRole('img', { name: /Machines in the morning/ }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    const details = page.getByRole('complementary');
    await details.getByText('Monday at 08:30, Asia/Seoul').waitFor();
    await details.getByRole('button', { name: 'Send now' }).click();
    await details.getByText('By hand').waitFor();
    await details.getByText('Arrived').waitFor();
    await details.getByRole('button', { name: 'Pause' }).click();
    await details.getByRole('button', { name: 'Resume' }).waitFor();
    await details.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No reports yet').waitFor();
    // The zone that is none was refused on purpose: the browser tells of it.
    assert.deepEqual(
      errors.filter((error) => !/400|status of 400/.test(error)),
      [],
    );
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/dashboards`,
      `${app.url}/dashboards?q=o`,
      `${app.url}/dashboard/import`,
      `${app.url}/dashboard/settings/orders?base=1&new=2`,
      `${app.url}/dashboard/settings/orders?tab=json`,
      `${app.url}/reports`,
      `${app.url}/reports/new?dashboard=node`,
    ],
  );
});
