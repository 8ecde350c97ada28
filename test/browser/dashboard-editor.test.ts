import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import {
  browse,
  type ConsoleUnderTest,
  endProcess,
  skipWithoutBrowser,
  thereAre,
} from './console.ts';
import { itLooksRight } from './looks.ts';
import { labelsOf, writeSeries } from './metrics-history.ts';
import { addressOf, startProgram } from './program.ts';

const skip = skipWithoutBrowser();

interface Kept {
  readonly uid: string;
  readonly title: string;
  readonly version: number;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly query: unknown;
      readonly current?: { readonly value: unknown };
    }[];
  };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; h: number };
    readonly targets?: readonly { readonly expr?: string }[];
    readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  }[];
}

interface Shared {
  readonly uid: string;
  readonly version: number;
  readonly model: { readonly description?: string };
  readonly meta: { readonly connectedDashboards: number };
}

const panel = (id: number, title: string, x: number): object => ({
  id,
  title,
  type: 'timeseries',
  gridPos: { x, y: 0, w: 12, h: 8 },
  datasource: { type: 'prometheus', uid: 'prometheus' },
  targets: [{ refId: 'A', expr: 'shop_queue_bytes' }],
});

/** A dashboard that each test changes in its own way. */
const shop = {
  uid: 'shop',
  title: 'Shop',
  tags: ['shop'],
  schemaVersion: 42,
  time: { from: 'now-30m', to: 'now' },
  templating: { list: [{ name: 'city', type: 'custom', query: 'seoul,busan' }] },
  panels: [panel(1, 'Queue', 0), panel(2, 'Waits', 12)],
};

async function startEditorConsole(): Promise<ConsoleUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-editor-'));
  const program = startProgram(folder, 'dashboards: {shipped: false}');
  const url = (await addressOf(program)).replace(/\/$/, '');
  const nowMs = Date.now();
  await writeSeries(
    url,
    ['seoul', 'busan'].map((city, index) => ({
      labels: labelsOf({ __name__: 'shop_queue_bytes', city }),
      samples: Array.from({ length: 120 }, (_, step) => ({
        timeMs: nowMs - (120 - step) * 15_000,
        value: 1_000_000 * (index + 1) + step * 10_000,
      })),
    })),
  );
  return await browse(url, async () => {
    await endProcess(program);
    rmSync(folder, { recursive: true, force: true });
  });
}

