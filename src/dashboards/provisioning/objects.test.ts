import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { systemClock } from '#base';
import { Catalogue } from '#dashboards/catalogue';
import { dataObjectOf, folderPath, providedOf } from './config-maps.ts';
import { type GrafanaDashboard, providedBy } from './grafana-dashboards.ts';

const options = { folderAnnotation: 'grafana_folder', maxSizeBytes: 10_000 };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('ConfigMaps and Secrets', () => {
  const metadata = { namespace: 'n', name: 'm', annotations: { grafana_folder: 'A/B' } };

  it('give the dashboards of their *.json keys, and name those that are broken', () => {
    const object = dataObjectOf('configmaps', {
      metadata,
      data: { 'a.json': '{"uid":"a","title":"A"}', 'b.json': '{"title":}', 'c.txt': 'x' },
      binaryData: { 'd.JSON': base64('{"title":"D"}') },
    });
    const { provided, problems, unreadable } = providedOf('configmaps', object, options);
    assert.deepEqual(
      provided.map(({ externalId, uid, folder }) => [externalId, uid.length, folder]),
      [
        ['configmaps/n/m/a.json', 1, { path: ['A', 'B'] }],
        ['configmaps/n/m/d.JSON', 20, { path: ['A', 'B'] }],
      ],
    );
    assert.deepEqual(unreadable, ['configmaps/n/m/b.json']);
    assert.match(problems[0]!.place, /^configmaps\/n\/m\/b\.json:1$/);
  });

  it('of Secrets are decoded', () => {
    const data = { 'a.json': base64('{"uid":"s","title":"대시보드"}') };
    const object = dataObjectOf('secrets', { metadata: { name: 'm' }, data });
    const [provided] = providedOf('secrets', object, options).provided;
    assert.deepEqual(provided?.load(), { uid: 's', title: '대시보드' });
    assert.deepEqual(provided?.folder, { path: [] });
  });

  const folders: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['Team', ['Team']],
    ['/tmp/dashboards/Team/App', ['Team', 'App']],
    ['/tmp/dashboards', []],
    ['/Team//App/', ['Team', 'App']],
    ['../../etc', ['etc']],
  ];
  for (const [annotation, path] of folders) {
    it(`folder "${annotation}"`, () => assert.deepEqual(folderPath(annotation), path));
  }
});

describe('GrafanaDashboards', () => {
  const text = '{"title":"T","panels":[{"datasource":"${DS_PROM}"}]}';
  const answers: Readonly<Record<string, string>> = {
    'https://catalogue/api/dashboards/1860/revisions/37/download': text,
  };
  const catalogue = new Catalogue(() => ({ url: 'https://catalogue', timeoutMs: 1000 }), {
    clock: systemClock,
    fetch: async (address) => {
      const body = answers[String(address)];
      return new Response(body ?? '', { status: body === undefined ? 404 : 200 });
    },
  });
  const resolve = (spec: GrafanaDashboard['spec']) =>
    providedBy(
      { metadata: { namespace: 'n', name: 'g' }, ...(spec === undefined ? {} : { spec }) },
      {
        catalogue,
        maxSizeBytes: 10_000,
        configMapKey: async (...parts) => {
          assert.deepEqual(parts, ['n', 'map', 'k.json']);
          return text;
        },
        signal: new AbortController().signal,
      },
    );

  const good: readonly (readonly [string, NonNullable<GrafanaDashboard['spec']>])[] = [
    ['json', { json: text }],
    ['gzipJson', { gzipJson: gzipSync(text).toString('base64') }],
    ['configMapRef', { configMapRef: { name: 'map', key: 'k.json' } }],
    ['grafanaCom', { grafanaCom: { id: 1860, revision: 37 } }],
  ];
  for (const [name, spec] of good) {
    it(`are read from ${name}, with their data sources put in`, async () => {
      const datasources = [{ inputName: 'DS_PROM', datasourceName: 'Prom "1"' }];
      const provided = await resolve({ ...spec, folder: 'F', datasources });
      assert.deepEqual(await provided.load(), {
        title: 'T',
        panels: [{ datasource: 'Prom "1"' }],
        uid: provided.uid,
      });
      assert.deepEqual(provided.folder, { path: ['F'] });
      assert.equal(provided.externalId, 'grafanadashboards/n/g');
    });
  }

  it('have the uid and the folder of their spec', async () => {
    const provided = await resolve({ json: '{"uid":"a","title":"T"}', uid: 'b', folderUID: 'f' });
    assert.equal(provided.uid, 'b');
    assert.deepEqual(provided.folder, { uid: 'f', title: 'f' });
  });

  const bad: readonly (readonly [string, GrafanaDashboard['spec'], RegExp])[] = [
    ['nothing', undefined, /spec has no dashboard/],
    ['an address', { url: 'http://169.254.169.254/' }, /spec\.url is not supported/],
    ['broken JSON', { json: '{\n"a":' }, /line \d: is not JSON/],
    ['an unknown number', { grafanaCom: { id: 5 } }, /does not exist/],
    ['a bomb', { gzipJson: gzipSync('x'.repeat(100_000)).toString('base64') }, /larger than/],
  ];
  for (const [name, spec, words] of bad) {
    it(`are refused with ${name}`, () => assert.rejects(resolve(spec), words));
  }
});
