import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { SectionBuilder } from '#logs/batch';
import { axeViolations, type ConsoleUnderTest, skipWithoutBrowser, thereAre } from './console.ts';
import { startConsoleWithoutCluster, startKubernetesConsole } from './kubernetes-console.ts';
import { itLooksRight } from './looks.ts';
import { crashing, unpullable, webPod } from './made-cluster.ts';
import { applicationGroup, messageOf, sendBatch, streamOf } from './made-logs.ts';

const skip = skipWithoutBrowser();
const podPath = ({ namespace, name }: { namespace: string; name: string }, more = ''): string =>
  `/kubernetes/pod?namespace=${namespace}&pod=${name}${more}`;

describe('Kubernetes in a browser', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startKubernetesConsole();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  const heading = (page: Page, name: string): ReturnType<Page['getByRole']> =>
    page.getByRole('heading', { level: 1, name });

  it('says in words what is the matter with a pod, over charts of the same time', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(app.url + podPath(crashing));
    await heading(page, crashing.name).waitFor();
    await page.getByText(/exit 137, killed for memory \(limit 64 MiB\)/).waitFor();
    for (const title of ['CPU', 'Memory', 'Network']) {
      await page.getByRole('img', { name: `Chart: ${title}`, exact: true }).waitFor();
    }
    await page
      .getByRole('region', { name: 'States of containers' })
      .getByTitle(/CrashLoopBackOff/)
      .first()
      .waitFor();
    const flag = page.getByRole('region', { name: 'Events over time' }).getByRole('button').first();
    await flag.click();
    await page.getByText('OOMKilled', { exact: true }).first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('zooms charts and logs together, and Back goes out again', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url + podPath(crashing));
    const chart = page.getByRole('img', { name: 'Chart: Memory' });
    await chart.waitFor();
    const lines = page.getByRole('region', { name: 'Log lines' });
    await lines
      .getByText(/settled payment/)
      .first()
      .waitFor();
    const box = await chart.boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 3;
    await page.mouse.move(box.x + box.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.45, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=20/);
    await lines
      .getByText(/settled payment/)
      .first()
      .waitFor();
    await page.goBack();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    await context.close();
  });

  it('leads from a point of a chart to the logs of that moment', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url + podPath(crashing));
    const chart = page.getByRole('img', { name: 'Chart: CPU', exact: true });
    await page.waitForLoadState('networkidle');
    await chart.click({ position: { x: 300, y: 50 } });
    await page.getByRole('menuitem', { name: /Logs at this moment/ }).click();
    await page.waitForURL(/logs\/insights\?.*from=20/);
    const query = new URL(page.url()).searchParams.get('q') ?? '';
    assert.match(query, new RegExp(`kubernetes\\.pod_name = "${crashing.name}"`));
    await page.goBack();
    await heading(page, crashing.name).waitFor();
    await context.close();
  });

  it('shows the run of a container before the last one, and its last words', async () => {
    const { page, context } = await app.open();
    await page.goto(app.url + podPath(crashing, '&run=previous'));
    const lines = page.getByRole('region', { name: 'Log lines' });
    await lines.getByText('ERROR heap is full, cannot settle').waitFor();
    await page.getByRole('radio', { name: 'Last', exact: true }).click();
    await page.waitForURL(/run=last/);
    await lines.getByText('ERROR heap is full, cannot settle').waitFor({ state: 'detached' });
    await context.close();
  });

  it('follows new lines of a pod', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(app.url + podPath(webPod, '&live=on&container=nginx'));
    await page.getByText(/^Live, /).waitFor();
    const nowMs = Date.now();
    const section = new SectionBuilder(applicationGroup, streamOf(webPod, 'nginx', 0));
    section.add(nowMs, messageOf(webPod, 'nginx', 0, nowMs, 'WARN a line that came just now'));
    await sendBatch(app.url, webPod.node ?? '', 2, [section.finish()]);
    await page.getByText('WARN a line that came just now').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows the object as YAML, and what it belongs to', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(app.url + podPath(unpullable, '&tab=spec'));
    await page
      .getByText(/the image registry\.example\.com\/shop\/mailer:latest-typo cannot be pulled/)
      .waitFor();
    const spec = page.getByRole('region', { name: 'Spec' });
    await spec.getByText('imagePullPolicy').or(spec.getByText('containers')).first().waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(copied, new RegExp(`name: ${unpullable.name}`));
    await page.getByRole('tab', { name: /Related/ }).click();
    const related = page.getByRole('region', { name: 'Related' });
    await related.getByRole('link', { name: 'mailer', exact: true }).click();
    await heading(page, 'mailer').waitFor();
    await page.getByText('0 of 2 ready').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('lists pods: by state, text and order, with the keyboard', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/kubernetes/pods`);
    await page.getByText('60 rows').waitFor();
    await page.getByRole('radio', { name: /In trouble\s+3/ }).click();
    await page.waitForURL(/health=degraded/);
    await page.getByText('3 rows').waitFor();
    await page.getByRole('searchbox', { name: 'Filter by name' }).fill('payments');
    await page.getByText('1 row', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await heading(page, crashing.name).waitFor();
    await page.goto(`${app.url}/kubernetes/pods`);
    const selector = page.getByRole('textbox', { name: 'Label selector' });
    await selector.fill('app in (web, cart),tier=front');
    await selector.press('Enter');
    await page.getByText('26 rows').waitFor();
    await page.goto(`${app.url}/kubernetes/pods?namespace=search&sort=-memoryBytes`);
    await page.getByText('9 rows').waitFor();
    const first = page.getByRole('row').nth(1);
    assert.match(await first.innerText(), /index-\d/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('draws the cluster: what is wrong, who uses most, and a map for mouse and keys', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/kubernetes`);
    await page.getByText('2 workloads, 3 pods in trouble').waitFor();
    await page.getByText('3 of 3 ready').waitFor();
    await page.getByText('Pods by memory').waitFor();
    await page.getByRole('link', { name: 'index-2' }).first().waitFor();
    const map = page.getByRole('img', { name: 'Map of 3 nodes with their pods' });
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForURL(/kubernetes\/pod\?/);
    await page.goBack();
    await map.waitFor();
    await page.getByRole('radio', { name: 'CPU' }).click();
    await page.waitForURL(/color=cpu/);
    await map.click({ position: { x: 12, y: 8 } });
    await heading(page, 'node-a').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('finds pods and workloads from anywhere', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/settings`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search everything' }).fill(crashing.name);
    await page
      .getByRole('option', { name: new RegExp(`${crashing.name}.*shop`) })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await heading(page, crashing.name).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('has a page for each node, workload, namespace, volume and all events', async () => {
    const { page, errors, context } = await app.open({ width: 800, height: 600 });
    for (const [path, text] of [
      ['/kubernetes/node?node=node-b', 'm7g.xlarge'],
      ['/kubernetes/workload?namespace=shop&kind=Deployment&name=orders', '8 of 8 ready'],
      ['/kubernetes/namespace?namespace=shop', '3 pods in trouble'],
      ['/kubernetes/volume?namespace=search&claim=data-index-1', 'gp3'],
      ['/kubernetes/workloads', '13 rows'],
      ['/kubernetes/nodes', '3 rows'],
      ['/kubernetes/volumes', '3 rows'],
      ['/kubernetes/events?search=scheduling', '0/3 nodes are available: 3 Insufficient cpu.'],
    ] as const) {
      await page.goto(app.url + path);
      await page.getByText(text).first().waitFor();
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('lists what is wrong, and says of one what it is and what happened around it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/incidents`);
    const table = page.getByRole('table', { name: 'Incidents' });
    await table.getByText(/cannot be pulled/).waitFor();
    await page.getByRole('searchbox').first().fill('OOMKilled');
    await table.getByText(/cannot be pulled/).waitFor({ state: 'detached' });
    await table.getByRole('link').first().click();
    await page.waitForURL(/\/incidents\/[0-9a-f]{16}$/);
    await page
      .getByText(/the container used more memory than its limit/i)
      .first()
      .waitFor();
    await page.getByRole('link', { name: crashing.name }).first().click();
    await page.waitForURL(/kubernetes\/pod/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('an incident has its page: chart, lines, who was told, what is related, and who is at it', async () => {
    const { page, errors, context } = await app.open();
    const { open } = (await (await fetch(`${app.url}/nunchi/incidents`)).json()) as {
      open: readonly { readonly id: string; readonly reasons: readonly string[] }[];
    };
    const id = open.find(({ reasons }) => reasons.includes('OOMKilled'))?.id ?? '';
    await page.goto(`${app.url}/incidents/${id}`);
    await page.getByText(/more memory than its limit of 64 MiB/).waitFor();
    await page.getByText(/Raise resources\.limits\.memory/).waitFor();
    const chart = page.getByRole('region', { name: /^Memory of/ });
    await chart.locator('canvas').first().waitFor();
    await chart.getByText('64 MiB').first().waitFor();
    await page.getByText(/settled payment/).waitFor();
    await page.getByText('It was wrong already when the watch began').waitFor();
    await page.getByText(/No provider is configured/).waitFor();
    await page.getByRole('link', { name: 'mailer' }).waitFor();
    // By keys: somebody is at it, wants to hear nothing of it, and takes both back.
    await page.getByRole('button', { name: 'Acknowledge' }).press('Enter');
    await page.getByText('local is at it').first().waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Silence' }).press('Enter');
    await page.getByRole('menuitem', { name: 'For 2 hours' }).press('Enter');
    await page
      .getByText(/^Silenced by local until/)
      .first()
      .waitFor();
    for (const left of [1, 0]) {
      const takeBack = page.getByRole('button', { name: 'Take back' });
      await takeBack.first().press('Enter');
      await takeBack.nth(left).waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    assert.deepEqual(await axeViolations(page), []);
    await page.goto(`${app.url}/incidents/0000000000000000`);
    await page.getByText('There is no such incident').waitFor();
    assert.deepEqual(
      errors.filter((error) => !error.includes('404')),
      [],
    );
    await context.close();
  });

  it('keeps incidents quiet while something is worked on', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/incidents?state=maintenance`);
    await page.getByText('No maintenance windows').waitFor();
    await page.getByRole('button', { name: 'New window' }).click();
    const dialog = page.getByRole('dialog', { name: 'New window' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Give it a name').waitFor();
    await dialog.getByLabel('Name').fill('Shop upgrade');
    await dialog.getByRole('button', { name: 'Add a matcher' }).click();
    await dialog.getByLabel('Label', { exact: true }).fill('namespace');
    await dialog.getByLabel('Value', { exact: true }).fill('shop');
    assert.deepEqual(await axeViolations(page), []);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const windows = page.getByRole('table', { name: 'Maintenance' });
    await windows.getByText('Shop upgrade').waitFor();
    assert.deepEqual(await axeViolations(page), []);
    await page.getByRole('radio', { name: /^Open/ }).click();
    const quiet = page.getByRole('table', { name: 'Incidents' }).getByText('In maintenance');
    await quiet.first().waitFor();
    await thereAre(quiet, 2);
    await page.getByRole('radio', { name: /^Maintenance/ }).click();
    await windows.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await windows.getByText('Over', { exact: true }).waitFor();
    await page.getByRole('radio', { name: /^Open/ }).click();
    await quiet.first().waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    async () => {
      const { open } = (await (await fetch(`${app.url}/nunchi/incidents`)).json()) as {
        open: readonly { readonly id: string }[];
      };
      assert.ok(open[0]);
      return [
        '/kubernetes',
        '/incidents',
        `/incidents/${open[0].id}`,
        '/kubernetes/pods',
        '/kubernetes/events',
        podPath(crashing),
        podPath(crashing, '&tab=spec'),
        podPath(crashing, '&tab=related'),
      ].map((path) => app.url + path);
    },
  );
});

describe('Kubernetes in a browser, without a cluster', { skip }, () => {
  let app: ConsoleUnderTest;
  before(async () => {
    app = await startConsoleWithoutCluster();
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('says what would be here and what brings it', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/kubernetes`);
    await page.getByText('No Kubernetes cluster is watched').waitFor();
    await page.getByText('kubernetes.enabled is off').waitFor();
    await page.getByText(/helm install nunchi/).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });
});
