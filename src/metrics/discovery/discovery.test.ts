import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import { type DiscoveryConfig, loadPrometheusConfig } from '#metrics/config';
import type { DiscoveryDeps, DnsResolver } from './contract.ts';
import { DiscoveryManager } from './manager.ts';

const folder = mkdtempSync(join(tmpdir(), 'nunchi-sd-'));
after(() => rmSync(folder, { recursive: true }));

function config(yaml: string): DiscoveryConfig {
  const text = `scrape_configs:\n  - job_name: a\n${yaml.replace(/^/gm, '    ')}`;
  const source = { text, file: join(folder, 'p.yml'), firstLine: 1, key: '' };
  return loadPrometheusConfig(source, {}).config.scrapeConfigs[0]!;
}

const deps = (more: Partial<DiscoveryDeps> = {}): DiscoveryDeps => ({
  clock: systemClock,
  log: silentLogger,
  metrics: new MetricsRegistry(),
  env: {},
  version: '0',
  ...more,
});

/** A manager whose updates can be waited for. */
class Listener implements AsyncDisposable {
  readonly manager: DiscoveryManager;
  updates = 0;
  #news = Promise.withResolvers<void>();

  constructor(use: DiscoveryDeps) {
    this.manager = new DiscoveryManager({ name: 'scrape' }, use, () => {
      this.updates++;
      this.#news.resolve();
    });
  }

  addresses(job = 'a'): string[] {
    return this.manager
      .groups(job)
      .flatMap(({ targets, labels }) => targets.map((target) => ({ ...labels, ...target })))
      .map((target: Record<string, string>) => `${target['__address__']}`)
      .sort();
  }

  async until(want: readonly string[]): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (JSON.stringify(this.addresses()) !== JSON.stringify(want)) {
      assert.ok(Date.now() < deadline, `found ${this.addresses()}, not ${want}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async news(): Promise<void> {
    await this.#news.promise;
    this.#news = Promise.withResolvers<void>();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.manager[Symbol.asyncDispose]();
  }
}

describe('DiscoveryManager', () => {
  it('tells of static targets at once, and of later changes at most every 5 s', async () => {
    const clock = new ManualClock(1_000_000);
    await using listener = new Listener(deps({ clock }));
    listener.manager.apply(
      new Map([['a', config('static_configs: [{targets: [x:1], labels: {l: v}}]')]]),
    );
    await listener.news();
    assert.deepEqual({ ...listener.manager.groups('a')[0]?.labels }, { l: 'v' });
    listener.manager.apply(new Map([['a', config('static_configs: [{targets: [y:1]}]')]]));
    await clock.advance(4000);
    assert.equal(listener.updates, 1);
    await clock.advance(1500);
    assert.equal(listener.updates, 2);
    assert.deepEqual(listener.addresses(), ['y:1']);
  });

  it('shares equal entries among jobs and keeps them over a reload', async () => {
    let runs = 0;
    const kubernetes = () => ({
      run: async (emit: (groups: []) => void): Promise<void> => {
        runs++;
        emit([]);
      },
    });
    await using listener = new Listener(deps({ kubernetes }));
    const job = config('kubernetes_sd_configs: [{role: pod}]');
    listener.manager.apply(
      new Map([
        ['a', job],
        ['b', job],
      ]),
    );
    await listener.news();
    listener.manager.apply(new Map([['b', job]]));
    assert.equal(runs, 1);
  });
});

describe('file_sd_configs', () => {
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, `${name}.tmp`), text);
    renameSync(join(folder, `${name}.tmp`), join(folder, name));
  };

  it('reads JSON and YAML, follows changes, keeps what a broken file had', async () => {
    write('one.json', '[{"targets": ["a:1", "b:1"], "labels": {"n": 5}}]');
    write('two.yml', '- targets: [c:1]\n');
    await using listener = new Listener(deps());
    listener.manager.apply(
      new Map([['a', config("file_sd_configs: [{files: ['*.json', two.yml]}]")]]),
    );
    await listener.until(['a:1', 'b:1', 'c:1']);
    const [group] = listener.manager.groups('a');
    assert.deepEqual(group?.labels, { n: '5', __meta_filepath: join(folder, 'one.json') });
    write('one.json', '[{"targets": ["a:2"]}');
    write('two.yml', '- targets: [d:1]\n');
    await listener.until(['a:1', 'b:1', 'd:1']);
    write('one.json', '[{"targets": ["a:2"]}]');
    await listener.until(['a:2', 'd:1']);
    rmSync(join(folder, 'one.json'));
    await listener.until(['d:1']);
  });
});

describe('http_sd_configs', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => answer(request, response));
  before(() => void server.listen(0, '127.0.0.1'));
  after(() => void server.close());
  const json =
    (text: string, type = 'application/json') =>
    (_: IncomingMessage, response: ServerResponse): void =>
      void response.setHeader('content-type', type).end(text);

  it('asks every interval, and keeps what it had when the answer is wrong', async () => {
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const seen: IncomingMessage[] = [];
    answer = (request, response) => {
      seen.push(request);
      json('[{"targets": ["a:1"], "labels": {"l": "v"}}]')(request, response);
    };
    const metrics = new MetricsRegistry();
    await using listener = new Listener(deps({ metrics }));
    const yaml = `http_sd_configs: [{url: 'http://127.0.0.1:${port}/x', refresh_interval: 10ms, basic_auth: {username: u, password: p}}]`;
    listener.manager.apply(new Map([['a', config(yaml)]]));
    await listener.until(['a:1']);
    assert.doesNotMatch(listener.manager.groups('a')[0]?.source ?? '', /password|secret/);
    assert.equal(seen[0]?.headers['x-prometheus-refresh-interval-seconds'], '0.01');
    assert.equal(seen[0]?.headers.authorization, `Basic ${btoa('u:p')}`);
    assert.equal(
      listener.manager.groups('a')[0]?.labels['__meta_url'],
      `http://127.0.0.1:${port}/x`,
    );
    for (const wrong of [json('[]', 'text/plain'), json('{'), json('[{"x": 1}]')]) {
      const count = metrics.render();
      answer = wrong;
      const deadline = Date.now() + 60_000;
      while (metrics.render() === count && Date.now() < deadline)
        await new Promise((r) => setTimeout(r, 5));
      assert.deepEqual(listener.addresses(), ['a:1']);
    }
    answer = json('[{"targets": []}]');
    await listener.until([]);
  });
});

