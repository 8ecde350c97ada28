import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '#base';
import { Catalogue } from './index.ts';

const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/api/dashboards/1': [
    200,
    JSON.stringify({ slug: 'one', name: 'One', revision: 3, json: { title: 'One' }, orgName: 'o' }),
  ],
  '/api/dashboards/1/revisions/3/download': [200, '{"title":"One"}'],
  '/api/dashboards/2': [500, 'oh'],
  '/api/dashboards/3': [200, '<html>'],
  '/api/dashboards/4': [200, '{}'],
  '/api/dashboards/5': [200, `"${'x'.repeat(9_000_000)}"`],
};

describe('Catalogue', () => {
  let url = '';
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const [status, body] = answers[request.url!] ?? [404, '{}'];
    response.writeHead(status).end(body);
  });
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  const open = (
    at = url,
    bundled?: (id: number) => Readonly<Record<string, unknown>> | undefined,
  ): Catalogue =>
    new Catalogue(() => ({ url: at, timeoutMs: 5000 }), {
      clock: systemClock,
      ...(bundled === undefined ? {} : { bundled }),
    });

  it('gives a dashboard with what is around it, once for several questions', async () => {
    const catalogue = open();
    const first = await catalogue.dashboard(1);
    asked = 0;
    assert.deepEqual(await catalogue.dashboard(1), first);
    assert.equal(asked, 0);
    assert.deepEqual([first.slug, first.revision, first.json], ['one', 3, { title: 'One' }]);
    assert.deepEqual(await catalogue.revision(1, 3), { title: 'One' });
  });

  const refusals: readonly (readonly [number, string])[] = [
    [2, 'CATALOGUE_UNAVAILABLE'],
    [3, 'CATALOGUE_INVALID'],
    [4, 'CATALOGUE_INVALID'],
    [5, 'CATALOGUE_UNAVAILABLE'],
    [6, 'CATALOGUE_NOT_FOUND'],
  ];
  for (const [id, code] of refusals) {
    it(`${code} for ${answers[`/api/dashboards/${id}`]?.[1].slice(0, 10) ?? 'none'}`, async () => {
      await assert.rejects(open().dashboard(id), { code });
    });
  }

  it('without a way there gives what comes with the program', async () => {
    const away = 'http://127.0.0.1:9';
    await assert.rejects(open(away).dashboard(1), (error: Error & { hint: string }) => {
      assert.match(error.message, /^Cannot reach http:\/\/127\.0\.0\.1:9\/api\/dashboards\/1: /);
      assert.match(error.hint, /import the file/);
      return true;
    });
    const catalogue = open(away, (id) => (id === 1 ? { title: 'Ours' } : undefined));
    const found = await catalogue.dashboard(1);
    assert.deepEqual(
      [found.source, found.name, found.json],
      ['bundled', 'Ours', { title: 'Ours' }],
    );
    assert.deepEqual(await catalogue.revision(1, 'latest'), { title: 'Ours' });
    await assert.rejects(catalogue.dashboard(2), { code: 'CATALOGUE_UNAVAILABLE' });
  });
});
