import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeViolations, type ConsoleUnderTest } from './console.ts';

const sizes = [
  [1440, 900],
  [800, 600],
] as const;

/**
 * One test for each theme, language and size: every page is clean to axe and nothing is wider than
 * the window.
 */
export function itLooksRight(
  console: () => ConsoleUnderTest,
  /** Addresses, in the order of the visit. */
  addresses: () => readonly string[],
  /** Brings a page to rest. */
  settle: (page: Page) => Promise<void> = async () => {},
): void {
  for (const theme of ['dark', 'light'] as const) {
    for (const language of ['en', 'ko'] as const) {
      for (const [width, height] of sizes) {
        it(`is clean to axe and fits: ${theme}, ${language}, ${width} wide`, async () => {
          const { page, context } = await console().open({ theme, language, width, height });
          for (const address of addresses()) {
            await page.goto(address);
            await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
            await page.waitForLoadState('networkidle');
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
  }
}