describe('dns_sd_configs', () => {
  const absent = Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  const resolver: DnsResolver = {
    resolveSrv: async (name) =>
      name === 'srv.example.com.'.slice(0, -1)
        ? [{ name: 'db1.example.com', port: 3306 }]
        : Promise.reject(absent),
    resolve4: async (name) => (name === 'v4.example.com' ? ['1.2.3.4'] : Promise.reject(absent)),
    resolve6: async () => ['::1'],
    resolveMx: async () => [{ exchange: 'mx.example.com' }],
    resolveNs: async () => ['ns.example.com'],
  };
  const f = (yaml: string, want: object | undefined): void =>
    void it(yaml, async () => {
      await using listener = new Listener(deps({ resolver }));
      listener.manager.apply(new Map([['a', config(`dns_sd_configs: [${yaml}]`)]]));
      await listener.news();
      assert.deepEqual(listener.manager.groups('a')[0]?.targets[0], want);
    });
  f('{names: [srv.example.com.]}', {
    __address__: 'db1.example.com:3306',
    __meta_dns_name: 'srv.example.com.',
    __meta_dns_srv_record_target: 'db1.example.com.',
    __meta_dns_srv_record_port: '3306',
  });
  f('{names: [v4.example.com], type: A, port: 80}', {
    __address__: '1.2.3.4:80',
    __meta_dns_name: 'v4.example.com',
  });
  f('{names: [none.example.com], type: A, port: 80}', undefined);
  f('{names: [x.], type: AAAA, port: 80}', { __address__: '[::1]:80', __meta_dns_name: 'x.' });
  f('{names: [x.], type: MX, port: 25}', {
    __address__: 'mx.example.com:25',
    __meta_dns_name: 'x.',
    __meta_dns_mx_record_target: 'mx.example.com.',
  });
  f('{names: [x.], type: NS, port: 53}', {
    __address__: 'ns.example.com:53',
    __meta_dns_name: 'x.',
    __meta_dns_ns_record_target: 'ns.example.com.',
  });
});
