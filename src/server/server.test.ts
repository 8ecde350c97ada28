import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { AppError, MetricsRegistry, silentLogger } from '#base';
import { openStateStore, type StateStore } from '#state';
import {
  apiRoute,
  type Edge,
  type NunchiServer,
  type ServerOptions,
  startServer,
} from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-server-'));
const webRoot = join(root, 'web');
let folders = 0;

/** Routes of every kind, to try the server's part of each. */
const testEdge: Edge = {
  name: 'test',
  register: (app) => {
    apiRoute(
      app,
      {
        method: 'POST',
        url: '/nunchi/test/things/:name',
        summary: 'Make a thing',
        params: z.object({ name: z.string() }),
        query: z.object({ count: z.coerce.number().int().max(10).default(1) }),
        body: z.object({ text: z.string() }),
        response: z.object({ name: z.string(), count: z.number(), text: z.string() }),
        maxBodyBytes: 2048,
      },
      ({ params, query, body }) => ({ name: params.name, count: query.count, text: body.text }),
    );
    apiRoute(
      app,
      { method: 'DELETE', url: '/nunchi/test/all', summary: 'Delete all', access: 'admin' },
      () => undefined,
    );
    apiRoute(app, { method: 'GET', url: '/nunchi/test/full', summary: 'Fail' }, () => {
      throw new AppError('STORE_FULL', 'The disk is full', { hint: 'Make room' });
    });
    apiRoute(app, { method: 'GET', url: '/nunchi/test/bug', summary: 'Break' }, () => {
      throw new TypeError('secret words of a bug');
    });
    apiRoute(
      app,
      { method: 'GET', url: '/nunchi/test/stream', summary: 'Stream', streams: 'text/plain' },
      async ({ reply, signal }) => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-type': 'text/plain' });
        reply.raw.write('first\n');
        signal.addEventListener('abort', () => reply.raw.end('last\n'), { once: true });
        return reply;
      },
    );
    app.get('/nunchi/test/broken', async (_, reply) => {
      reply.raw.writeHead(200, { 'content-type': 'text/plain' });
      reply.raw.write('first\n');
      throw new Error('the second is gone');
    });
    app.post('/', { config: { auth: 'self' } }, (request, reply) =>
      reply.send({
        isBuffer: Buffer.isBuffer(request.body),
        bytes: (request.body as Buffer).length,
        principal: request.principal.name,
      }),
    );
    app.post('/agent-only', { config: { access: 'agent' } }, (_, reply) => reply.send('ok'));
    app.get(
      '/nunchi/test/socket',
      { websocket: true } as never,
      ((socket: WebSocket) => {
        socket.on('message', (data) => socket.send(`heard ${String(data)}`));
      }) as never,
    );
  },
};

interface Fixture {
  readonly server: NunchiServer;
  readonly state: StateStore;
  readonly metrics: MetricsRegistry;
}

const open: AsyncDisposable[] = [];
async function fixture(
  options: Partial<ServerOptions> = {},
  prepare?: (state: StateStore) => Promise<unknown>,
): Promise<Fixture> {
  const state = await openStateStore({ dataDir: join(root, String(folders++)) });
  open.push(state);
  await prepare?.(state);
  const metrics = new MetricsRegistry();
  const server = await startServer(
    { listen: '127.0.0.1:0', webRoot, drainTimeoutMs: 500, ...options },
    { state, log: silentLogger, metrics },
    [testEdge],
  );
  open.push(server);
  return { server, state, metrics };
}

const addUser = (state: StateStore): Promise<unknown> =>
  state.users.add({ name: 'ann', password: 'correct horse', role: 'editor' });

const json = { 'content-type': 'application/json' };

/** fetch() sets Host itself; this does not. */
function statusWith(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}

before(() => {
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Nunchi</title>');
  writeFileSync(join(webRoot, 'assets/app-abc123.js'), 'console.log(1)');
  writeFileSync(join(webRoot, 'assets/app-abc123.js.br'), 'brotli bytes');
});
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part[Symbol.asyncDispose]();
});
after(() => rmSync(root, { recursive: true }));

