import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type AlertingConsole, startAlertingConsole } from './alerting-console.ts';
import { skipWithoutBrowser, thereAre } from './console.ts';
import { itLooksRight } from './looks.ts';

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** A rule that does not fire, in a folder of its own. */
async function makeRule(url: string, title: string): Promise<string> {
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { uid: folder } = await post('api/folders', { title: `Folder of ${title}` });
  const uid = title.toLowerCase();
  await post(`api/ruler/grafana/api/v1/rules/${folder}`, {
    name: 'group',
    interval: '10s',
    rules: [
      {
        for: '0s',
        labels: { team: 'shop' },
        annotations: { summary: `${title} is long` },
        grafana_alert: {
          uid,
          title,
          condition: 'C',
          no_data_state: 'OK',
          exec_err_state: 'Error',
          is_paused: false,
          data: [
            {
              refId: 'A',
              datasourceUid: 'prometheus',
              relativeTimeRange: { from: 600, to: 0 },
              model: { refId: 'A', expr: 'shop_queue_length', instant: true },
            },
            {
              refId: 'B',
              datasourceUid: '__expr__',
              model: { refId: 'B', type: 'reduce', expression: 'A', reducer: 'last' },
            },
            {
              refId: 'C',
              datasourceUid: '__expr__',
              model: {
                refId: 'C',
                type: 'threshold',
                expression: 'B',
                conditions: [{ evaluator: { type: 'gt', params: [1000] } }],
              },
            },
          ],
        },
      },
    ],
  });
  return uid;
}

