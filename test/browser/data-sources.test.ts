import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startNunchi } from '../clients/nunchi-process.ts';
import { browse, type ConsoleUnderTest, skipWithoutBrowser, thereAre } from './console.ts';
import { itLooksRight } from './looks.ts';

const root = '/connections/datasources';

describe('data sources in a browser', { skip: skipWithoutBrowser() }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    const server = await startNunchi({ config: 'kubernetes: {enabled: "off"}\n' });
    app = await browse(server.url, async () => server[Symbol.asyncDispose]());
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('adds one, tests it, keeps its secret to itself, and deletes it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/`);
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await page.waitForURL(/\/connections\/datasources$/);
    await page.getByRole('link', { name: 'Prometheus', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add data source' }).click();
    await page.getByRole('link', { name: /^Prometheus/ }).click();
    await page.waitForURL(/new\?type=prometheus/);
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page.getByText('Needed').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Team');
    await page.getByRole('textbox', { name: 'URL' }).fill(app.url);
    await page.getByRole('checkbox', { name: /user and password/ }).check();
    await page.getByRole('textbox', { name: 'User' }).fill('reader');
    await page.getByLabel('Password', { exact: true }).fill('never-shown-again');
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page.waitForURL(/\/edit\/\w+/);
    await page.getByText('Set', { exact: true }).waitFor();
    assert.equal((await page.content()).includes('never-shown-again'), false);
    await page.getByRole('button', { name: 'Password: Remove' }).click();
    await page.getByRole('checkbox', { name: /user and password/ }).uncheck();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('Successfully queried the Prometheus API.').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/connections\/datasources$/);
    await page.getByRole('link', { name: 'Logs', exact: true }).waitFor();
    await thereAre(page.getByRole('link', { name: 'Team' }), 0);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('says why a built-in one cannot be changed, and tests it all the same', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}${root}/edit/prometheus`);
    await page.getByText('It comes with the program').waitFor();
    await thereAre(page.getByRole('button', { name: 'Save and test' }), 0);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('Successfully queried the Prometheus API.').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    () =>
      [
        '',
        '/new',
        '/new?type=grafana-postgresql-datasource',
        '/new?type=prometheus',
        '/edit/prometheus',
      ].map((path) => `${app.url}${root}${path}`),
  );
});
