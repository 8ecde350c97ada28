import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsRegistry } from '#base';
import { openHealth } from './health.ts';

const token = 'a long secret';

const open = (more: Partial<Parameters<typeof openHealth>[0]> = {}, tested: number[] = []) =>
  openHealth(
    { enabled: true, port: 0, diagnostics: true, diagnosticsToken: token, ...more },
    {
      metrics: new MetricsRegistry(),
      incidents: () => [],
      deadLetters: async () => [
        { atMs: 1, provider: 'slack', reason: 'status 404', text: 'x', incidentId: undefined },
      ],
      testAlert: async () => tested.push(1),
    },
  );

async function ask(
  { port }: { readonly port: number },
  path: string,
  { bearer = '', method = 'GET' } = {},
): Promise<string> {
  const headers = bearer === '' ? {} : { authorization: `Bearer ${bearer}` };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
  return `${answer.status} ${(await answer.text()).slice(0, 80)}`;
}

describe('openHealth()', () => {
  it('answers what the probes of kwatch ask', async () => {
    await using health = await open();
    assert.equal(await ask(health, '/healthz'), '200 OK');
    assert.equal(await ask(health, '/readyz?x=1'), '200 OK');
    assert.equal(await ask(health, '/health'), '200 {"status":"ok"}');
    assert.match(await ask(health, '/metrics'), /^200 /);
    assert.equal(await ask(health, '/other'), '404 ');
  });

  it('has diagnostics for who has the token', async () => {
    const tested: number[] = [];
    await using health = await open({}, tested);
    for (const bearer of ['', 'another']) {
      assert.match(await ask(health, '/incidents', { bearer }), /^401 /);
      assert.match(await ask(health, '/test-alert', { bearer, method: 'POST' }), /^401 /);
    }
    assert.equal(await ask(health, '/incidents', { bearer: token }), '200 {"incidents":[]}');
    assert.match(await ask(health, '/deadletters', { bearer: token }), /"reason":"status 404"/);
    assert.match(await ask(health, '/test-alert', { bearer: token }), /^405 /);
    assert.equal(tested.length, 0);
    assert.match(await ask(health, '/test-alert', { bearer: token, method: 'POST' }), /^200 /);
    assert.equal(tested.length, 1);
  });

  it('lets nobody in without a token, and has none unless asked', async () => {
    await using noToken = await open({ diagnosticsToken: '' });
    assert.match(await ask(noToken, '/incidents', { bearer: 'x' }), /^401 /);
    await using off = await open({ diagnostics: false });
    assert.equal(await ask(off, '/incidents', { bearer: token }), '404 ');
  });

  it('names a port that is taken', async () => {
    await using health = await open();
    await assert.rejects(open({ port: health.port }), { code: 'WATCH_HEALTH_PORT' });
  });
});
