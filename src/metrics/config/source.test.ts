import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, MetricsRegistry, silentLogger, systemClock } from '#base';
import { openPrometheusConfig } from './source.ts';

describe('openPrometheusConfig()', () => {
  const open = () => {
    let text = 'global: {scrape_interval: 1s}';
    const metrics = new MetricsRegistry();
    const handle = openPrometheusConfig(
      {
        text: () => ({ text, file: 'p.yml', firstLine: 1, key: '' }),
        fallback: '',
        env: {},
      },
      { log: silentLogger, metrics, clock: systemClock },
    );
    const metric = (): string | undefined =>
      /^prometheus_config_last_reload_successful (\d)$/m.exec(metrics.render())?.[1];
    const write = (next: string): void => {
      text = next;
    };
    return { handle, metric, write };
  };

  it('a configuration that is wrong changes nothing but what is said of the reload', async () => {
    const { handle, metric, write } = open();
    using _ = handle;
    write('global: {scrape_interval: x}');
    await assert.rejects(handle.reload(), /not a valid duration/);
    assert.deepEqual([handle.lastReload.ok, metric()], [false, '0']);
    assert.equal(handle.current().global.scrapeIntervalMs, 1000);
    write('global: {scrape_interval: 2s}');
    await handle.reload();
    assert.deepEqual([handle.lastReload.ok, metric()], [true, '1']);
    assert.equal(handle.current().global.scrapeIntervalMs, 2000);
  });

  it('a reload has failed when somebody cannot apply it; the others do all the same', async () => {
    const { handle, metric } = open();
    using _ = handle;
    const applied: string[] = [];
    const end = handle.onChange(() => {
      throw new AppError('RULES_INVALID', 'no rules');
    });
    handle.onChange(() => void applied.push('second'));
    await assert.rejects(handle.reload(), /no rules/);
    assert.deepEqual([handle.lastReload.ok, metric(), applied], [false, '0', ['second']]);
    end();
    await handle.reload();
    assert.deepEqual([handle.lastReload.ok, metric()], [true, '1']);
  });
});
