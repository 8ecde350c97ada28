import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { DataSourceInput } from '../contract.ts';
import { openTestSources, type TestSources } from '../sources.fixture.ts';
import { readInput } from './input.ts';
import { uidOfName } from './registry.ts';

const secret = 'a-very-secret-password-8c1f';

describe('data sources that are saved', () => {
  let rig: TestSources;
  before(async () => {
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
  });
  after(() => rig[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const source of rig.sources.list())
      if (!source.isBuiltIn) await rig.sources.delete(source.uid);
  });

  const input = (change: Partial<DataSourceInput> = {}): DataSourceInput => ({
    name: 'other',
    type: 'prometheus',
    url: 'http://prometheus.example:9090',
    ...change,
  });

  it('are numbered after the built-in ones', async () => {
    const { id, uid, version } = await rig.sources.create(input());
    assert.equal(id, 2);
    assert.match(uid, /^\w{12}$/);
    assert.equal(version, 1);
    assert.deepEqual(
      rig.sources.list().map(({ name }) => name),
      ['Prometheus', 'other'],
    );
    assert.equal(rig.sources.byId(2)?.uid, uid);
    assert.equal(rig.sources.byName('other')?.uid, uid);
  });

  it('have one default', async () => {
    const isDefault = (): (string | undefined)[] =>
      rig.sources
        .list()
        .filter((one) => one.isDefault)
        .map(({ name }) => name);
    assert.deepEqual(isDefault(), ['Prometheus']);
    const first = await rig.sources.create(input({ name: 'a', isDefault: true }));
    await rig.sources.create(input({ name: 'b', isDefault: true }));
    assert.deepEqual(isDefault(), ['b']);
    await rig.sources.update(first.uid, input({ name: 'a', isDefault: true }));
    assert.deepEqual(isDefault(), ['a']);
    await rig.sources.delete(first.uid);
    assert.deepEqual(isDefault(), ['Prometheus']);
  });

  it('may take the name of a built-in one', async () => {
    await rig.sources.create(input({ name: 'Prometheus', uid: 'mine' }));
    assert.equal(rig.sources.byName('Prometheus')?.uid, 'mine');
    assert.equal(rig.sources.byUid('prometheus')?.name, 'Prometheus (built in)');
  });

  it('refuse names and uids that are taken, and lost changes', async () => {
    const { uid } = await rig.sources.create(input({ uid: 'u' }));
    await assert.rejects(rig.sources.create(input()), { code: 'DATA_SOURCE_NAME_EXISTS' });
    await assert.rejects(rig.sources.create(input({ name: 'x', uid: 'u' })), {
      code: 'DATA_SOURCE_UID_EXISTS',
    });
    await assert.rejects(rig.sources.create(input({ name: 'x', uid: 'prometheus' })), {
      code: 'DATA_SOURCE_UID_EXISTS',
    });
    await rig.sources.update(uid, input({ version: 1 }));
    await assert.rejects(rig.sources.update(uid, input({ version: 1 })), {
      code: 'DATA_SOURCE_CONFLICT',
    });
    await assert.rejects(rig.sources.update('prometheus', input()), {
      code: 'DATA_SOURCE_READ_ONLY',
    });
    await assert.rejects(rig.sources.delete('prometheus'), { code: 'DATA_SOURCE_READ_ONLY' });
    await assert.rejects(rig.sources.delete('nope'), { code: 'DATA_SOURCE_NOT_FOUND' });
  });

  it('keep secrets that are not given again, and show their names only', async () => {
    const secureJsonData = { basicAuthPassword: secret, httpHeaderValue1: secret };
    const { uid } = await rig.sources.create(input({ secureJsonData }));
    const changed = await rig.sources.update(
      uid,
      input({ secureJsonData: { httpHeaderValue1: '' } }),
    );
    assert.deepEqual(changed.secureJsonFields, { basicAuthPassword: true });
    assert.doesNotMatch(JSON.stringify(rig.sources.list()), new RegExp(secret));
  });

  it('are nowhere on the disk with their secrets', async () => {
    await rig.sources.create(input({ secureJsonData: { basicAuthPassword: secret } }));
    const files = globSync('**/*', { cwd: rig.dataDir }).map((name) => join(rig.dataDir, name));
    const texts = files
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file, 'latin1'));
    assert.ok(texts.length > 0);
    for (const text of texts) assert.equal(text.includes(secret), false);
  });

  it('do not send secrets to another server', async () => {
    const { uid } = await rig.sources.create(
      input({ secureJsonData: { basicAuthPassword: secret } }),
    );
    const elsewhere = input({ url: 'http://evil.example' });
    await assert.rejects(rig.sources.update(uid, elsewhere), /given anew: basicAuthPassword/);
    await assert.rejects(
      rig.sources.test({ ...elsewhere, uid }, AbortSignal.timeout(5000)),
      /given anew/,
    );
    await rig.sources.update(uid, input({ url: 'http://prometheus.example:9090/sub/path' }));
    const moved = await rig.sources.update(uid, {
      ...elsewhere,
      secureJsonData: { basicAuthPassword: '' },
    });
    assert.deepEqual(moved.secureJsonFields, {});
  });

  it('of a file are changed there only, unless it says otherwise', async () => {
    const origin = { provisionedFrom: 'a.yaml', isEditable: false };
    const made = await rig.sources.createFrom(origin, input({ name: 'of a file' }));
    assert.equal(made.uid, uidOfName('of a file'));
    assert.equal(made.readOnly, true);
    await assert.rejects(rig.sources.update(made.uid, input()), /comes from a.yaml/);
    await assert.rejects(rig.sources.delete(made.uid), { code: 'DATA_SOURCE_READ_ONLY' });
    const changed = await rig.sources.updateFrom(
      { ...origin, isEditable: true },
      made.uid,
      input(),
    );
    assert.equal(changed.readOnly, false);
    await rig.sources.update(made.uid, input());
  });

  describe('are what a reference means', () => {
    const f = (reference: { uid?: string; type?: string }, want: string | undefined): void =>
      void it(JSON.stringify(reference), async () => {
        await rig.sources.create(input({ name: 'second', uid: 'p2' }));
        await rig.sources.create({
          name: 'db',
          uid: 'db',
          type: 'postgres',
          url: 'db:5432',
          user: 'r',
          jsonData: { database: 'd', sslmode: 'disable' },
        });
        assert.equal(rig.sources.resolve(reference)?.uid, want);
      });
    f({}, 'prometheus');
    f({ uid: 'default' }, 'prometheus');
    f({ uid: 'p2' }, 'p2');
    f({ uid: 'second' }, 'p2');
    f({ type: 'grafana-postgresql-datasource' }, 'db');
    f({ uid: '${DS_PROMETHEUS}' }, 'prometheus');
    f({ uid: '${DS_POSTGRES}' }, 'db');
    f({ uid: 'nope' }, undefined);
  });
});

