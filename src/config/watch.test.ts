import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MetricsRegistry, silentLogger } from '#base';
import type { Config } from './contract.ts';
import { openConfigWatcher } from './watch.ts';

describe('openConfigWatcher()', () => {
  let folder: string;
  let path: string;
  const metrics = new MetricsRegistry();
  const open = (): ReturnType<typeof openConfigWatcher> =>
    openConfigWatcher({ path, env: {}, flags: {} }, { metrics });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-config-'));
    path = join(folder, 'nunchi.yaml');
    writeFileSync(path, 'log: { level: info }\nserver: { dataDir: /a }\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes reloadable keys, keeps the others and names them', async () => {
    await using watcher = open();
    const seen: Config[] = [];
    watcher.onChange((config) => seen.push(config));
    writeFileSync(path, 'log: { level: warn }\nserver: { dataDir: /b }\n');
    assert.equal(watcher.reload(), true);
    assert.equal(watcher.config().log.level, 'warn');
    assert.equal(watcher.config().server.dataDir, '/a');
    assert.equal(seen.length, 1);
  });

  it('changes nothing for a file with one mistake', async () => {
    await using watcher = open();
    writeFileSync(path, 'log: { level: warn }\nserver: { nothing: 1 }\n');
    assert.equal(watcher.reload(), false);
    assert.equal(watcher.config().log.level, 'info');
    assert.match(metrics.render(), /nunchi_config_last_reload_successful 0/);
    assert.match(metrics.render(), /nunchi_config_reloads_total\{result="failure"\} 1/);
  });

  it('follows a file that is replaced by another', async () => {
    await using watcher = open();
    watcher.start(silentLogger);
    const changed = new Promise<Config>((resolve) => watcher.onChange(resolve));
    writeFileSync(`${path}.new`, 'log: { level: error }\n');
    renameSync(`${path}.new`, path);
    assert.equal((await changed).log.level, 'error');
  });

  it('follows SIGHUP', async () => {
    await using watcher = open();
    watcher.start(silentLogger);
    const changed = new Promise<Config>((resolve) => watcher.onChange(resolve));
    writeFileSync(path, 'log: { level: debug }\n');
    process.kill(process.pid, 'SIGHUP');
    assert.equal((await changed).log.level, 'debug');
  });
});
