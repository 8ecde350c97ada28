import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ConsoleUnderTest, skipWithoutBrowser, startConsole } from './console.ts';
import { appGroup, clusterGroup } from './console-data.ts';
import { itLooksRight } from './looks.ts';

const skip = skipWithoutBrowser();

describe('the console in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const groupUrl = (group: string, more = ''): string =>
    `${app.url}/logs/group?group=${encodeURIComponent(group)}${more}`;

  it('shows on the overview that all is well and what is collected', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(app.url);
    await page.getByText('All is well').waitFor();
    await page.getByRole('link', { name: appGroup }).waitFor();
    assert.match(await page.title(), /Overview/);
    await page.getByRole('link', { name: appGroup }).click();
    await page.waitForURL(/logs\/group/);
    await page.getByText('order stored').first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('asks again by itself for the files of a page that did not come', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url);
    await page.getByText('All is well').waitFor();
    const dropped = new Set<string>();
    let isAway = true;
    await page.route('**/assets/*.{js,css}', (route) => {
      if (!isAway) return route.continue();
      // As when the machine changes its network: whatever is under way at that moment fails.
      if (dropped.size === 0) setTimeout(() => (isAway = false), 150);
      dropped.add(route.request().url());
      return route.abort('internetdisconnected');
    });
    await page.getByRole('link', { name: 'Explore' }).first().click();
    await page.waitForURL(/metrics\/explore/);
    await page.getByRole('heading', { level: 1, name: 'Explore' }).waitFor({ state: 'attached' });
    assert.ok(
      [...dropped].some((url) => url.endsWith('.css')),
      'a style sheet was dropped',
    );
    const styled = await page.evaluate(
      'Array.from(document.querySelectorAll("link[rel=stylesheet]")).every(({ sheet }) => sheet !== null)',
    );
    assert.ok(styled, 'all style sheets are there in the end');
    await context.close();
  });

  it('says the same in Korean, and remembers the language', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitemradio', { name: '한국어' }).click();
    await page.getByText('모두 정상이에요').waitFor();
    await page.reload();
    await page.getByText('모두 정상이에요').waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'ko');
    await context.close();
  });

  it('lists groups, filters them in the link and opens one by keyboard', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/logs/groups`);
    await page.getByRole('link', { name: clusterGroup }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('지도');
    await page.waitForURL(/filter=/);
    await page.getByRole('link', { name: clusterGroup }).waitFor({ state: 'detached' });
    await page.goto(`${app.url}/logs/groups?filter=eks`);
    await page.getByRole('link', { name: clusterGroup }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/logs\/group\?/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('filters events by a pattern, marks what matched and opens a line', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(groupUrl(clusterGroup));
    await page.getByText('Unauthorized').first().waitFor();
    const box = page.getByRole('searchbox', { name: 'Filter pattern' });
    await box.fill('Unauthorized');
    await box.press('Enter');
    await page.locator('mark', { hasText: 'Unauthorized' }).first().waitFor();
    await page.waitForURL(/filter=Unauthorized/);
    await page.locator('mark', { hasText: 'Unauthorized' }).last().click();
    await page.getByRole('button', { name: 'Lines around it' }).click();
    await page.getByRole('complementary').getByText('Unauthorized').first().waitFor();
    await page.waitForURL(/context=/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('says what is wrong with a pattern that does not parse', async () => {
    const { page, context } = await app.open();
    await page.goto(groupUrl(clusterGroup, '&filter=%7B%20%24.a%20%3D%20'));
    await page.getByRole('alert').waitFor();
    await context.close();
  });

  it('loads earlier events when one scrolls up, without moving what is read', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(groupUrl(appGroup));
    const list = page.getByRole('region', { name: 'Log lines' });
    await page.getByText('order stored').first().waitFor();
    const height = (): Promise<number> =>
      list.evaluate((element: { scrollHeight: number }) => element.scrollHeight);
    const before = await height();
    await list.evaluate((element: { scrollTop: number }) => {
      element.scrollTop = 0;
    });
    const deadlineMs = Date.now() + 60_000;
    while ((await height()) <= before) {
      assert.ok(Date.now() < deadlineMs, 'Earlier events did not come');
    }
    assert.ok((await list.evaluate((element: { scrollTop: number }) => element.scrollTop)) > 0);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('opens the same view from a link: range, filter and zone of the reader', async () => {
    const { page, context } = await app.open();
    await page.goto(groupUrl(clusterGroup, '&from=now-30m&to=now&tab=streams'));
    await page.getByRole('link', { name: 'kube-apiserver-audit-0a1b2c' }).waitFor();
    await page.getByRole('button', { name: /Last 30 minutes/ }).waitFor();
    await page.keyboard.press('t');
    await page.getByRole('radio', { name: 'UTC' }).click();
    await page.getByRole('button', { name: 'Last 15 minutes' }).click();
    await page.waitForURL(/from=now-15m/);
    await page.goBack();
    await page.waitForURL(/from=now-30m/);
    await context.close();
  });

  it('creates a group, changes its retention and deletes it with the name typed', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/logs/groups`);
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByLabel('Log group', { exact: true }).fill('/team/brand-new');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL(/brand-new/);
    await page.getByRole('button', { name: 'No expiry' }).click();
    await page.getByRole('combobox', { name: 'Keep events for' }).click();
    await page.getByRole('option', { name: '14 days' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: '14 days' }).waitFor();
    await page.getByRole('button', { name: 'Delete group' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Delete group' });
    assert.equal(await confirm.isDisabled(), true);
    await dialog.getByRole('textbox').fill('/team/brand-new');
    await confirm.click();
    await page.waitForURL(/logs\/groups/);
    await page.getByRole('link', { name: '/team/brand-new' }).waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('finds a group from anywhere with Ctrl-K', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url);
    await page.getByText('All is well').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('dataplane');
    await page
      .getByRole('option', { name: /dataplane/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/group=.*dataplane/);
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByText('All is well').waitFor();
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/`,
      `${app.url}/logs/groups`,
      `${app.url}/logs/group?group=${encodeURIComponent(appGroup)}`,
      `${app.url}/logs/group?group=${encodeURIComponent(appGroup)}&tab=streams`,
      `${app.url}/settings`,
    ],
  );
});