describe('startServer()', () => {
  it('is ready when told so', async () => {
    const { server } = await fixture();
    assert.equal((await fetch(`${server.url}/-/healthy`)).status, 200);
    assert.equal((await fetch(`${server.url}/-/ready`)).status, 503);
    server.setReady(true);
    assert.equal((await fetch(`${server.url}/-/ready`)).status, 200);
  });

  it('takes addresses as long as those of many selected values', async () => {
    const { server } = await fixture();
    const long = `${server.url}/-/healthy?match[]=${'a'.repeat(200_000)}`;
    assert.equal((await fetch(long)).status, 200);
  });

  it('takes or makes a request id and sends the security headers', async () => {
    const { server } = await fixture();
    const given = await fetch(`${server.url}/nunchi/none`, {
      headers: { 'x-request-id': 'abc-1' },
    });
    assert.equal(given.headers.get('x-request-id'), 'abc-1');
    assert.equal(((await given.json()) as { requestId: string }).requestId, 'abc-1');
    const evil = await fetch(server.url, { headers: { 'x-request-id': '"<script>' } });
    assert.match(evil.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.match(
      evil.headers.get('content-security-policy') ?? '',
      /default-src 'self'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(
      evil.headers.get('content-security-policy') ?? '',
      /script-src|unsafe-eval/,
    );
    assert.equal(evil.headers.get('x-content-type-options'), 'nosniff');
  });

  it('gives edges raw bytes and our own API parsed JSON', async () => {
    const { server } = await fixture();
    for (const type of ['application/x-amz-json-1.1', 'application/json', 'text/plain', 'a/b']) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"a":1}',
      });
      assert.deepEqual(await response.json(), { isBuffer: true, bytes: 7, principal: 'local' });
    }
    const thing = await fetch(`${server.url}/nunchi/test/things/a%2Fb?count=3`, {
      method: 'POST',
      headers: json,
      body: '{"text":"x"}',
    });
    assert.deepEqual(await thing.json(), { name: 'a/b', count: 3, text: 'x' });
  });

  it('answers mistakes with code, message and place', async () => {
    const { server } = await fixture();
    const post = (body: string, headers: Record<string, string> = json): Promise<Response> =>
      fetch(`${server.url}/nunchi/test/things/a?count=99`, { method: 'POST', headers, body });
    const f = async (response: Response, status: number, code: string): Promise<void> => {
      const body = (await response.json()) as { code: string };
      assert.deepEqual([response.status, body.code], [status, code]);
    };
    await f(await post('{"text":"x"}'), 400, 'INVALID_REQUEST');
    await f(await post('{"text"'), 400, 'INVALID_JSON');
    await f(await post(`{"text":"${'x'.repeat(3000)}"}`), 413, 'BODY_TOO_LARGE');
    const get = (path: string): Promise<Response> => fetch(server.url + path);
    await f(await get('/nunchi/nothing'), 404, 'ROUTE_NOT_FOUND');
    const full = await get('/nunchi/test/full');
    assert.equal(full.headers.get('retry-after'), '5');
    await f(full, 503, 'STORE_FULL');
    const bug = await get('/nunchi/test/bug');
    assert.equal(bug.status, 500);
    assert.doesNotMatch(await bug.text(), /secret words/);
  });

  it('cuts the connection of an answer that breaks off, and answers the next', async () => {
    const { server } = await fixture();
    await assert.rejects(async () => (await fetch(`${server.url}/nunchi/test/broken`)).text());
    assert.equal((await fetch(`${server.url}/-/healthy`)).status, 200);
  });

  it('counts requests by route', async () => {
    const { server, metrics } = await fixture();
    await fetch(`${server.url}/-/healthy`);
    const response = await fetch(`${server.url}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0.0.4/);
    await response.text();
    assert.match(
      metrics.render(),
      /nunchi_http_requests_total\{route="\/-\/healthy",method="GET",status="200"\} 1/,
    );
  });

  it('describes its routes in OpenAPI', async () => {
    const { server } = await fixture();
    const document = (await (await fetch(`${server.url}/nunchi/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>;
    };
    const operation = document.paths['/nunchi/test/things/{name}']?.['post'];
    assert.deepEqual(
      operation?.parameters.map((parameter) => [parameter.name, parameter.in]),
      [
        ['name', 'path'],
        ['count', 'query'],
      ],
    );
    assert.ok(document.paths['/nunchi/login']);
  });

  it('serves the UI: shell for its addresses, assets for ever, compressed where it can', async () => {
    const { server } = await fixture();
    const page = await fetch(`${server.url}/logs/insights?x=1`, {
      headers: { accept: 'text/html' },
    });
    assert.match(await page.text(), /<title>Nunchi/);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    const asset = await fetch(`${server.url}/assets/app-abc123.js`, {
      headers: { 'accept-encoding': 'identity' },
    });
    assert.equal(await asset.text(), 'console.log(1)');
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
    assert.equal((await fetch(`${server.url}/assets/gone.js`)).status, 404);
    for (const path of ['/../state.db', '/..%2fstate.db', '/%2e%2e/0/state.db']) {
      assert.notEqual(await statusWith(server.url + path, {}), 200);
    }
  });

  it('carries live sockets of its own pages only', async () => {
    const { server } = await fixture();
    const url = `${server.url.replace('http', 'ws')}/nunchi/test/socket`;
    const ask = (origin?: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, origin === undefined ? {} : { origin });
        socket.on('open', () => socket.send('hi'));
        socket.on('message', (data) => {
          resolve(String(data));
          socket.close();
        });
        socket.on('error', reject);
      });
    assert.equal(await ask(), 'heard hi');
    assert.equal(await ask(server.url), 'heard hi');
    await assert.rejects(ask('https://evil.example'), /403/);
  });

  it('stops while streams and sockets are open', async () => {
    const { server } = await fixture();
    const stream = await fetch(`${server.url}/nunchi/test/stream`);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/nunchi/test/socket`);
    await new Promise((resolve) => socket.on('open', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await server[Symbol.asyncDispose]();
    assert.equal(await stream.text(), 'first\nlast\n');
    await closed;
    await assert.rejects(fetch(server.url));
  });

  it('says that a port is taken', async () => {
    const { server } = await fixture();
    await assert.rejects(fixture({ listen: server.url.replace('http://', '') }), {
      code: 'LISTEN_FAILED',
    });
  });
});

describe('access', () => {
  it('refuses to listen beyond loopback without credentials', async () => {
    await assert.rejects(fixture({ listen: '0.0.0.0:0' }), { code: 'CREDENTIALS_NEEDED' });
    const { server } = await fixture({ listen: '0.0.0.0:0' }, (state) =>
      state.tokens.create({ name: 'a', role: 'viewer' }),
    );
    assert.equal((await fetch(`${server.url}/metrics`)).status, 401);
  });

  it('answers only trusted hosts and origins while nobody logs in', async () => {
    const { server } = await fixture({ allowedHosts: ['nunchi.lan'] });
    const f = async (
      headers: Record<string, string>,
      want: number,
      path = '/metrics',
      method = 'GET',
    ): Promise<void> =>
      assert.equal(
        await statusWith(server.url + path, headers, method),
        want,
        JSON.stringify(headers),
      );
    await f({ host: 'localhost:7600' }, 200);
    await f({ host: '[::1]:7600' }, 200);
    await f({ host: 'NUNCHI.lan' }, 200);
    await f({ host: 'stream-127.0.0.1:7600' }, 200);
    await f({ host: 'streaming-localhost:7600' }, 200);
    await f({ host: 'evil.example' }, 421);
    await f({ host: 'stream-evil.example' }, 421);
    await f({ host: '127.0.0.1.evil.example' }, 421);
    await f({ host: 'evil.example' }, 200, '/-/healthy');
    const all = '/nunchi/test/all';
    await f({ origin: 'https://evil.example' }, 403, all, 'DELETE');
    await f({ origin: 'null' }, 403, all, 'DELETE');
    await f({ 'sec-fetch-site': 'cross-site' }, 403, all, 'DELETE');
    await f({ host: 'localhost:1', origin: 'http://localhost:1' }, 204, all, 'DELETE');
    // A password that belongs to nobody: taken from scripts, and no proof for a page of a stranger.
    const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
    await f({ authorization }, 204, all, 'DELETE');
    await f({ authorization, origin: 'https://evil.example' }, 403, all, 'DELETE');
    await f({}, 204, all, 'DELETE');
    await f({ origin: 'https://evil.example' }, 403, '/', 'POST');
  });

  it('wants a login as soon as there is a user', async () => {
    const { server, state } = await fixture();
    assert.equal((await fetch(`${server.url}/metrics`)).status, 200);
    await addUser(state);
    assert.equal((await fetch(`${server.url}/metrics`)).status, 401);
    const session = await (await fetch(`${server.url}/nunchi/session`)).json();
    assert.deepEqual(session, { loginRequired: true, server: {} });
  });

  it('logs in with a cookie that scripts cannot read, and out again', async () => {
    const { server } = await fixture({}, addUser);
    const login = await fetch(`${server.url}/nunchi/login`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'ann', password: 'correct horse' }),
    });
    assert.equal(login.status, 200);
    const setCookie = login.headers.get('set-cookie') ?? '';
    assert.match(setCookie, /HttpOnly; SameSite=Strict/);
    const cookie = setCookie.split(';')[0]!;
    const as = (path: string, method = 'GET'): Promise<Response> =>
      fetch(server.url + path, { method, headers: { cookie } });
    assert.equal((await as('/metrics')).status, 200);
    assert.equal((await as('/nunchi/test/all', 'DELETE')).status, 403); // an editor is no admin
    assert.equal((await as('/nunchi/logout', 'POST')).status, 204);
    assert.equal((await as('/metrics')).status, 401);
  });

  it('takes tokens and passwords from programs', async () => {
    let viewer = '';
    let agent = '';
    const { server } = await fixture({}, async (state) => {
      await addUser(state);
      viewer = (await state.tokens.create({ name: 'v', role: 'viewer' })).secret;
      agent = (await state.tokens.create({ name: 'g', role: 'agent' })).secret;
    });
    const f = async (
      authorization: string,
      path: string,
      method: string,
      want: number,
    ): Promise<void> => {
      const response = await fetch(server.url + path, { method, headers: { authorization } });
      assert.equal(response.status, want, `${authorization} ${method} ${path}`);
    };
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    await f(`Bearer ${viewer}`, '/metrics', 'GET', 200);
    await f(`Bearer ${viewer}`, '/nunchi/test/all', 'DELETE', 403);
    await f(`Bearer ${viewer}`, '/agent-only', 'POST', 403);
    await f(`Bearer ${agent}`, '/agent-only', 'POST', 200);
    await f(`Bearer ${agent}`, '/metrics', 'GET', 403);
    await f('Bearer nunchi_wrong', '/metrics', 'GET', 401);
    await f(basic('ann:correct horse'), '/metrics', 'GET', 200);
    await f(basic('ann:wrong'), '/metrics', 'GET', 401);
    await f(basic(`token:${viewer}`), '/metrics', 'GET', 200);
  });

  it('limits failed logins', async () => {
    const { server } = await fixture({ loginAttemptsPerMinute: () => 3 }, addUser);
    const attempt = async (): Promise<number> => {
      const body = JSON.stringify({ name: 'ann', password: 'wrong words' });
      return (await fetch(`${server.url}/nunchi/login`, { method: 'POST', headers: json, body }))
        .status;
    };
    const statuses = [await attempt(), await attempt(), await attempt(), await attempt()];
    assert.deepEqual(statuses, [401, 401, 401, 429]);
  });
});
