import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isAppError, systemClock } from '#base';
import type { ScrapeConfig } from '#metrics/config';
import { createFetcher, type FetchedBody } from './fetch.ts';
import { prometheusConfig, targetOf } from './scrape.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-scrape-'));
after(() => rmSync(folder, { recursive: true }));

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (hasOpenssl) {
  spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
    '-out',
    join(folder, 'cert.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=target.test',
    '-addext',
    'subjectAltName=DNS:target.test',
  ]);
}

interface Running extends AsyncDisposable {
  readonly address: string;
  readonly requests: IncomingMessage[];
}

async function serve(handle: RequestListener, server: Server = createServer()): Promise<Running> {
  const requests: IncomingMessage[] = [];
  server.on('request', (request, response) => {
    requests.push(request);
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const text: RequestListener = (_, response) =>
  void response.setHeader('content-type', 'text/plain; version=0.0.4').end('a 1\n');

const job = (yaml = ''): ScrapeConfig =>
  prometheusConfig(`scrape_configs:\n  - job_name: j\n${yaml.replace(/^/gm, '    ')}`, folder)
    .scrapeConfigs[0]!;

async function fetchOnce(
  address: string,
  yaml = '',
  more: {
    labels?: Record<string, string>;
    env?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
): Promise<FetchedBody> {
  const config = job(yaml);
  using fetcher = createFetcher(config, { clock: systemClock, env: more.env ?? {}, version: '9' });
  const target = targetOf(config, { __address__: address, ...more.labels });
  return await fetcher.fetch(target, more.signal ?? new AbortController().signal);
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isAppError(error)) return error.message;
    throw error;
  }
  return 'nothing thrown';
}

describe('createFetcher()', () => {
  it('asks as Prometheus does', async () => {
    await using server = await serve(text);
    const { bytes, format } = await fetchOnce(server.address, 'params: {a: [b]}');
    assert.equal(bytes.toString(), 'a 1\n');
    assert.equal(format, 'text');
    const [request] = server.requests;
    assert.equal(request?.url, '/metrics?a=b');
    assert.equal(request?.headers['user-agent'], 'Prometheus/9');
    assert.equal(request?.headers['x-prometheus-scrape-timeout-seconds'], '10');
    assert.equal(request?.headers['accept-encoding'], 'gzip');
    assert.match(
      request?.headers.accept ?? '',
      /^application\/openmetrics-text;version=1\.0\.0;escaping=allow-utf-8;q=0\.6,/,
    );
  });

  it('keeps its connection', async () => {
    await using server = await serve(text);
    const config = job();
    using fetcher = createFetcher(config, { clock: systemClock, env: {}, version: '9' });
    const target = targetOf(config, { __address__: server.address });
    for (let round = 0; round < 3; round++)
      await fetcher.fetch(target, new AbortController().signal);
    assert.equal(new Set(server.requests.map(({ socket }) => socket.remotePort)).size, 1);
  });

  it('unpacks gzip', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      response.end(gzipSync('a 1\n'));
    });
    assert.equal((await fetchOnce(server.address)).bytes.toString(), 'a 1\n');
  });

  it('bounds the body, packed and unpacked', async () => {
    await using server = await serve((request, response) => {
      const body = Buffer.alloc(4 * 1024 * 1024, 'a');
      const isPacked = request.url === '/packed';
      response.writeHead(200, {
        'content-type': 'text/plain',
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(isPacked ? gzipSync(body) : body);
    });
    for (const path of ['/plain', '/packed']) {
      const work = fetchOnce(server.address, `body_size_limit: 1MB\nmetrics_path: ${path}`);
      assert.equal(await failureOf(work), 'body size limit exceeded');
    }
  });

  const answers: [string, RequestListener, RegExp][] = [
    [
      'a status',
      (_, r) => void r.writeHead(404).end(),
      /^server returned HTTP status 404 Not Found$/,
    ],
    [
      'no type',
      (_, r) => void r.end('a 1\n'),
      /^non-compliant scrape target sending blank Content-Type/,
    ],
    [
      'another type',
      (_, r) => void r.setHeader('content-type', 'text/html').end(),
      /^received unsupported Content-Type "text\/html"/,
    ],
    [
      'half a body',
      (_, r) => {
        r.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100 });
        r.write('a 1\n', () => r.destroy());
      },
      /aborted|hang up|unexpected EOF/,
    ],
    [
      'broken gzip',
      (_, r) =>
        void r
          .writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
          .end('nonsense'),
      /not valid gzip/,
    ],
    ['no answer at all', (_, r) => void r.destroy(), /socket hang up/],
  ];
  for (const [title, handle, want] of answers) {
    it(`refuses ${title}`, async () => {
      await using server = await serve(handle);
      assert.match(await failureOf(fetchOnce(server.address)), want);
    });
  }

  it('takes a fallback for a type that is missing', async () => {
    await using server = await serve((_, response) => void response.end('a 1\n'));
    const found = await fetchOnce(server.address, 'fallback_scrape_protocol: PrometheusText0.0.4');
    assert.equal(found.format, 'text');
  });

  it('gives up after the time-out, in the middle of a body too', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/slow')
        response.writeHead(200, { 'content-type': 'text/plain' }).write('a 1\n');
    });
    for (const path of ['/slow', '/silent']) {
      const work = fetchOnce(server.address, `scrape_timeout: 50ms\nmetrics_path: ${path}`);
      assert.equal(
        await failureOf(work),
        `Get "http://${server.address}${path}": context deadline exceeded`,
      );
    }
  });

  it('says so when nobody listens', async () => {
    const server = await serve(text);
    const { address } = server;
    await server[Symbol.asyncDispose]();
    assert.match(await failureOf(fetchOnce(address)), /ECONNREFUSED/);
  });

  it('sends credentials, from files too, read again when they change', async () => {
    await using server = await serve(text);
    await fetchOnce(server.address, 'basic_auth: {username: u, password: p}');
    assert.equal(server.requests[0]?.headers.authorization, `Basic ${btoa('u:p')}`);
    writeFileSync(join(folder, 'token'), 'one\n');
    const config = job(
      'authorization: {credentials_file: token}\nhttp_headers: {X-Team: {values: [a, b]}}',
    );
    using fetcher = createFetcher(config, { clock: systemClock, env: {}, version: '9' });
    const target = targetOf(config, { __address__: server.address });
    await fetcher.fetch(target, new AbortController().signal);
    writeFileSync(join(folder, 'token'), 'another\n');
    await fetcher.fetch(target, new AbortController().signal);
    assert.deepEqual(
      server.requests.slice(1).map(({ headers }) => headers.authorization),
      ['Bearer one', 'Bearer another'],
    );
    assert.equal(server.requests[1]?.headers['x-team'], 'a, b');
    const failure = await failureOf(fetchOnce(server.address, 'bearer_token_file: none'));
    assert.match(failure, /^unable to read file .*none: ENOENT/);
  });

  it('asks for an OAuth2 token once, and again after a 401', async () => {
    let count = 0;
    await using tokens = await serve((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: `t${++count}`, token_type: 'Bearer', expires_in: 3600 }),
      );
    });
    let status = 200;
    await using server = await serve(
      (_, response) =>
        void response.writeHead(status, { 'content-type': 'text/plain' }).end('a 1\n'),
    );
    const config = job(
      `oauth2: {client_id: id, client_secret: s, token_url: 'http://${tokens.address}/token', scopes: [x]}`,
    );
    using fetcher = createFetcher(config, { clock: systemClock, env: {}, version: '9' });
    const target = targetOf(config, { __address__: server.address });
    const signal = new AbortController().signal;
    await Promise.all([fetcher.fetch(target, signal), fetcher.fetch(target, signal)]);
    assert.equal(count, 1);
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer t1');
    assert.equal(tokens.requests[0]?.headers.authorization, `Basic ${btoa('id:s')}`);
    status = 401;
    assert.match(await failureOf(fetcher.fetch(target, signal)), /401/);
    status = 200;
    await fetcher.fetch(target, signal);
    assert.equal(server.requests.at(-1)?.headers.authorization, 'Bearer t2');
  });

  it('follows redirects, without credentials to another host, unless told not to', async () => {
    await using other = await serve(text);
    await using server = await serve((request, response) => {
      if (request.url === '/here') text(request, response);
      else
        response
          .writeHead(302, {
            location:
              request.url === '/away'
                ? `http://localhost:${other.address.split(':')[1]}/`
                : '/here',
          })
          .end();
    });
    const auth = 'basic_auth: {username: u, password: p}\n';
    await fetchOnce(server.address, auth);
    assert.ok(server.requests[1]?.headers.authorization);
    await fetchOnce(server.address, `${auth}metrics_path: /away`).catch(() => {});
    assert.equal(other.requests[0]?.headers.authorization, undefined);
    assert.equal(
      await failureOf(fetchOnce(server.address, 'follow_redirects: false')),
      'server returned HTTP status 302 Found',
    );
  });

  it('gives up on redirects that do not end', async () => {
    await using server = await serve(
      (_, response) => void response.writeHead(302, { location: '/' }).end(),
    );
    assert.match(await failureOf(fetchOnce(server.address)), /stopped after 10 redirects/);
  });

  it('goes through a proxy, plain and tunnelled, and around it', {
    skip: hasOpenssl ? false : 'needs openssl',
  }, async () => {
    await using server = await serve(text);
    const proxy = createServer((request, response) => {
      seen.push(request.url!);
      text(request, response);
    });
    const seen: string[] = [];
    proxy.on('connect', (request, socket) => {
      seen.push(request.url!);
      const [host, port] = request.url!.split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await using running = await serve(() => {}, proxy);
    await using secure = await serve(text, tlsServer());
    await fetchOnce('target.test:80', `proxy_url: 'http://${running.address}'`);
    await fetchOnce(
      secure.address,
      `scheme: https\nproxy_url: 'http://${running.address}'\ntls_config: {ca_file: cert.pem, server_name: target.test}`,
    );
    await fetchOnce(
      server.address,
      `proxy_url: 'http://${running.address}'\nno_proxy: 127.0.0.0/8`,
    );
    assert.deepEqual(seen, ['http://target.test:80/metrics'.replace(':80', ''), secure.address]);
  });

  const tlsServer = (): Server =>
    createTlsServer({
      key: readFileSync(join(folder, 'key.pem')),
      cert: readFileSync(join(folder, 'cert.pem')),
      ca: readFileSync(join(folder, 'cert.pem')),
      requestCert: true,
      rejectUnauthorized: false,
    });

  it('checks certificates, and shows its own', {
    skip: hasOpenssl ? false : 'needs openssl',
  }, async () => {
    await using server = await serve((request, response) => {
      const { authorized } = request.socket as unknown as { authorized: boolean };
      response.setHeader('content-type', 'text/plain').end(`client ${authorized ? 1 : 0}\n`);
    }, tlsServer());
    const read = async (yaml: string): Promise<string> =>
      (await fetchOnce(server.address, `scheme: https\n${yaml}`)).bytes.toString();
    assert.equal(
      await read('tls_config: {ca_file: cert.pem, server_name: target.test}'),
      'client 0\n',
    );
    assert.equal(
      await read(
        'tls_config: {ca_file: cert.pem, server_name: target.test, cert_file: cert.pem, key_file: key.pem}',
      ),
      'client 1\n',
    );
    assert.equal(await read('tls_config: {insecure_skip_verify: true}'), 'client 0\n');
    assert.match(await failureOf(read('')), /self-signed certificate/);
    assert.match(
      await failureOf(read('tls_config: {ca_file: cert.pem, server_name: wrong.test}')),
      /wrong\.test/,
    );
  });

  it('dials a unix socket', async () => {
    const server = createServer(text);
    const path = join(folder, 'target.sock');
    server.listen(path);
    await once(server, 'listening');
    try {
      const { bytes } = await fetchOnce('target', '', { labels: { __unix_socket__: path } });
      assert.equal(bytes.toString(), 'a 1\n');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

const hasExporter = spawnSync('prometheus-node-exporter', ['--version']).status === 0;
it('a real node exporter', {
  skip: hasExporter ? false : 'needs prometheus-node-exporter',
}, async () => {
  const { ManualClock } = await import('#base');
  const { loopDeps, openStore, samplesOf } = await import('./scrape.fixture.ts');
  const { ScrapeLoop } = await import('./loop.ts');
  const child = spawn(
    'prometheus-node-exporter',
    [
      '--web.listen-address=127.0.0.1:0',
      '--collector.disable-defaults',
      '--collector.cpu',
      '--collector.meminfo',
      '--collector.loadavg',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    let said = '';
    const port = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /Listening on.*?127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on('exit', () => reject(new Error(said)));
    });
    await using store = openStore();
    const config = job();
    const target = targetOf(config, { __address__: `127.0.0.1:${port}` });
    using fetcher = createFetcher(config, { clock: systemClock, env: {}, version: '9' });
    const loop = new ScrapeLoop(target, config, fetcher, loopDeps(store, new ManualClock()));
    for (const timeMs of [1000, 2000, 3000]) {
      await loop.scrape(timeMs);
      assert.equal(loop.status.lastError, '');
    }
    const all = await samplesOf(store);
    const cpu = Object.entries(all).filter(([name]) => name.startsWith('node_cpu_seconds_total{'));
    assert.ok(cpu.length >= 8);
    for (const [, samples] of cpu) assert.equal(samples.length, 3);
    assert.equal(store.metadata('node_load1').get('node_load1')?.[0]?.type, 'gauge');
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
});
