import { after, before, describe } from 'node:test';
import { type ConsoleUnderTest, skipWithoutBrowser } from './console.ts';
import { itLooksRight } from './looks.ts';
import { exploreUrl, startMetricsConsole } from './metrics-console.ts';

const orders = 'sum by (path) (rate(shop_orders_total[1m]))';
const waits = 'sum by (le) (rate(shop_request_seconds_bucket[1m]))';

describe('pages of metrics in a browser', { skip: skipWithoutBrowser() }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startMetricsConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });
  const explore = (exprs: readonly string[], more = '', from = 'now-5m'): string =>
    exploreUrl(app.url, exprs, more, from);

  itLooksRight(
    () => app,
    () => [
      explore([]),
      explore([orders, 'shop_stock_bytes'], '&stacked=1&panel=inspector'),
      explore(['up', 'shop_render_seconds'], '&view=table'),
      explore([waits, 'sum(rate(shop_render_seconds[1m]))'], '', 'now-40m'),
      explore([orders], '&panel=metrics'),
      `${app.url}/metrics/targets`,
      `${app.url}/metrics/targets?tab=discovery`,
      `${app.url}/metrics/rules`,
      `${app.url}/metrics/store`,
      `${app.url}/metrics/store?tab=drops`,
      `${app.url}/metrics/store?tab=config`,
    ],
  );
});