describe('readInput()', () => {
  const f = (given: unknown, pattern: RegExp): void =>
    void it(`refuses ${JSON.stringify(given)?.slice(0, 60)}`, () =>
      assert.throws(() => readInput(given), pattern));
  f([], /must be an object/);
  f({ type: 'x' }, /name: is missing/);
  f({ name: 'x' }, /type: is missing/);
  f({ name: 'x', type: 'y', uid: 'a b' }, /uid: is "a b" \(allowed: letters/);
  f({ name: 'x'.repeat(191), type: 'y' }, /name: has 191 characters/);
  f({ name: 'x', type: 'y', isDefault: 'yes' }, /isDefault: is "yes" \(allowed: true, false\)/);
  f({ name: 'x', type: 'y', jsonData: [] }, /jsonData: is no object/);
  f({ name: 'x', type: 'y', secureJsonData: { a: 5 } }, /secureJsonData.a: is no text/);
  it('never shows a secret in an error', () => {
    const given = { name: 'x', type: 'y', secureJsonData: { a: { b: secret } } };
    assert.throws(
      () => readInput(given),
      (error: Error) => !error.message.includes(secret),
    );
  });
});

describe('settings of each kind', () => {
  const f = (change: Partial<DataSourceInput>, pattern: RegExp): void =>
    void it(`refuses ${JSON.stringify(change)}`, async () => {
      await using rig = await openTestSources();
      const given = { name: 'x', type: 'prometheus', url: 'http://a', ...change };
      await assert.rejects(rig.sources.create(given), pattern);
    });
  f(
    { type: 'mysql' },
    /there is no "mysql" \(allowed: prometheus, grafana-postgresql-datasource, cloudwatch, yeso/,
  );
  f({ url: '' }, /url: is missing/);
  f({ url: 'file:///etc/passwd' }, /file: is not spoken/);
  f({ url: 'http://user:pw@a' }, /a login does not belong into it/);
  f({ jsonData: { httpHeaderName1: 'Host' } }, /"Host" cannot be set/);
  f({ type: 'postgres', url: 'a b', user: 'u' }, /url: "a b" is no address/);
  f(
    { type: 'postgres', url: 'a', user: 'u', jsonData: { database: 'd', sslmode: 'maybe' } },
    /sslmode: is "maybe"/,
  );
  f({ type: 'postgres', url: 'a', jsonData: { database: 'd' } }, /user: is missing/);
  f({ type: 'postgres', url: 'a', user: 'u' }, /database: is missing/);
  f({ type: 'cloudwatch' }, /defaultRegion: is missing/);
  f(
    { type: 'yesoreyeram-infinity-datasource', url: '', jsonData: { allowedHosts: ['a b'] } },
    /allowedHosts/,
  );
});