describe('pages of alerting in a browser', { skip: skipWithoutBrowser() }, () => {
  let app: AlertingConsole;
  before(async () => {
    app = await startAlertingConsole('api');
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('says what a contact point lacks, keeps one that is used, and shows how it is told', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/notifications`);
    await page.getByRole('link', { name: 'Add contact point' }).click();
    await choose(page, 'Integration', 'Webhook');
    await page.getByRole('button', { name: 'Save contact point' }).click();
    await page.getByText('Give it a name').waitFor();
    await page.getByText('This is needed').first().waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('hook');
    await page.getByRole('textbox', { name: 'URL', exact: true }).fill('http://127.0.0.1:1/');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Test contact point' });
    await dialog.getByRole('radio', { name: 'Custom' }).click();
    await dialog.getByRole('textbox', { name: 'Labels' }).fill('alertname=Mine');
    await dialog.getByRole('button', { name: 'Send test notification' }).click();
    await dialog.getByText(/did not arrive: .*ECONNREFUSED/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save contact point' }).click();
    await page.waitForURL(/alerting\/notifications$/);
    await page.getByRole('button', { name: 'More for grafana-default-email' }).click();
    const blocked = page.getByRole('menuitem', { name: /^Delete/ });
    assert.equal(await blocked.getAttribute('aria-disabled'), 'true');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More for hook' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('webhook');
    await page.getByRole('button', { name: 'Save contact point' }).click();
    await page.waitForURL(/alerting\/notifications$/);
    await page.getByRole('heading', { name: 'webhook' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('mutes by hours, drawn as a week', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/routes?tab=mute-timings`);
    await page.getByRole('button', { name: 'Add mute timing' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('nights');
    await page.getByRole('textbox', { name: 'Times of day' }).fill('22:00-06:00');
    await page.getByText('one that goes over midnight is two').waitFor();
    await page.getByRole('textbox', { name: 'Times of day' }).fill('22:00-24:00, 00:00-06:00');
    await page.getByRole('checkbox', { name: 'Mon' }).check();
    await page.getByRole('textbox', { name: 'Time zone' }).fill('Asia/Seoul');
    await page.getByRole('button', { name: 'Save mute timing' }).click();
    await page.getByRole('img', { name: 'Week of nights' }).waitFor();
    await page.getByText('Asia/Seoul').waitFor();
    await page.getByText('not used').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('nests policies, shows the way of an alert, and removes them', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/routes`);
    await page.getByRole('button', { name: 'More for Default policy' }).click();
    await page.getByRole('menuitem', { name: 'New nested policy' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Label' }).fill('team');
    await dialog.getByRole('textbox', { name: 'Value' }).fill('shop');
    await choose(page, 'Contact point', 'webhook');
    await dialog.getByRole('textbox', { name: 'Group by' }).fill('alertname, pod');
    await dialog.getByRole('textbox', { name: 'Repeat interval' }).fill('soon');
    await dialog.getByText('A duration such as 30s, 5m, 4h').waitFor();
    await dialog.getByRole('textbox', { name: 'Repeat interval' }).fill('12h');
    await dialog.getByLabel('Continue matching subsequent sibling nodes').check();
    await dialog.getByRole('combobox', { name: 'Mute timings' }).click();
    await page.getByRole('option', { name: 'nights' }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Add policy' }).click();
    const nested = page.locator('[data-route="1"]');
    await nested.getByText('grouped by alertname, pod').waitFor();
    await nested.getByText('muted by nights').waitFor();
    await nested.getByText('goes on to the next ones').waitFor();
    await nested.getByText(/again after 12h/).waitFor();
    await page.getByRole('searchbox').fill('alertname=X, team=shop');
    await page.waitForURL(/labels=/);
    await nested.getByText('taken').waitFor();
    await page.getByRole('searchbox').fill('team=other');
    await page.locator('[data-route="0"]').getByText('taken').waitFor();
    await page.getByRole('button', { name: 'More for team=shop' }).click();
    await page.getByRole('menuitem', { name: 'Delete policy' }).click();
    await page.getByRole('button', { name: 'Delete policy' }).click();
    await nested.waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('previews a template while it is written', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/notifications?tab=templates`);
    await page.getByRole('button', { name: 'Add template' }).click();
    await page.getByRole('textbox', { name: 'Name of the template group' }).fill('team');
    const content = page.getByRole('textbox', { name: 'Content' });
    await content.fill(
      '{{ define "team.title" }}{{ len .Alerts }} of {{ .CommonLabels.namespace }}',
    );
    await page.getByText(/unexpected/i).waitFor();
    await content.fill(
      '{{ define "team.title" }}{{ len .Alerts }} of {{ .CommonLabels.namespace }}{{ end }}',
    );
    await page.getByText('2 of shop', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save template' }).click();
    await page.getByRole('heading', { name: 'team' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No templates').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('shows rules of both kinds with state, health and filters, and a rule of Prometheus', async () => {
    const { page, errors, context } = await app.open();
    await makeRule(app.url, 'QueueOurs');
    await page.goto(`${app.url}/alerting/list`);
    await page.getByRole('link', { name: 'QueueOurs' }).waitFor();
    await page.getByText(/found duplicate series/).waitFor();
    await page.getByRole('radio', { name: 'Prometheus' }).click();
    await page.getByRole('link', { name: 'QueueOurs' }).waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('team=shop');
    await page.waitForURL(/q=/);
    await page.getByRole('link', { name: 'TargetDown' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'QueueLong' }).click();
    await page.waitForURL(/alerting\/rule\?/);
    await page.getByRole('img', { name: 'Chart: Query' }).waitFor();
    await page.getByRole('button', { name: /^Threshold/ }).waitFor();
    await page.getByText('Value 42').waitFor();
    await page.getByRole('cell', { name: 'Normal Firing' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('pauses, changes, copies and deletes a rule that was made here', async () => {
    const { page, errors, context } = await app.open();
    const uid = await makeRule(app.url, 'Changing');
    await page.goto(`${app.url}/alerting/grafana/${uid}/view`);
    await page.getByRole('heading', { name: 'Changing' }).waitFor();
    const more = page.getByRole('button', { name: 'More for Changing' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Pause evaluation' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await more.click();
    await page.getByRole('menuitem', { name: 'Resume evaluation' }).click();
    await page.getByText('Paused', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('spinbutton', { name: 'Threshold value' }).fill('10');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    const condition = page.getByRole('group', { name: 'Expression C' });
    await condition.getByText('Firing', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add expression' }).click();
    await page.getByRole('menuitem', { name: 'Math' }).click();
    const math = page.getByRole('group', { name: 'Expression D' });
    await math.getByRole('textbox').fill('$B >= 1000');
    await math.getByRole('button', { name: 'Set as alert condition' }).click();
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await math.getByText('Normal', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Configure no data and error handling' }).click();
    await choose(page, 'Alert state if no data or all values are null', 'Keep last state');
    await page.getByRole('button', { name: 'Preview routing' }).click();
    await page.getByText('Who is told, and why').waitFor();
    await page.getByRole('textbox', { name: 'Pending period' }).fill('5s');
    await page.getByRole('button', { name: 'Save rule and exit' }).click();
    await page
      .getByText(/Pending period must be greater than or equal to the evaluation interval/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'None', exact: true }).click();
    await page.getByRole('button', { name: 'Save rule and exit' }).click();
    await page.waitForURL(/alerting\/list/);
    await page.goto(`${app.url}/alerting/grafana/${uid}/view`);
    await page.getByText('$B >= 1000').waitFor();
    await page.getByText('KeepLast').waitFor();
    await more.click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.waitForURL(/alerting\/new\?copyFrom=/);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Copied');
    await page.getByRole('button', { name: 'Save rule and exit' }).click();
    await page.getByRole('link', { name: 'Copied' }).waitFor();
    await page.getByRole('button', { name: 'More for Changing' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'Changing' }).waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('draws what fired when', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/history?from=now-5m`);
    await page.getByRole('region', { name: 'States of rules over time' }).waitFor();
    await page.getByText('TargetDown').first().waitFor();
    await page.getByRole('searchbox').fill('pod=pay-1');
    await page.waitForURL(/q=/);
    await page.getByText('QueueLong').first().waitFor({ state: 'detached' });
    await thereAre(page.getByRole('row'), 2);
    assert.deepEqual(errors, []);
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/alerting/list`,
      `${app.url}/alerting/rule?file=rules.yml&group=shop&name=QueueLong&from=now-15m`,
      `${app.url}/alerting/grafana/queueours/view?from=now-15m`,
      `${app.url}/alerting/new`,
      `${app.url}/alerting/notifications`,
      `${app.url}/alerting/notifications?tab=templates&template=%2B`,
      `${app.url}/alerting/notifications/receivers/new`,
      `${app.url}/alerting/routes?labels=alertname%3DX`,
      `${app.url}/alerting/routes?tab=mute-timings`,
      `${app.url}/alerting/history?from=now-15m`,
    ],
  );
});
