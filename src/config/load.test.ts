// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isAppError } from '#base';
import { loadConfig, parseConfig } from './load.ts';

const folder = new URL('./testdata/', import.meta.url);
const filesIn = (suffix: string): { name: string; text: string }[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return error.message;
    throw error;
  }
  return 'nothing thrown';
};

describe('parseConfig()', () => {
  for (const { name, text } of filesIn('.good.yaml')) {
    it(`takes ${name}`, () => void parseConfig(text, { fileName: name, env: {} }));
  }
  for (const { name, text } of filesIn('.bad.yaml')) {
    it(`refuses ${name}`, () => {
      const want = text.split('\n')[0]!.replace(/^# /, '');
      const message = messageOf(() => parseConfig(text, { fileName: name, env: {} }));
      assert.ok(message.includes(want), `${message}\nlacks\n${want}`);
    });
  }

  it('gives every value its type and unit', () => {
    const text = readFileSync(new URL('full.good.yaml', folder), 'utf8');
    const config = parseConfig(text, { fileName: 'f', env: {} });
    assert.equal(config.server.dataDir, '/var/lib/nunchi');
    assert.equal(config.server.accountId, '000000000123');
    assert.equal(config.server.bodyLimitBytes, 1024 * 1024);
    assert.deepEqual(config.server.allowedHosts, ['nunchi.local', 'other.local']);
    assert.equal(config.auth.sessionLifetimeMs, 5_400_000);
    assert.equal(config.logs.store.maxDiskBytes, 10 * 1024 ** 3);
    assert.equal(config.logs.store.query.timeoutMs, 300_000);
    assert.equal(config.logs.store.query.maxConcurrent, 4);
    assert.equal(config.logs.receive.forward.sharedKey, 'a$b');
    assert.deepEqual(config.agent.include, ['/opt/*.log']);
    assert.equal(config.agent.maxFirstReadBytes, 256 * 1024 ** 2);
    assert.equal(config.log.level, 'info');
  });

  it('names all problems at once', () => {
    const text = 'server:\n  lisen: a\n  bodyLimit: b\nlog:\n  level: c\n';
    const message = messageOf(() =>
      parseConfig(text, { fileName: 'f.yaml', env: { NUNCHI_LISTEN: 'd' } }),
    );
    for (const place of ['f.yaml:2:', 'f.yaml:3:', 'f.yaml:5:', 'NUNCHI_LISTEN: server.listen']) {
      assert.ok(message.includes(place), `${message}\nlacks ${place}`);
    }
  });

  it('puts flags over variables over the file', () => {
    const text = 'server:\n  listen: 127.0.0.1:1\n  dataDir: /file\nlog:\n  level: warn\n';
    const env = { NUNCHI_LISTEN: '127.0.0.1:2', NUNCHI_DATA_DIR: '/env $HOME' };
    const config = parseConfig(text, { fileName: 'f', env, flags: { listen: '127.0.0.1:3' } });
    assert.equal(config.server.listen, '127.0.0.1:3');
    assert.equal(config.server.dataDir, '/env $HOME');
    assert.equal(config.log.level, 'warn');
  });

  it('never reads a variable as YAML', () => {
    const env = { EVIL: 'a, listen: 1.2.3.4:5', NESTED: '${OTHER}' };
    const text = 'server: { dataDir: "${EVIL}", clusterName: "${NESTED}" }\n';
    const config = parseConfig(text, { fileName: 'f', env });
    assert.equal(config.server.dataDir, 'a, listen: 1.2.3.4:5');
    assert.equal(config.server.clusterName, '${OTHER}');
    assert.equal(config.server.listen, '127.0.0.1:7600');
  });
});

describe('loadConfig()', () => {
  it('needs no file', () => assert.equal(loadConfig(undefined, {}).server.dataDir, './data'));
  it('says which file it cannot read', () =>
    assert.match(
      messageOf(() => loadConfig('/nowhere/nunchi.yaml', {})),
      /Cannot read \/nowhere\/nunchi.yaml/,
    ));
});