describe('the editor of dashboards in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  const save = async (dashboard: object): Promise<void> => {
    const response = await fetch(`${app.url}/api/dashboards/db`, {
      method: 'POST',
      body: JSON.stringify({ dashboard, overwrite: true }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(response.status, 200);
  };
  const kept = async (uid: string): Promise<Kept> => {
    const response = await fetch(`${app.url}/api/dashboards/uid/${uid}`);
    return ((await response.json()) as { readonly dashboard: Kept }).dashboard;
  };
  const saveInPage = async (page: Page, saved: string): Promise<void> => {
    await page.getByRole('button', { name: 'Save…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(saved).waitFor();
  };
  before(async () => {
    app = await startEditorConsole();
    await save(shop);
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('makes a dashboard with a panel: query, title, unit, size; it is there after a reload', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/dashboard/new`);
    await page.getByRole('button', { name: 'Panel', exact: true }).click();
    await page.waitForURL(/editPanel=1/);
    await page.getByRole('region', { name: 'Query A' }).locator('.cm-content').click();
    await page.keyboard.insertText('shop_queue_bytes');
    const options = page.getByRole('complementary', { name: 'Options' });
    await options.getByRole('textbox', { name: 'Title', exact: true }).fill('Bytes waiting');
    await options.getByRole('button', { name: /^Unit:/ }).click();
    await page.getByRole('combobox', { name: 'Search values' }).fill('bytes(IEC)');
    await page.keyboard.press('Enter');
    await options.getByRole('button', { name: 'Unit: Data / bytes(IEC) (bytes)' }).waitFor();
    const preview = page.getByRole('region', { name: 'Bytes waiting' });
    await preview.getByText('busan').waitFor();
    await page.getByRole('button', { name: 'Back to the dashboard' }).click();
    const grip = page.getByRole('button', { name: 'Move or resize Bytes waiting' });
    await grip.focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'Save…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Made here');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/d\/[\w-]+\/made-here/);
    await page.reload();
    await page.getByRole('region', { name: 'Bytes waiting' }).waitFor();
    await page.getByText('busan').first().waitFor();
    const uid = /\/d\/([\w-]+)\//.exec(page.url())?.[1] ?? '';
    const [made] = (await kept(uid)).panels;
    assert.deepEqual(made?.gridPos, { x: 0, y: 0, w: 14, h: 9 });
    assert.equal(made?.fieldConfig.defaults.unit, 'bytes');
    assert.equal(made?.targets?.[0]?.expr, 'shop_queue_bytes');
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('moves, copies and removes panels, takes steps back, and asks before changes are lost', async () => {
    await save(shop);
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop`);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.waitForURL(/edit=1/);
    await page.getByRole('button', { name: 'Move or resize Queue' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Duplicate Waits' }).click({ force: true });
    await page.getByRole('button', { name: 'Remove Waits' }).first().click({ force: true });
    await page.getByRole('button', { name: 'Remove Waits' }).first().click({ force: true });
    await thereAre(page.getByRole('region', { name: 'Waits' }), 0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('region', { name: 'Waits' }).waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /Dashboards/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('They are lost when you leave this page.').waitFor();
    await dialog.getByRole('button', { name: 'Stay here' }).click();
    await page.getByRole('region', { name: 'Waits' }).waitFor();
    await saveInPage(page, 'Saved as version');
    const titles = (await kept('shop')).panels.map(({ id, title }) => [id, title]);
    assert.equal(titles.length, 2);
    assert.ok(titles.some(([id, title]) => id === 3 && title === 'Waits'));
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('drags a panel with the pointer', async () => {
    await save(shop);
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1`);
    const head = page.getByRole('region', { name: 'Queue' }).locator('header');
    const box = await head.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 60, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 330, { steps: 8 });
    await page.mouse.up();
    await saveInPage(page, 'Saved as version');
    const moved = (await kept('shop')).panels.find(({ id }) => id === 1);
    assert.ok(moved !== undefined && (moved.gridPos.x > 0 || moved.gridPos.y > 0));
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('changes a variable and shows what it comes to', async () => {
    await save(shop);
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editview=variables`);
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByText('$var1').click();
    const name = page.getByRole('textbox', { name: 'Name' }).last();
    await name.fill('place');
    await name.press('Enter');
    const query = page.getByRole('textbox', { name: 'Query', exact: true });
    await query.fill('label_values(shop_queue_bytes, city)');
    await query.press('Enter');
    await page.getByRole('region', { name: 'Values now' }).getByText('busan').waitFor();
    await page.getByRole('region', { name: 'Used by' }).waitFor();
    await page.getByRole('button', { name: 'city: seoul' }).click();
    await page.getByRole('option', { name: 'busan' }).click();
    await page.waitForURL(/var-city=busan/);
    await page.getByRole('button', { name: 'Save…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: /^The values that variables have now/ }).check();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved as version').waitFor();
    const { list } = (await kept('shop')).templating;
    assert.deepEqual(
      list.map((one) => [one.name, one.query, one.current?.value]),
      [
        ['city', 'seoul,busan', 'busan'],
        ['place', 'label_values(shop_queue_bytes, city)', 'busan'],
      ],
    );
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('builds a table with transformations: joined, renamed, moved, calculated, looked into', async () => {
    const query = (refId: string, expr: string): object => ({
      ...{ refId, expr, instant: true, range: false, format: 'table' },
      datasource: { type: 'prometheus', uid: 'prometheus' },
    });
    const targets = [
      query('A', 'sum by (city) (shop_queue_bytes)'),
      query('B', 'count by (city) (shop_queue_bytes)'),
    ];
    await save({ ...shop, panels: [{ ...panel(1, 'Cities', 0), type: 'table', targets }] });
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editPanel=1`);
    await page.getByRole('tab', { name: /Transformations/ }).click();
    const add = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Add a transformation' }).click();
      await page.getByRole('searchbox', { name: 'Search by name or by what it does' }).fill(name);
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name, exact: true }).waitFor();
    };
    const preview = page.getByRole('region', { name: 'Cities' });
    await add('Merge');
    await add('Organize fields');
    const organize = page.getByRole('region', { name: 'Organize fields', exact: true });
    await organize.getByRole('button', { name: 'Hide Time' }).click();
    const name = organize.getByRole('textbox', { name: 'New name of Value #A' });
    await name.fill('Bytes');
    await name.press('Enter');
    await organize.getByRole('button', { name: /^Move Value #B/ }).focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowUp');
    await preview.getByText('Bytes').waitFor();
    await add('Add a calculated field');
    const calculated = page.getByRole('region', { name: 'Add a calculated field', exact: true });
    await calculated.getByRole('combobox', { name: 'Mode' }).click();
    await page.getByRole('option', { name: 'Of two fields' }).click();
    for (const [side, field] of [
      ['Left', 'Bytes'],
      ['Right', 'Value #B'],
    ]) {
      await calculated.getByRole('button', { name: new RegExp(`^${side}:`) }).click();
      await page.getByRole('combobox', { name: 'Search values' }).fill(field as string);
      await page.keyboard.press('Enter');
    }
    const alias = calculated.getByRole('textbox', { name: 'Name' });
    await alias.fill('Per pod');
    await alias.press('Enter');
    await preview.getByText('Per pod').waitFor();
    await calculated.getByRole('button', { name: 'Input and output' }).click();
    await calculated.getByRole('columnheader', { name: /Per pod number/ }).waitFor();
    await saveInPage(page, 'Saved as version');
    const [made] = (await kept('shop')).panels as unknown as [{ transformations: unknown }];
    assert.deepEqual(made.transformations, [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: { 'Value #B': 0, Time: 1, city: 2, 'Value #A': 3 },
          renameByName: { 'Value #A': 'Bytes' },
          includeByName: {},
          orderByMode: 'manual',
        },
      },
      {
        id: 'calculateField',
        options: {
          mode: 'binary',
          reduce: { reducer: 'sum' },
          binary: {
            operator: '+',
            left: { matcher: { id: 'byName', options: 'Bytes' } },
            right: { matcher: { id: 'byName', options: 'Value #B' } },
          },
          window: { windowAlignment: 'trailing', windowSizeMode: 'percentage', windowSize: 0.1 },
          alias: 'Per pod',
        },
      },
    ]);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('makes a panel a library panel, changes it for every dashboard, and lists who shows it', async () => {
    await save(shop);
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editPanel=1`);
    await page.getByRole('button', { name: 'Make it a library panel…' }).click();
    const making = page.getByRole('dialog');
    await making.getByRole('textbox', { name: 'Name' }).fill('Shared queue');
    await making.getByRole('button', { name: 'Make it a library panel' }).click();
    await page.getByText('The library panel “Shared queue”').waitFor();
    await saveInPage(page, 'Saved as version');
    const elements = async (): Promise<readonly Shared[]> => {
      const response = await fetch(`${app.url}/api/library-elements`);
      return ((await response.json()) as { result: { elements: readonly Shared[] } }).result
        .elements;
    };
    const [made] = await elements();
    assert.equal(made?.meta.connectedDashboards, 1);
    await page.goto(`${app.url}/dashboard/new`);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Panel of the library…' }).click();
    await page.getByRole('button', { name: /^Shared queue/ }).click();
    await page.getByRole('region', { name: 'Queue' }).waitFor();
    await page.keyboard.press('ControlOrMeta+s');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Second');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/second/);
    await page.goto(`${app.url}/d/shop/shop?edit=1&editPanel=1`);
    await page.getByText('(2)').waitFor();
    const options = page.getByRole('complementary', { name: 'Options' });
    await options.getByRole('textbox', { name: 'Description' }).first().fill('Bytes that wait');
    await page.getByRole('button', { name: 'Save…' }).click();
    await dialog.getByText('Shared queue (dashboards: 2)').waitFor();
    // The library panel is saved, the dashboard is not: the second attempt goes on from there.
    const { version, ...now } = await kept('shop');
    await save(now);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('Somebody else has saved this dashboard meanwhile').waitFor();
    await dialog.getByRole('button', { name: 'Save over it' }).click();
    await page.getByText('Saved as version').first().waitFor();
    assert.equal((await kept('shop')).version, version + 2);
    const [changed] = await elements();
    assert.deepEqual(
      [changed?.version, changed?.model.description, changed?.meta.connectedDashboards],
      [2, 'Bytes that wait', 2],
    );
    await page.goto(`${app.url}/library-panels?panel=${made?.uid}`);
    await page.getByRole('link', { name: 'Second' }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Delete', exact: true }).isDisabled());
    // The conflict above is one of them.
    assert.deepEqual(
      errors.filter((text) => !text.includes('412')),
      [],
    );
    await context.close();
  });

  it('shows the answers of another panel after its transformations', async () => {
    const other = {
      ...(panel(2, 'Same', 12) as object),
      type: 'table',
      datasource: { type: 'datasource', uid: '-- Dashboard --' },
      targets: [{ refId: 'A' }],
    };
    const first = {
      ...(panel(1, 'Cities', 0) as object),
      transformations: [{ id: 'reduce', options: { reducers: ['max'] } }],
    };
    await save({ ...shop, panels: [first, other] });
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editPanel=2`);
    await page.getByRole('combobox', { name: 'Panel whose answers are shown' }).click();
    await page.getByRole('option', { name: 'Cities (1)' }).click();
    const preview = page.getByRole('region', { name: 'Same' });
    await preview.getByText('Time').first().waitFor();
    await page.getByRole('checkbox', { name: 'After its transformations' }).check();
    await preview.getByText('Max').waitFor();
    await saveInPage(page, 'Saved as version');
    assert.deepEqual((await kept('shop')).panels[1]?.targets, [
      { refId: 'A', panelId: 1, withTransforms: true },
    ]);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('copies a panel to another dashboard, and begins an alert rule with one', async () => {
    await save(shop);
    await save({ ...shop, uid: 'empty', title: 'Empty', panels: [] });
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop`);
    await page.getByRole('region', { name: 'Queue' }).hover();
    await page.keyboard.press('p');
    await page.keyboard.press('c');
    await page.getByText('The panel is copied').waitFor();
    await page.goto(`${app.url}/d/empty/empty?edit=1`);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Paste panel' }).click();
    await page.getByRole('region', { name: 'Queue' }).waitFor();
    await page.keyboard.press('ControlOrMeta+z');
    await page.getByText('Add the first panel').waitFor();
    await page.keyboard.press('ControlOrMeta+Shift+z');
    await page.getByRole('region', { name: 'Queue' }).getByText('busan').waitFor();
    await saveInPage(page, 'Saved as version');
    await page.goto(`${app.url}/d/empty/empty`);
    await page.getByRole('region', { name: 'Queue' }).getByText('busan').waitFor();
    await page.getByRole('region', { name: 'Queue' }).hover();
    await page.getByRole('button', { name: 'Menu of Queue' }).click();
    await page.getByRole('menuitem', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'New alert rule' }).click();
    await page.waitForURL(/alerting\/new/);
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    assert.equal(await name.inputValue(), 'Queue');
    await page.getByText('shop_queue_bytes').first().waitFor();
    await name.fill('Queue is long');
    await page.goBack();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave without saving' }).click();
    await page.waitForURL(/\/d\/empty/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('marks what a query finds, in chosen panels; a switch and labels to group by do what they say', async () => {
    await save({
      ...shop,
      annotations: { list: [] },
      templating: {
        list: [
          { name: 'by', type: 'groupby', datasource: { type: 'prometheus', uid: 'prometheus' } },
        ],
      },
      panels: [{ ...panel(1, 'Sum', 0), targets: [{ refId: 'A', expr: 'sum(shop_queue_bytes)' }] }],
    });
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editview=annotations`);
    await page.getByRole('button', { name: 'Add an annotation' }).click();
    await page.getByText('Annotation 1').first().click();
    const expression = page.getByRole('textbox', { name: 'Expression' });
    await expression.fill('shop_queue_bytes{city="busan"} > 2500000');
    await expression.press('Enter');
    const title = page.getByRole('textbox', { name: 'Title', exact: true });
    await title.fill('{{city}} is full');
    await title.press('Enter');
    await page.getByText(/Marks now: 1\. .*busan is full/).waitFor();
    await page.getByRole('tab', { name: /Variables/ }).click();
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByText('$var1').click();
    await page.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'Switch' }).click();
    await page.getByRole('switch', { name: 'var1' }).click();
    await page.waitForURL(/var-var1=true/);
    await page.goto(`${app.url}/d/shop/shop?var-by=city`);
    await page.getByRole('region', { name: 'Sum' }).getByText('busan').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('says that somebody else was first, and saves over it when told to', async () => {
    await save(shop);
    const { page, context } = await app.open();
    await page.goto(`${app.url}/d/shop/shop?edit=1&editPanel=panel-1`);
    const options = page.getByRole('complementary', { name: 'Options' });
    await options.getByRole('textbox', { name: 'Title', exact: true }).fill('Mine');
    await save({ ...shop, title: 'Theirs' });
    await page.getByRole('button', { name: 'Save…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Panel “Mine”').waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('Somebody else has saved this dashboard meanwhile').waitFor();
    assert.equal((await kept('shop')).title, 'Theirs');
    await dialog.getByRole('button', { name: 'Save over it' }).click();
    await page.getByText('Saved as version').waitFor();
    const { title, panels } = await kept('shop');
    assert.deepEqual([title, panels[0]?.title], ['Shop', 'Mine']);
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/dashboard/new`,
      `${app.url}/d/shop/shop?edit=1`,
      `${app.url}/d/shop/shop?edit=1&editPanel=1`,
      `${app.url}/d/shop/shop?edit=1&editview=general`,
      `${app.url}/d/shop/shop?edit=1&editview=variables`,
      `${app.url}/library-panels`,
    ],
  );
});
