import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { Authenticator } from './access/authenticator.ts';
import { KubernetesClient } from './client.ts';
import type { ClientOptions, KubernetesAccess } from './contract.ts';
import { ApiDiscovery } from './discovery.ts';
import { KubernetesError } from './errors.ts';
import { resources } from './resource.ts';
import { answer, configMap, configMaps, FakeApi, refusal, testdata } from './testing/fake-api.ts';
import { Relay } from './testing/relay.ts';
import { until } from './testing/until.ts';
import { Connector } from './transport/connect.ts';
import { AutoTransport } from './transport/transport.ts';

const stacks: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0).reverse()) await stack.disposeAsync();
});

const type = resources.configmaps[0];
const pods = resources.pods[0];

async function open(
  options: {
    readonly protocol?: 'http' | 'https' | 'https1';
    readonly access?: Partial<KubernetesAccess>;
    readonly client?: ClientOptions;
    readonly env?: Readonly<Record<string, string>>;
    readonly wantClientCertificate?: boolean;
  } = {},
): Promise<{ api: FakeApi; client: KubernetesClient; metrics: MetricsRegistry }> {
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const api = stack.use(await FakeApi.open(options.protocol, options));
  api.put(configMaps, configMap('a', '1'));
  const metrics = new MetricsRegistry();
  const deps = { clock: systemClock, log: silentLogger, metrics, env: options.env ?? process.env };
  const access = api.access(options.access);
  return { api, client: stack.use(new KubernetesClient(access, deps, options.client)), metrics };
}

