import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { DataSourceInput } from '../contract.ts';
import {
  askOne,
  columnsOf,
  openTestSources,
  type TestSources,
  testLimits,
} from '../sources.fixture.ts';

const secret = 'token-7f3a';

describe('JSON and CSV over HTTP', () => {
  let server: Server;
  let port: number;
  let rig: TestSources;
  let asked: {
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      request.on('end', () => {
        const url = request.url ?? '';
        asked.push({ url, headers: request.headers, body });
        const redirect = (to: string): void => void response.writeHead(302, { location: to }).end();
        if (url.startsWith('/to-metadata')) redirect('http://169.254.169.254/latest/meta-data/');
        else if (url.startsWith('/to-other')) redirect(`http://localhost:${port}/rows`);
        else if (url.startsWith('/to-rows')) redirect('/rows');
        else if (url.startsWith('/huge')) response.end(JSON.stringify('x'.repeat(5_000_000)));
        else if (url.startsWith('/bomb')) {
          response.writeHead(200, { 'content-encoding': 'gzip' });
          response.end(gzipSync(Buffer.alloc(50_000_000, 0x20)));
        } else if (url.startsWith('/never')) return;
        else if (url.startsWith('/refused'))
          response.writeHead(403).end('{"message":"Bad credentials"}');
        else if (url.startsWith('/csv'))
          response.end('time,value\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,3\n');
        else response.end('{"items":[{"name":"a","count":1},{"name":"b","count":2}]}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    asked = [];
    rig = await openTestSources();
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const make = (change: Partial<DataSourceInput> = {}, on: TestSources = rig): Promise<unknown> =>
    on.sources.create({
      name: 'http',
      uid: 'http',
      type: 'yesoreyeram-infinity-datasource',
      isDefault: true,
      url: `http://127.0.0.1:${port}`,
      ...change,
    });

  it('asks below the URL, with parameters and headers', async () => {
    await make();
    const { frames, error } = await askOne(rig, {
      url: '/rows?a=1',
      root_selector: 'items',
      url_options: {
        params: [{ key: 'q', value: 'x y&z' }],
        headers: [
          { key: 'X-Own', value: '1' },
          { key: 'Host', value: 'evil' },
          { key: 'Authorization', value: 'mine' },
        ],
      },
    });
    assert.equal(error, undefined);
    assert.deepEqual(columnsOf(frames[0]), { name: ['a', 'b'], count: [1, 2] });
    assert.equal(asked[0]?.url, '/rows?a=1&q=x+y%26z');
    assert.equal(asked[0]?.headers['x-own'], '1');
    assert.equal(asked[0]?.headers.host, `127.0.0.1:${port}`);
    assert.equal(asked[0]?.headers.authorization, undefined);
  });

  it('makes series of CSV', async () => {
    await make();
    const { frames } = await askOne(rig, { url: '/csv', type: 'csv', format: 'timeseries' });
    assert.deepEqual(columnsOf(frames[0]), {
      Time: [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-01-01T01:00:00Z')],
      value: [1, 3],
    });
  });

  it('posts', async () => {
    await make();
    await askOne(rig, {
      type: 'graphql',
      url: '/graphql',
      url_options: { body_graphql_query: '{a}' },
    });
    assert.deepEqual(
      [asked[0]?.body, asked[0]?.headers['content-type']],
      ['{"query":"{a}"}', 'application/json'],
    );
  });

  it('shows the words of a server that refuses', async () => {
    await make();
    const { status, error } = await askOne(rig, { url: '/refused' });
    assert.equal(status, 400);
    assert.match(String(error), /403 Forbidden: {"message":"Bad credentials"}/);
  });

  it('follows redirects among its hosts, without the login to others', async () => {
    await make({
      jsonData: { auth_method: 'bearerToken', allowedHosts: ['localhost'] },
      secureJsonData: { bearerToken: secret },
    });
    assert.equal((await askOne(rig, { url: '/to-rows' })).status, 200);
    assert.deepEqual(
      asked.map(({ headers }) => headers.authorization),
      [`Bearer ${secret}`, `Bearer ${secret}`],
    );
    asked = [];
    assert.equal((await askOne(rig, { url: '/to-other' })).status, 200);
    assert.deepEqual(
      asked.map(({ headers }) => headers.authorization),
      [`Bearer ${secret}`, undefined],
    );
  });

  const refused = (
    name: string,
    change: Partial<DataSourceInput>,
    url: () => string,
    pattern: RegExp,
  ): void =>
    void it(`refuses ${name}`, async () => {
      await make(change);
      const { status, error, frames } = await askOne(rig, { url: url() });
      assert.notEqual(status, 200);
      assert.deepEqual(frames, []);
      assert.match(String(error), pattern);
    });
  refused(
    'a redirect to a host that is not allowed',
    {},
    () => '/to-other',
    /localhost is none of the allowed hosts/,
  );
  refused(
    'a redirect to cloud metadata',
    {},
    () => '/to-metadata',
    /169.254.169.254 is none of the allowed hosts/,
  );
  refused(
    'cloud metadata, whoever allows it',
    { url: '', jsonData: { allowedHosts: ['169.254.169.254'] } },
    () => 'http://169.254.169.254/latest',
    /link-local address/,
  );
  refused(
    'a host that is not allowed',
    {},
    () => 'http://example.com/',
    /example.com is none of the allowed hosts/,
  );
  refused('a file', {}, () => 'file:///etc/passwd', /cannot be asked \(allowed: http and https/);
  refused('a login in the URL', {}, () => `http://a:b@127.0.0.1:${port}/`, /without a login/);
  refused('no URL', { url: '' }, () => 'rows', /"rows" is no URL/);
  refused(
    'a secret for whatever host',
    { url: '', secureJsonData: { bearerToken: secret } },
    () => `http://127.0.0.1:${port}/rows`,
    /needs a URL or allowed hosts/,
  );

  it('does not reach this machine unless the configuration says so', async () => {
    await using closed = await openTestSources({ allowedNetworks: [] });
    await make({}, closed);
    const { error } = await askOne(closed, { url: '/rows' });
    assert.match(String(error), /127.0.0.1 is a loopback address/);
    const local = await askOne(closed, { url: `http://localhost:${port}/rows` });
    assert.match(String(local.error), /none of the allowed hosts/);
    assert.deepEqual(asked, []);
  });

  it('looks at the addresses behind a name', async () => {
    await using closed = await openTestSources({ allowedNetworks: [] });
    await make({ url: `http://localhost:${port}` }, closed);
    const { error } = await askOne(closed, { url: '/rows' });
    assert.match(String(error), /localhost \((127.0.0.1|::1)\) is a loopback address/);
    assert.deepEqual(asked, []);
  });

  it('bounds sizes, packed ones too, and times', async () => {
    await make();
    for (const url of ['/huge', '/bomb']) {
      assert.match(String((await askOne(rig, { url })).error), /larger than 4194304 bytes/);
    }
    await make({ name: 'hasty', uid: 'hasty', jsonData: { timeout: 1 } });
    const { status, error } = await askOne(rig, { url: '/never', datasource: { uid: 'hasty' } });
    assert.equal(status, 504);
    assert.match(String(error), /did not answer in time/);
  });

  it('ends with the client', async () => {
    await make();
    const controller = new AbortController();
    const running = askOne(rig, { url: '/never' }, { signal: controller.signal });
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    await assert.rejects(running, { name: 'AbortError' });
  });

  it('never tells its secrets', async () => {
    await make({
      jsonData: {
        auth_method: 'apiKey',
        apiKeyType: 'query',
        apiKeyKey: 'key',
        httpHeaderName1: 'X-Secret',
        secureQueryName1: 'sig',
      },
      secureJsonData: { apiKeyValue: secret, httpHeaderValue1: secret, secureQueryValue1: secret },
    });
    const answers = [
      await askOne(rig, { url: '/rows' }),
      await askOne(rig, { url: '/refused' }),
      await askOne(rig, { url: '/to-other' }),
      rig.sources.list(),
      await rig.sources.health('http', AbortSignal.timeout(5000)),
    ];
    assert.match(asked[0]?.url ?? '', new RegExp(`key=${secret}`));
    assert.equal(asked[0]?.headers['x-secret'], secret);
    assert.doesNotMatch(JSON.stringify(answers), new RegExp(secret));
  });

  it('is read inline without asking anybody', async () => {
    await make();
    const { frames } = await askOne(rig, { source: 'inline', data: '[{"a":1}]' });
    assert.deepEqual(columnsOf(frames[0]), { a: [1] });
    assert.deepEqual(asked, []);
  });

  it('cuts rows', async () => {
    await make();
    rig.limits = { ...testLimits, maxRows: 1 };
    const { frames } = await askOne(rig, { url: '/rows', root_selector: 'items' });
    assert.equal(frames[0]?.fields[0]?.values.length, 1);
    assert.match(JSON.stringify(frames[0]?.meta), /The first 1 rows/);
  });
});
