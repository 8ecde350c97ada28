import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../eventually.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

const run = promisify(execFile);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const login = 'admin:prom-operator';
const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
/** A dashboard must be there so soon after its file. */
const providedWithinMs = 60_000;

function missing(program: string, ...args: readonly string[]): string | false {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return false;
  } catch {
    return `no ${[program, ...args].join(' ')}`;
  }
}

const data = process.env['NUNCHI_TEST_DATA'] ?? '';
const realFiles =
  data === '' ? [] : globSync('dashboards/*/*.json', { cwd: data }).map((file) => join(data, file));

/** Has grafana-client installed: that of a virtual environment, or the system's. */
const python = process.env['NUNCHI_TEST_PYTHON'] ?? 'python3';

// biome-ignore lint/suspicious/noExplicitAny: bodies of many forms, looked into by the test
type Body = any;

describe("clients of Grafana's API against the server", () => {
  let nunchi: NunchiProcess;
  let catalogue: Server;
  let folder: string;

  const call = async (method: string, path: string, body?: unknown): Promise<[number, Body]> => {
    const response = await fetch(nunchi.url + path, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, await response.json()];
  };
  const get = async (path: string): Promise<Body> => (await call('GET', path))[1];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-grafana-'));
    mkdirSync(join(folder, 'dashboards'));
    mkdirSync(join(folder, 'files'));
    writeFileSync(
      join(folder, 'dashboards', 'all.yaml'),
      `apiVersion: 1\nproviders: [{name: all, type: file, folder: Files, options: {path: ${join(folder, 'files')}}}]\n`,
    );
    const json = {
      __inputs: [
        { name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' },
      ],
      title: 'Kubernetes / Views / Global',
      uid: 'k8s_views_global',
      id: null,
      panels: [
        { id: 1, type: 'stat', datasource: { type: 'prometheus', uid: '${DS_PROMETHEUS}' } },
      ],
    };
    catalogue = createServer((request, response) => {
      const isKnown = request.url === '/api/dashboards/15757';
      response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(isKnown ? { slug: 'views', name: 'Global', revision: 43, json } : {}),
      );
    });
    await new Promise<void>((resolve) => catalogue.listen(0, '127.0.0.1', resolve));
    nunchi = await startNunchi({
      config: JSON.stringify({
        auth: { initialAdmin: { name: 'admin', password: 'prom-operator' } },
        kubernetes: { enabled: 'off' },
        dashboards: {
          provisioningDir: folder,
          shipped: false,
          catalogue: { url: `http://127.0.0.1:${(catalogue.address() as AddressInfo).port}` },
        },
      }),
    });
  });
  after(async () => {
    await nunchi?.[Symbol.asyncDispose]();
    catalogue?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const scriptNeeds = missing('curl', '--version') || missing('jq', '--version');
  it('a script of curl and jq imports by number', { skip: scriptNeeds }, async () => {
    const env = {
      ...process.env,
      GRAFANA_URL: nunchi.url,
      GRAFANA_LOGIN: login,
      DATASOURCE: 'Prometheus',
    };
    const { stdout } = await run(here('import-dashboards.sh'), ['15757'], { env });
    const answer = JSON.parse(stdout);
    assert.deepEqual([answer.imported, answer.uid], [true, 'k8s_views_global']);
    const [hit] = await get('/api/search?query=views');
    assert.equal(hit.url, '/d/k8s_views_global/kubernetes-views-global');
    const { dashboard } = await get('/api/dashboards/uid/k8s_views_global');
    assert.deepEqual(dashboard.panels[0].datasource, { type: 'prometheus', uid: 'prometheus' });
    assert.equal(dashboard.__inputs, undefined);
    // The same again: overwritten, not doubled.
    await run(here('import-dashboards.sh'), ['15757'], { env });
    assert.equal((await get('/api/search?query=views')).length, 1);
    const unknown = run(here('import-dashboards.sh'), ['1'], { env });
    await assert.rejects(unknown, /returned error: 404/);
  });

  const pythonNeeds = missing(python, '-c', 'import grafana_client');
  it('grafana-client of Python does all that it can do', { skip: pythonNeeds }, async () => {
    const { stdout } = await run(python, [here('grafana_client_calls.py'), nunchi.url]);
    assert.equal(stdout.trim(), 'done');
  });

  it("Terraform's provider: folder and dashboard are made, read, changed and destroyed without a difference", async () => {
    const [created, folderJson] = await call('POST', '/api/folders', { title: 'TF', uid: 'tf' });
    assert.equal(created, 200);
    assert.equal((await get('/api/folders/tf')).id, folderJson.id);
    const configJson = {
      title: 'Managed',
      uid: 'managed',
      panels: [],
      schemaVersion: 36,
      style: 'dark',
    };
    const save = (document: object, message: string) =>
      call('POST', '/api/dashboards/db', {
        dashboard: document,
        folderUid: 'tf',
        overwrite: true,
        message,
      });
    await save(configJson, 'Managed by Terraform');
    const read = async (): Promise<Body> => {
      const { dashboard, meta } = await get('/api/dashboards/uid/managed');
      assert.equal(meta.folderUid, 'tf');
      // What the provider takes away before it compares.
      const { id: _id, version: _version, ...rest } = dashboard;
      return rest;
    };
    assert.deepEqual(await read(), configJson);
    await save({ ...configJson, title: 'Managed 2' }, '');
    assert.deepEqual(await read(), { ...configJson, title: 'Managed 2' });
    assert.equal((await call('DELETE', '/api/dashboards/uid/managed'))[0], 200);
    assert.equal((await call('GET', '/api/dashboards/uid/managed'))[0], 404);
    assert.equal((await call('DELETE', '/api/folders/tf?forceDeleteRules=true'))[0], 200);
    assert.equal((await call('GET', '/api/folders/tf'))[0], 404);
  });

  it('grafana-operator: health, a folder by title, a dashboard over whatever is there', async () => {
    assert.equal((await get('/api/health')).database, 'ok');
    const titles = (await get('/api/folders?limit=1000')).map(({ title }: Body) => title);
    assert.ok(!titles.includes('Operator'));
    const [, { uid: folderUid }] = await call('POST', '/api/folders', { title: 'Operator' });
    for (const version of [1, 2]) {
      const dashboard = { uid: 'operator-uid', title: `Operated ${version}`, panels: [] };
      const [status, saved] = await call('POST', '/api/dashboards/db', {
        dashboard,
        folderUid,
        overwrite: true,
        message: '',
      });
      assert.deepEqual([status, saved.version], [200, version]);
    }
    assert.equal((await get(`/api/search?folderUIDs=${folderUid}`)).length, 1);
    await call('DELETE', '/api/dashboards/uid/operator-uid');
    await call('DELETE', `/api/folders/${folderUid}`);
  });

  it('files of a provider come, change and go', async () => {
    const file = join(folder, 'files', 'one.json');
    const title = async (): Promise<string | undefined> =>
      (await call('GET', '/api/dashboards/uid/one'))[1].dashboard?.title;
    const becomes = (wanted: string | undefined): Promise<true> =>
      eventually(async () => ((await title()) === wanted ? true : undefined), providedWithinMs);
    writeFileSync(file, JSON.stringify({ uid: 'one', title: 'One' }));
    await becomes('One');
    const { meta } = await get('/api/dashboards/uid/one');
    assert.deepEqual([meta.provisioned, meta.folderTitle], [true, 'Files']);
    const [status, body] = await call('POST', '/api/dashboards/db', {
      dashboard: { uid: 'one', title: 'Mine' },
      overwrite: true,
    });
    assert.deepEqual([status, body.message], [400, 'Cannot save provisioned dashboard']);
    writeFileSync(file, JSON.stringify({ uid: 'one', title: 'Another one' }));
    await becomes('Another one');
    writeFileSync(join(folder, 'files', 'bad.json'), '{\n"title": oops}');
    const problem = await eventually(async () => {
      const { sources } = await get('/nunchi/dashboards/provisioning');
      return sources.find(({ source }: Body) => source === 'file:all')?.problems[0];
    }, providedWithinMs);
    assert.match(problem.place, /files\/bad\.json:2$/);
    rmSync(file);
    await becomes(undefined);
  });

  const skipReal = realFiles.length === 0 && 'NUNCHI_TEST_DATA has no dashboards (test_data)';
  it('published dashboards come back with every key they had', { skip: skipReal }, async () => {
    assert.ok(realFiles.length >= 40);
    for (const file of realFiles) {
      const dashboard = JSON.parse(readFileSync(file, 'utf8'));
      const uid =
        typeof dashboard.uid === 'string' && dashboard.uid !== '' ? dashboard.uid : undefined;
      const [status, saved] = await call('POST', '/api/dashboards/db', {
        dashboard: { ...dashboard, id: null },
        overwrite: true,
      });
      assert.equal(status, 200, `${file}: ${JSON.stringify(saved)}`);
      assert.equal(saved.uid, uid ?? saved.uid);
      const got = (await get(`/api/dashboards/uid/${saved.uid}`)).dashboard;
      const { id: _id, version: _version, ...rest } = got;
      const { id: _theirs, version: _before, ...kept } = dashboard;
      assert.deepEqual(rest, { ...kept, uid: saved.uid }, file);
      await call('DELETE', `/api/dashboards/uid/${saved.uid}`);
    }
  });
});
