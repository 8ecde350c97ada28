import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeViolations, type ConsoleUnderTest, thereAre } from './console.ts';

const wide = [1440, 900] as const;
const narrow = [800, 600] as const;

/**
 * Each theme, language and size once; in every combination where NUNCHI_TEST_LOOKS is `all`, which takes
 * four times as long.
 */
const visits =
  process.env['NUNCHI_TEST_LOOKS'] === 'all'
    ? (['dark', 'light'] as const).flatMap((theme) =>
        (['en', 'ko'] as const).flatMap((language) =>
          [wide, narrow].map((size) => [theme, language, size] as const),
        ),
      )
    : ([
        ['dark', 'en', wide],
        ['light', 'ko', narrow],
      ] as const);

/**
 * Every page is clean to axe and nothing is wider than the window, in the looks above.
 */
export function itLooksRight(
  console: () => ConsoleUnderTest,
  /** Addresses, in the order of the visit. */
  addresses: () => readonly string[] | Promise<readonly string[]>,
  /** Brings a page to rest. */
  settle: (page: Page) => Promise<void> = async () => {},
): void {
  for (const [theme, language, [width, height]] of visits) {
    it(`is clean to axe and fits: ${theme}, ${language}, ${width} wide`, async () => {
      const { page, context } = await console().open({ theme, language, width, height });
      for (const address of await addresses()) {
        await page.goto(address);
        await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
        await page.waitForLoadState('networkidle');
        await thereAre(page.locator('[aria-busy="true"]'), 0);
        await settle(page);
        assert.deepEqual(await axeViolations(page), [], address);
        const overflow = Number(
          await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
        );
        assert.ok(overflow <= 0, `${address} is ${overflow} px too wide`);
      }
      await context.close();
    });
  }
}