describe('KubernetesClient', () => {
  for (const protocol of ['http', 'https', 'https1'] as const) {
    it(`sends requests over ${protocol}`, async () => {
      const { api, client } = await open({ protocol });
      const { items } = await client.list<{ readonly data: unknown }>(type);
      assert.deepEqual(items[0]?.data, { value: '1' });
      await client.create(type, { metadata: { name: 'b' } }, { fieldManager: 'nunchi' });
      await client.update(type, 'b', { metadata: { name: 'b' } }, { dryRun: true });
      await client.patch(type, 'b', { data: {} }, { namespace: 'shop' });
      await client.patch(type, 'b', {}, { kind: 'apply', force: true, subresource: 'status' });
      await client.delete(type, 'b', { propagation: 'Foreground' });
      const lines = api.seen.map(
        ({ method, path, query, headers }) =>
          `${method} ${path}?${query} ${headers['content-type'] ?? ''}`,
      );
      assert.deepEqual(lines, [
        'GET /api/v1/configmaps?limit=500 ',
        'POST /api/v1/namespaces/default/configmaps?fieldManager=nunchi application/json',
        'PUT /api/v1/namespaces/default/configmaps/b?dryRun=All application/json',
        'PATCH /api/v1/namespaces/shop/configmaps/b? application/merge-patch+json',
        'PATCH /api/v1/namespaces/default/configmaps/b/status?force=true application/apply-patch+yaml',
        'DELETE /api/v1/namespaces/default/configmaps/b? application/json',
      ]);
      assert.match(api.seen.at(-1)?.body ?? '', /"propagationPolicy":"Foreground"/);
      assert.equal(api.seen[0]?.httpVersion, protocol === 'https' ? '2.0' : '1.1');
    });
  }

  it('sends many requests and watches over one connection', async () => {
    const { api, client, metrics } = await open({ protocol: 'https' });
    const stopping = new AbortController();
    const watches = Array.from({ length: 20 }, async () => {
      const options = { resourceVersion: '1', timeoutSeconds: 60, signal: stopping.signal };
      for await (const _ of client.watch(type, options));
    });
    await until(() => api.openWatches === 20);
    await Promise.all(Array.from({ length: 50 }, () => client.list(type)));
    assert.equal(api.openSockets, 1);
    assert.match(metrics.render(), /nunchi_kubernetes_connections 1/);
    stopping.abort();
    await Promise.allSettled(watches);
    await until(() => api.openWatches === 0);
    // What was cancelled did not take the connection with it.
    await client.list(type);
    assert.equal(api.openSockets, 1);
  });

  it('opens another connection for more streams than one may have', async () => {
    const { api, client } = await open({ protocol: 'https' });
    const stopping = new AbortController();
    const watches = Array.from({ length: 100 }, async () => {
      const options = { resourceVersion: '1', timeoutSeconds: 60, signal: stopping.signal };
      for await (const _ of client.watch(type, options));
    });
    await until(() => api.openWatches === 100);
    assert.equal(api.openSockets, 2);
    stopping.abort();
    await Promise.allSettled(watches);
  });

  it('says who refused what, and what to do', async () => {
    const { api, client } = await open();
    const words = 'pods is forbidden: User "viewer" cannot list resource "pods" in API group ""';
    const cases: readonly [status: number, body: unknown, code: string, message: RegExp][] = [
      [403, refusal(403, 'Forbidden', words), 'KUBERNETES_FORBIDDEN', /User "viewer" cannot list/],
      [404, refusal(404, 'NotFound', 'no'), 'KUBERNETES_NOT_FOUND', /GET \/api\/v1\/pods: no/],
      [409, refusal(409, 'AlreadyExists', 'x'), 'KUBERNETES_ALREADY_EXISTS', /x/],
      [502, '<html>Bad\n gateway</html>', 'KUBERNETES_INTERNAL_ERROR', /<html>Bad gateway<\/html>/],
      [401, 'Unauthorized', 'KUBERNETES_UNAUTHORIZED', /Unauthorized/],
    ];
    for (const [status, body, code, message] of cases) {
      api.intercept = (_seen, response) => {
        answer(response, status, body);
        return true;
      };
      const error = await client.list(pods).then(
        () => assert.fail('not refused'),
        (caught: unknown) => caught,
      );
      assert.ok(error instanceof KubernetesError);
      assert.equal(error.code, code);
      assert.equal(error.status, status);
      assert.match(error.message, message);
      if (status === 401 || status === 403) assert.ok(error.hint);
    }
  });

  it('waits as long as the server asks, and not for ever', async () => {
    const { api, client, metrics } = await open();
    let refusals = 2;
    api.intercept = ({ path }, response) => {
      if (refusals-- <= 0) return false;
      assert.equal(path, configMaps);
      const headers = { 'retry-after': '0.01' };
      answer(response, 429, refusal(429, 'TooManyRequests', 'later'), headers);
      return true;
    };
    assert.equal((await client.list(type)).count, 1);
    assert.match(metrics.render(), /nunchi_kubernetes_request_retries_total 2/);
    api.intercept = (_seen, response) => {
      answer(response, 429, refusal(429, 'TooManyRequests', 'later'), { 'retry-after': '3600' });
      return true;
    };
    await assert.rejects(client.list(type), { code: 'KUBERNETES_TOO_MANY_REQUESTS' });
  });

  it('does not repeat a write that may have been done', async () => {
    const { api, client } = await open();
    api.intercept = (_seen, response) => {
      answer(response, 503, refusal(503, 'ServiceUnavailable', 'no'), { 'retry-after': '0.01' });
      return true;
    };
    await assert.rejects(client.create(type, {}), { status: 503 });
    assert.equal(api.seen.length, 1);
    api.intercept = (_seen, response) => {
      response.destroy();
      return true;
    };
    await assert.rejects(client.create(type, {}), { code: 'KUBERNETES_UNREACHABLE' });
    assert.equal(api.seen.length, 2);
  });

  for (const protocol of ['http', 'https', 'https1'] as const) {
    it(`reads again when a kept connection was closed (${protocol})`, async () => {
      const { api, client } = await open({ protocol });
      await client.list(type);
      api.cut();
      assert.equal((await client.list(type)).count, 1);
      let isFirst = true;
      api.intercept = () => {
        if (!isFirst) return false;
        isFirst = false;
        api.cut();
        return true;
      };
      assert.equal((await client.list(type)).count, 1);
    });
  }

  it('takes an answer that breaks off for an error, not for an end', async () => {
    for (const protocol of ['http', 'https', 'https1'] as const) {
      const { api, client } = await open({ protocol });
      api.intercept = (_seen, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"kind":"ConfigMapList","items":[{"metadata":{"name":"a"}}');
        setImmediate(() => api.cut());
        return true;
      };
      await assert.rejects(client.list(type), (error: Error) => {
        assert.match(`${'code' in error ? error.code : ''}`, /KUBERNETES_UNREACHABLE/, protocol);
        return true;
      });
    }
  });

  it('gives up after its time, in the head and in the body of an answer', async () => {
    for (const protocol of ['http', 'https'] as const) {
      const { api, client } = await open({ protocol, client: { timeoutMs: 50 } });
      api.intercept = () => true;
      await assert.rejects(client.json({ path: '/version' }), /cannot be reached/);
      api.intercept = (_seen, response) => {
        response.writeHead(200);
        response.write('{');
        return true;
      };
      await assert.rejects(client.json({ path: '/version' }));
    }
  });

  it('ends when the caller wants no more', async () => {
    const { api, client } = await open({ protocol: 'https' });
    api.intercept = () => true;
    const stopping = new AbortController();
    const asked = client.json({ path: '/version', signal: stopping.signal });
    await until(() => api.seen.length === 1);
    stopping.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
  });

  it('bounds what it reads', async () => {
    const { api, client } = await open();
    api.intercept = (_seen, response) => {
      answer(response, 200, { long: 'x'.repeat(1000) });
      return true;
    };
    await assert.rejects(client.json({ path: '/version', maxBytes: 100 }), {
      code: 'KUBERNETES_TOO_LARGE',
    });
  });

  it('streams logs and leaves them early', async () => {
    const { api, client } = await open({ protocol: 'https' });
    let isClosed = false;
    api.intercept = (_seen, response) => {
      response.writeHead(200);
      response.write('one\n');
      response.on('close', () => {
        isClosed = true;
      });
      return true;
    };
    for await (const piece of client.podLogs('web', { container: 'main', follow: true })) {
      assert.equal(piece.toString(), 'one\n');
      break;
    }
    await until(() => isClosed);
    assert.equal(api.seen[0]?.path, '/api/v1/namespaces/default/pods/web/log');
    assert.equal(api.seen[0]?.query.toString(), 'container=main&follow=true');
  });

  it('finds the path of a server that has one', async () => {
    const { api } = await open();
    const deps = { clock: systemClock, log: silentLogger, metrics: new MetricsRegistry() };
    const access = api.access({ server: `${api.url}/k8s/clusters/c-1` });
    using client = new KubernetesClient(access, deps);
    await assert.rejects(client.list(type), { status: 404 });
    assert.equal(api.seen[0]?.path, '/k8s/clusters/c-1/api/v1/configmaps');
  });
});

describe('connections', () => {
  const tls = (more: Partial<KubernetesAccess['tls']>): Partial<KubernetesAccess> => ({
    tls: {
      authority: { kind: 'file', path: testdata('ca.crt') },
      certificate: undefined,
      privateKey: undefined,
      serverName: undefined,
      insecureSkipVerify: false,
      ...more,
    },
  });

  it('trusts whom it is told to', async () => {
    const unknown = await open({ protocol: 'https', access: tls({ authority: undefined }) });
    await assert.rejects(unknown.client.list(type), /cannot be reached/);
    const trusting = await open({
      protocol: 'https',
      access: tls({ authority: undefined, insecureSkipVerify: true }),
    });
    assert.equal((await trusting.client.list(type)).count, 1);
    const named = await open({ protocol: 'https', access: tls({ serverName: 'api.test' }) });
    assert.equal((await named.client.list(type)).count, 1);
    const wrong = await open({ protocol: 'https', access: tls({ serverName: 'other.test' }) });
    await assert.rejects(wrong.client.list(type), (error: Error) =>
      /altnames/.test(String(error.cause)),
    );
  });

  it('shows its certificate', async () => {
    const without = await open({ protocol: 'https', wantClientCertificate: true });
    await assert.rejects(without.client.list(type));
    const access = tls({
      certificate: { kind: 'file', path: testdata('client.crt') },
      privateKey: { kind: 'file', path: testdata('client.key') },
    });
    const shown = await open({ protocol: 'https', wantClientCertificate: true, access });
    assert.equal((await shown.client.list(type)).count, 1);
  });

  it('goes through a proxy with a user, for TLS and without', async () => {
    let asked: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request, socket, head) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const [host, port] = (request.url ?? '').split(':');
      const out = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        out.write(head);
        out.pipe(socket).pipe(out);
      });
      out.on('error', () => socket.destroy());
      socket.on('error', () => out.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as net.AddressInfo;
    const proxyUrl = `http://me:p%40ss@127.0.0.1:${port}`;
    for (const protocol of ['http', 'https'] as const) {
      asked = [];
      const { api, client } = await open({ protocol, access: { proxyUrl } });
      assert.equal((await client.list(type)).count, 1);
      const user = Buffer.from('me:p@ss').toString('base64');
      assert.deepEqual(asked, [`127.0.0.1:${api.port} Basic ${user}`]);
      await stacks.pop()?.disposeAsync();
    }
    proxy.close();
  });

  it('goes through a SOCKS5 proxy', async () => {
    const wanted: string[] = [];
    const proxy = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request: Buffer) => {
          const length = request[4] ?? 0;
          const host = request.toString('latin1', 5, 5 + length);
          const port = request.readUInt16BE(5 + length);
          wanted.push(`${host}:${port}`);
          const out = net.connect(port, host, () => {
            socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
            out.pipe(socket).pipe(out);
          });
          out.on('error', () => socket.destroy());
        });
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as net.AddressInfo;
    const { api, client } = await open({
      protocol: 'https',
      access: { proxyUrl: `socks5://127.0.0.1:${port}` },
    });
    assert.equal((await client.list(type)).count, 1);
    assert.deepEqual(wanted, [`127.0.0.1:${api.port}`]);
    await stacks.pop()?.disposeAsync();
    proxy.close();
  });

  it('finds by a ping that a connection is half open', async () => {
    const { api } = await open({ protocol: 'https' });
    await using relay = await Relay.open(api.port);
    const access = api.access({ server: `https://127.0.0.1:${relay.port}` });
    const connector = new Connector(access, new Authenticator(access, systemClock, {}), {
      proxyUrl: undefined,
      mayHttp2: true,
    });
    const transport = new AutoTransport(connector, { pingIntervalMs: 40, pingTimeoutMs: 40 });
    const request = {
      method: 'GET',
      target: `${configMaps}?watch=true&resourceVersion=0`,
      headers: {},
      body: undefined,
      signal: new AbortController().signal,
    };
    const { body } = await transport.send(request);
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    const waiting = reader.next();
    relay.freeze();
    await assert.rejects(waiting);
    // The next one has a connection of its own.
    const again = await transport.send({ ...request, target: configMaps });
    assert.equal(again.status, 200);
    transport.close();
  });
});

