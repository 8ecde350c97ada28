import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ConsoleUnderTest, skipWithoutBrowser, startConsole, thereAre } from './console.ts';
import { appGroup, clusterGroup } from './console-data.ts';
import { itLooksRight } from './looks.ts';

const skip = skipWithoutBrowser();
/** 60,000 lines a minute. */
const eventsPerSecond = 1000;

describe('live tail in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startConsole(eventsPerSecond);
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const link = (groups: readonly string[], more = ''): string =>
    `${app.url}/logs/tail?${groups.map((group) => `group=${encodeURIComponent(group)}`).join('&')}${more}`;

  it('asks what to follow, follows it, and says how fast it comes', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/logs/tail`);
    await page.getByText('Choose what to follow').waitFor();
    await page.getByRole('button', { name: /^Log groups/ }).click();
    await page.getByRole('checkbox', { name: appGroup }).check();
    await page.keyboard.press('Escape');
    await page.waitForURL(/group=/);
    await page.getByText('order stored').first().waitFor();
    await page.getByText(/\d+ lines\/s/).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('pauses without losing lines: what waits is shown on resume', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link([appGroup]));
    await page.getByText('order stored').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const list = page.getByRole('region', { name: 'Log lines' });
    const height = (): Promise<number> =>
      list.evaluate((element: { scrollHeight: number }) => element.scrollHeight);
    const before = await height();
    await page
      .getByText(/[1-9][\d,]{3,} new lines are waiting/)
      .first()
      .waitFor();
    assert.equal(await height(), before);
    await page.getByRole('button', { name: 'Resume' }).click();
    const deadlineMs = Date.now() + 60_000;
    // A row is 20 px: at least the thousand that waited are there.
    while ((await height()) < before + 1000 * 20) {
      assert.ok(Date.now() < deadlineMs, 'What waited did not come');
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('filters by a pattern, explains it, and refuses one that does not parse', async () => {
    const { page, context } = await app.open();
    await page.goto(link([appGroup], '&filter=%7B%20%24.level%20%3D%20%22warn%22%20%7D'));
    await page.getByText('slow query').first().waitFor();
    await page.getByText(/JSON and \$\.level = "warn"/).waitFor();
    await thereAre(page.getByText('order stored'), 0);
    const box = page.getByRole('searchbox', { name: 'Filter pattern' });
    await box.fill('{ $.a = ');
    await box.press('Enter');
    await page.getByRole('alert').getByText('The server does not accept this').waitFor();
    await context.close();
  });

  it('marks up to five words, each in its colour, and keeps them in the link', async () => {
    const { page, context } = await app.open();
    await page.goto(link([appGroup]));
    const box = page.getByRole('textbox', { name: 'Highlight' });
    for (const word of ['order', 'stored', 'GET']) {
      await box.fill(word);
      await box.press('Enter');
      await page.getByRole('button', { name: `Stop highlighting ${word}` }).waitFor();
    }
    await page.waitForURL(/mark=order&mark=stored&mark=GET/);
    await page.locator('mark', { hasText: 'GET' }).first().waitFor();
    await context.close();
  });

  it('pauses on a row, shows its fields and goes to Insights at that moment', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(link([appGroup]));
    await page.getByText('order stored').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    // Which lines are in sight at that moment is chance: any will do.
    await page.getByRole('region', { name: 'Log lines' }).locator('time').last().click();
    await page.getByRole('link', { name: 'Query this moment in Insights' }).click();
    await page.waitForURL(/logs\/insights\?.*from=2/);
    await page.getByRole('status').getByText('Showing').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('keeps its list bounded', async () => {
    const { page, context } = await app.open();
    await page.goto(link([appGroup]));
    await page.getByText('order stored').first().waitFor();
    const shown = await page
      .getByRole('region', { name: 'Log lines' })
      .locator('[data-index]')
      .count();
    assert.ok(shown < 400, `${shown} elements for a screenful`);
    await page.getByRole('button', { name: 'Clear' }).click();
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/logs/tail`,
      link([appGroup], '&mark=order&mark=GET&mark=level&mark=POST&mark=http'),
      link([clusterGroup]),
    ],
    async (page) => {
      await page.getByRole('button', { name: /Pause|일시 정지/ }).click({ force: true });
    },
  );
});
