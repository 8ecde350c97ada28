import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AlertingConsole, startAlertingConsole } from './alerting-console.ts';
import { skipWithoutBrowser, thereAre } from './console.ts';
import { itLooksRight } from './looks.ts';

describe('alerts in a browser', { skip: skipWithoutBrowser() }, () => {
  let app: AlertingConsole;
  before(async () => {
    app = await startAlertingConsole('file');
  });
  after(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  it('lists what fires as it is told of, counts states, and finds by matchers and words', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/alerts`);
    await page
      .getByRole('button', { name: 'Fold everybody alertname=TargetDown namespace=shop' })
      .waitFor();
    await page.getByRole('button', { name: /^Pending QueueGrowing/ }).waitFor();
    await page.getByRole('button', { name: /^Muted NodeSlow/ }).waitFor();
    await page.getByRole('radio', { name: /^Firing/ }).click();
    await page.waitForURL(/state=firing/);
    await page.getByRole('button', { name: /NodeSlow/ }).waitFor({ state: 'detached' });
    const search = page.getByRole('searchbox');
    await search.fill('pod=~"web-.*"');
    await page.waitForURL(/q=/);
    await page.getByRole('button', { name: /pay-1/ }).waitFor({ state: 'detached' });
    await thereAre(page.getByRole('button', { name: /does not answer/ }), 2);
    await search.fill('pod=~"("');
    await page.getByRole('alert').getByText('A pattern of the search is none').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: /^Muted NodeSlow/ }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('groups by any labels, and folds groups with the keyboard', async () => {
    const { page, context } = await app.open();
    await page.goto(`${app.url}/alerting/alerts?group=labels&by=severity`);
    await page.getByRole('button', { name: 'Fold severity=critical' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Unfold severity=critical' }).waitFor();
    await page
      .getByRole('button', { name: /TargetDown/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').getByText('Who is told, and why').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await context.close();
  });

  it('says who was told, who was not, and why', async () => {
    const { page, errors, context } = await app.open();
    await app.receiver.first((message) => JSON.stringify(message).includes('web-1'));
    await page.goto(`${app.url}/alerting/alerts`);
    await page.getByRole('button', { name: /web-1/ }).click();
    const panel = page.getByRole('complementary');
    await panel.getByText(/^everybody\/webhook\/0 Told .* that it fires$/).waitFor();
    assert.match(
      (await panel.getByRole('link', { name: 'Runbook' }).getAttribute('href')) ?? '',
      /^https:/,
    );
    await panel.getByRole('link', { name: 'Pod web-1' }).waitFor();
    await page.getByRole('button', { name: /^Firing QueueLong/ }).click();
    await panel.getByText('{team="shop"}').waitFor();
    await panel.getByText(/The last try failed: .*ECONNREFUSED/).waitFor();
    await panel.getByText('42', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^Muted NodeSlow/ }).click();
    await panel.getByText('Held back by the mute timing always').waitFor();
    await page.getByRole('button', { name: /^Pending QueueGrowing/ }).click();
    await panel.getByText(/^Pending: the condition holds/).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('silences an alert from its side, shows who did, and ends the silence', async () => {
    const { page, errors, context } = await app.open();
    await page.goto(`${app.url}/alerting/alerts`);
    await page.getByRole('button', { name: /pay-1/ }).click();
    const panel = page.getByRole('complementary');
    await panel.getByRole('link', { name: 'Silence' }).click();
    await page.waitForURL(/silence\/new\?.*matcher=alertname%3DTargetDown/);
    const form = page.getByRole('region', { name: 'New silence' });
    await form.getByText('1 alert', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByText('Say why, so that others know').waitFor();
    await page.getByRole('textbox', { name: 'Comment' }).fill('being repaired');
    await page.getByRole('textbox', { name: 'Created by' }).fill('kim');
    await page.getByRole('radio', { name: '8h' }).click();
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.waitForURL(/silences\?open=/);
    await panel.getByText('pay-1').first().waitFor();
    await panel.getByRole('link', { name: 'Alerts' }).click();
    await page.getByRole('button', { name: /^Silenced TargetDown/ }).click();
    await panel.getByText(/^Silenced until .* by kim: being repaired$/).click();
    await panel.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Comment' }).fill('repaired');
    await page.getByRole('button', { name: 'Save silence' }).click();
    await page.waitForURL(/silences\?open=/);
    await panel.getByRole('button', { name: 'Expire' }).click();
    await panel.getByRole('link', { name: 'Silence again' }).waitFor();
    await page.getByRole('radio', { name: /^Expired/ }).click();
    await page.getByRole('cell', { name: 'repaired' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('stays small with thousands of alerts: only rows in sight exist', async () => {
    const { page, errors, context } = await app.open();
    const alerts = Array.from({ length: 3000 }, (_, at) => ({
      labels: { alertname: `Many${at % 30}`, pod: `pod-${at}`, severity: 'none' },
      annotations: { summary: `pod ${at} is one of many` },
    }));
    const answer = await fetch(`${app.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    assert.equal(answer.status, 200);
    await page.goto(`${app.url}/alerting/alerts?group=labels&by=alertname`);
    await page.getByRole('radio', { name: /^Firing\s*3,0/ }).waitFor();
    assert.ok((await page.getByRole('button', { name: /is one of many/ }).count()) < 100);
    await page.getByRole('searchbox').fill('pod=pod-2999');
    await page.getByRole('button', { name: /pod 2999 is one of many/ }).waitFor();
    const over = alerts.map(({ labels }) => ({ labels, endsAt: new Date().toISOString() }));
    await fetch(`${app.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(over),
    });
    await page.getByRole('button', { name: /pod 2999/ }).waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('opens the link of a message: a silence with its matchers', async () => {
    const { page, context } = await app.open({ language: 'ko' });
    await page.goto(
      `${app.url}/alerting/silence/new?alertmanager=grafana&matcher=alertname%3DQueueLong&matcher=team%3Dshop`,
    );
    await page.getByText('알림 1개').waitFor();
    await page.getByText('QueueLong').waitFor();
    await context.close();
  });

  itLooksRight(
    () => app,
    () => [
      `${app.url}/alerting/alerts`,
      `${app.url}/alerting/alerts?group=labels&by=severity&by=job`,
      `${app.url}/alerting/silences`,
      `${app.url}/alerting/silence/new?matcher=alertname=TargetDown`,
    ],
  );
});
