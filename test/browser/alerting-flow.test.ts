import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type AlertingConsole, startAlertingConsole } from './alerting-console.ts';
import { skipWithoutBrowser, thereAre } from './console.ts';

/** What a phone shows of Slack's message. */
const titleOf = (message: Record<string, unknown>): string => String(message['text'] ?? '');

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('from a new rule to its messages, click by click', { skip: skipWithoutBrowser() }, () => {
  let app: AlertingConsole;
  before(async () => {
    app = await startAlertingConsole('api');
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('makes a rule, tests a contact point, routes to it, and Slack hears of the fire and its end', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/alerts`);
    await page.getByRole('link', { name: 'Alert rules' }).click();
    await page.getByRole('link', { name: 'New alert rule' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nginx requests');
    await page.getByRole('textbox', { name: 'Query A' }).click();
    await page.keyboard.insertText('sum(increase(nginx_http_requests_total[20s]))');
    await choose(page, 'Comparison', 'Is above');
    await page.getByRole('spinbutton', { name: 'Threshold value' }).fill('0');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    const condition = page.getByRole('group', { name: 'Expression C' });
    await condition.getByText('Alert condition').waitFor();
    await condition.getByText('Normal', { exact: true }).waitFor();
    await page.getByRole('img', { name: 'Chart: Query' }).waitFor();
    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByRole('textbox', { name: 'Folder name' }).fill('nginx');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'New evaluation group' }).click();
    await page.getByRole('textbox', { name: 'Evaluation group name' }).fill('every 10s');
    await page.getByRole('textbox', { name: 'Evaluation interval' }).fill('10s');
    await page.getByRole('button', { name: 'Create' }).click();
    // The rule is tried on what has passed before anybody is told of it.
    await page.getByRole('button', { name: 'Try on the past' }).click();
    await page.getByText(/^It would .*fired/).waitFor();
    await page.getByRole('region', { name: 'States that the rule would have had' }).waitFor();
    // Neither the dialogs nor Enter in a field save the rule.
    const pending = page.getByRole('textbox', { name: 'Pending period' });
    await pending.fill('10s');
    await pending.press('Enter');
    await thereAre(page.getByText(/^Something is missing/), 0);
    assert.match(page.url(), /alerting\/new/);
    await page.getByRole('textbox', { name: 'Summary' }).fill('nginx is asked');
    await page.getByRole('button', { name: 'Save rule and exit' }).click();
    await page.waitForURL(/alerting\/list/);
    await page.getByRole('link', { name: 'nginx requests' }).waitFor();

    await page.getByRole('link', { name: 'Contact points' }).click();
    await page.getByRole('link', { name: 'Add contact point' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Slack');
    await choose(page, 'Integration', 'Slack');
    await page.getByRole('textbox', { name: 'Webhook URL' }).fill(app.receiver.url);
    await page.getByText('[FIRING:1, RESOLVED:1] HighErrorRate').waitFor();
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Test contact point' });
    await dialog.getByRole('radio', { name: 'Predefined' }).waitFor();
    await dialog.getByRole('button', { name: 'Send test notification' }).click();
    await dialog.getByText('The test notification arrived').waitFor();
    const test = await app.receiver.first((message) => titleOf(message).includes('TestAlert'));
    assert.match(titleOf(test), /TestAlert.*1 firing/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save contact point' }).click();
    await page.waitForURL(/alerting\/notifications$/);
    await page.getByRole('heading', { name: 'Slack' }).waitFor();

    await page.getByRole('link', { name: 'Notification policies' }).click();
    await page.getByRole('button', { name: 'Edit: Default policy' }).click();
    await choose(page, 'Default contact point', 'Slack');
    await page.getByRole('textbox', { name: 'Group wait' }).fill('1s');
    await page.getByRole('textbox', { name: 'Group interval' }).fill('1s');
    await page.getByRole('button', { name: 'Update default policy' }).click();
    await page.locator('[data-route="0"]').getByText('Slack', { exact: true }).waitFor();

    // Asked until the alert has fired: one burst may be over before a busy machine has looked twice.
    let requests = 0;
    const traffic = setInterval(() => {
      requests += 5;
      app.exporter.set('nginx_http_requests_total', requests);
    }, 500).unref();
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    const line = page.getByRole('button', { name: /nginx requests .*nginx is asked/ });
    await page.getByRole('radio', { name: /^Firing/ }).click();
    const firing = await app.receiver.first((message) =>
      /nginx requests.*1 firing/.test(titleOf(message)),
    );
    assert.match(JSON.stringify(firing), /nginx is asked/);
    await line.click();
    const panel = page.getByRole('complementary');
    await panel.getByText(/^Slack\/.* Told .* that it fires$/).waitFor();
    await panel.getByRole('link', { name: 'Rule', exact: true }).click();
    await page.waitForURL(/alerting\/grafana\/.*\/view/);
    await page.getByRole('heading', { name: 'nginx requests' }).waitFor();
    clearInterval(traffic);
    const resolved = await app.receiver.first((message) =>
      /nginx requests.*1 resolved/.test(titleOf(message)),
    );
    assert.match(JSON.stringify(resolved), /🟢/);

    await page.goto(`${app.url}/alerting/history?q=nginx&from=now-5m`);
    for (const change of ['Normal Pending', 'Pending Firing', 'Firing Normal']) {
      await page.getByRole('cell', { name: change }).waitFor();
    }
    await page.getByRole('link', { name: 'Contact points' }).click();
    await page.getByText(/^Last message .*, took /).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });
});