describe('ApiDiscovery', () => {
  it('chooses the first version that the server has', async () => {
    const { api, client } = await open();
    const list = (resource: string, kind: string): unknown => ({
      kind: 'APIResourceList',
      resources: [
        {
          name: resource,
          kind,
          singularName: '',
          namespaced: true,
          verbs: ['list', 'watch'],
          shortNames: ['hpa'],
        },
        { name: `${resource}/status`, kind, singularName: '', namespaced: true, verbs: ['get'] },
      ],
    });
    const served: Record<string, unknown> = {
      '/apis': {
        groups: [
          {
            name: 'autoscaling',
            versions: [{ version: 'v1' }, { version: 'v2beta2' }],
            preferredVersion: { version: 'v1' },
          },
        ],
      },
      '/api/v1': list('pods', 'Pod'),
      '/apis/autoscaling/v2beta2': list('horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
      '/apis/autoscaling/v1': list('horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
    };
    api.intercept = ({ path }, response) => {
      const found = served[path];
      answer(response, found === undefined ? 404 : 200, found ?? refusal(404, 'NotFound', 'no'));
      return true;
    };
    const discovery = new ApiDiscovery(client, systemClock);
    const hpa = await discovery.find(resources.horizontalpodautoscalers);
    assert.equal(hpa?.version, 'v2beta2');
    assert.equal(await discovery.find(resources.endpointslices), undefined);
    const asked = api.seen.length;
    await discovery.find(resources.horizontalpodautoscalers);
    assert.equal(api.seen.length, asked);
    for (const name of ['hpa', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers']) {
      assert.equal((await discovery.lookUp(name))?.version, 'v1', name);
    }
    assert.equal((await discovery.lookUp('pod'))?.resource, 'pods');
    assert.equal(await discovery.lookUp('horizontalpodautoscalers/status'), undefined);
    served['/apis/discovery.k8s.io/v1'] = list('endpointslices', 'EndpointSlice');
    discovery.refresh();
    assert.equal((await discovery.find(resources.endpointslices))?.version, 'v1');
  });

  it('takes the newest version where discovery itself is forbidden', async () => {
    const { api, client } = await open();
    api.intercept = (_seen, response) => {
      answer(response, 403, refusal(403, 'Forbidden', 'no'));
      return true;
    };
    const found = await new ApiDiscovery(client, systemClock).find(resources.cronjobs);
    assert.equal(found?.version, 'v1');
  });
});
