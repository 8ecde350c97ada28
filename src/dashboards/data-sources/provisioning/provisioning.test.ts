import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { uidOfName } from '../registry/registry.ts';
import { openTestSources, type TestSources } from '../sources.fixture.ts';
import { DataSourceFiles } from './files.ts';
import { DataSourceProvisioner } from './provisioner.ts';
import { readProvided } from './read-file.ts';

describe('readProvided()', () => {
  const around = { env: { URL: 'http://a:9090', PW: 'p$w' }, mayReadFiles: true };

  it('reads what files of Grafana say', () => {
    const text = `
apiVersion: 1
deleteDatasources: [{name: Old, orgId: 1}]
prune: true
datasources:
  - name: Other
    type: prometheus
    access: proxy
    orgId: 1
    url: $URL
    basicAuth: true
    basicAuthUser: u
    isDefault: true
    editable: true
    version: 3
    jsonData: {httpMethod: POST, timeInterval: 30s, customQueryParameters: 'a=$$b'}
    secureJsonData: {basicAuthPassword: '\${PW}', httpHeaderValue1: '$__env{PW}'}
`;
    const { checksum, ...read } = readProvided(text, 'a.yaml', around);
    assert.match(checksum, /^[0-9a-f]{64}$/);
    assert.deepEqual(read, {
      sources: [
        {
          isEditable: true,
          input: {
            name: 'Other',
            type: 'prometheus',
            url: 'http://a:9090',
            basicAuth: true,
            basicAuthUser: 'u',
            isDefault: true,
            jsonData: { httpMethod: 'POST', timeInterval: '30s', customQueryParameters: 'a=$b' },
            secureJsonData: { basicAuthPassword: 'p$w', httpHeaderValue1: 'p$w' },
          },
        },
      ],
      deleted: ['Old'],
      prunes: true,
      problems: [],
    });
  });

  const f = (name: string, text: string, pattern: RegExp, sources = 0): void =>
    void it(name, () => {
      const read = readProvided(text, 'a.yaml', { ...around, mayReadFiles: false });
      assert.match(read.problems.join('\n'), pattern);
      assert.equal(read.sources.length, sources);
    });
  f('YAML that is none', 'datasources: [', /a.yaml:\d+: /);
  f('a list', '- a', /a.yaml:1: expected a section with "datasources"/);
  f(
    'an unknown key',
    'datasource: []',
    /a.yaml:1: unknown key "datasource" \(allowed: apiVersion, datasources/,
  );
  f('no list', 'datasources: {}', /a.yaml:1: datasources: expected a list/);
  f(
    'another organisation',
    'datasources:\n- {name: a, type: prometheus, orgId: 2}',
    /a.yaml:2: orgId: is 2/,
  );
  f(
    'one of several',
    'datasources:\n- {type: x}\n- {name: b, type: prometheus}',
    /a.yaml:2: name: is missing/,
    1,
  );
  f(
    'a file where none may be read',
    'datasources:\n- {name: b, type: prometheus, secureJsonData: {x: "$__file{/etc/passwd}"}}',
    /\$__file\{\} stands for nothing here/,
  );
});

describe('data sources that are provided', () => {
  let rig: TestSources;
  let folder: string;
  let provisioner: DataSourceProvisioner;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-provisioning-'));
    rig = await openTestSources({
      builtIn: [
        {
          uid: 'prometheus',
          source: () => ({
            uid: 'prometheus',
            name: 'Prometheus',
            type: 'prometheus',
            url: '',
            jsonData: {},
            secureJsonFields: {},
            readOnly: true,
            version: 1,
          }),
          open: () => assert.fail('not asked'),
        },
      ],
    });
    provisioner = new DataSourceProvisioner({
      sources: rig.sources,
      log: silentLogger,
      metrics: new MetricsRegistry(),
    });
  });
  after(async () => {
    await rig[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const apply = (place: string, text: string): Promise<void> =>
    provisioner.apply(place, readProvided(text, place, { env: {}, mayReadFiles: false }));
  const names = (): string[] =>
    rig.sources
      .list()
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .map(({ name }) => name);

  it('come, change, and go where the file prunes', async () => {
    await apply(
      'a.yaml',
      'prune: true\ndatasources: [{name: A, type: prometheus, url: "http://a"}, {name: B, type: prometheus, url: "http://b"}]',
    );
    assert.deepEqual(names(), ['A', 'B']);
    assert.equal(rig.sources.byName('A')?.readOnly, true);
    await apply(
      'a.yaml',
      'prune: true\ndatasources: [{name: A, type: prometheus, url: "http://a2"}]',
    );
    assert.deepEqual(names(), ['A']);
    assert.equal(rig.sources.byName('A')?.url, 'http://a2');
    const { version } = rig.sources.byName('A')!;
    await apply(
      'a.yaml',
      'prune: true\ndatasources: [{name: A, type: prometheus, url: "http://a2"}]',
    );
    assert.equal(rig.sources.byName('A')?.version, version);
  });

  it('stay where a file is broken for now', async () => {
    await apply('a.yaml', 'prune: true\ndatasources: [');
    assert.deepEqual(names(), ['A']);
  });

  it('take over what people made under the same name, with the uid of the file', async () => {
    await rig.sources.create({ name: 'Mine', uid: 'mine', type: 'prometheus', url: 'http://m' });
    await apply('b.yaml', 'datasources: [{name: Mine, type: prometheus, url: "http://b"}]');
    assert.equal(rig.sources.byName('Mine')?.uid, uidOfName('Mine'));
    await apply('c.yaml', 'deleteDatasources: [{name: Mine}]');
    assert.deepEqual(names(), ['A']);
  });

  it('leave the built-in one alone', async () => {
    await apply(
      'd.yaml',
      'datasources: [{name: Prometheus, uid: prometheus, type: prometheus, url: "http://chart:9090", isDefault: true}]',
    );
    assert.equal(rig.sources.byUid('prometheus')?.isBuiltIn, true);
    assert.deepEqual(names(), ['A']);
  });

  it('go with the object that they come from', async () => {
    await apply(
      'configmaps/ns/one/x.yaml',
      'datasources: [{name: One, type: prometheus, url: "http://1"}]',
    );
    await apply(
      'configmaps/ns/two/x.yaml',
      'datasources: [{name: Two, type: prometheus, url: "http://2"}]',
    );
    await provisioner.keepOnly('configmaps/', new Set(['configmaps/ns/two/x.yaml']));
    assert.deepEqual(names(), ['A', 'Two']);
    await provisioner.keepOnly('configmaps/', new Set());
  });

  it('are read from the folder, secrets of files too', async () => {
    const dir = mkdtempSync(join(folder, 'provisioning-'));
    await using files = new DataSourceFiles(dir, {
      provisioner,
      env: {},
      clock: systemClock,
      log: silentLogger,
    });
    // The folder may come later.
    await files.start();
    const secret = join(dir, 'password');
    writeFileSync(secret, 'hidden\n');
    mkdirSync(join(dir, 'datasources'));
    const text = {
      datasources: [
        {
          name: 'F',
          type: 'prometheus',
          url: 'http://f',
          secureJsonData: { basicAuthPassword: `$__file{${secret}}` },
        },
      ],
    };
    writeFileSync(join(dir, 'datasources', 'f.json'), JSON.stringify(text));
    await files.reload();
    assert.deepEqual(rig.sources.byName('F')?.secureJsonFields, { basicAuthPassword: true });
  });
});
