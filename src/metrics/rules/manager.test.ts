import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { openPromqlEngine } from '#metrics/promql';
import { openMemoryMetricStore } from '#metrics/tsdb';
import { RuleManager } from './manager.ts';
import { parseRuleFile } from './rule-file.ts';

describe('RuleManager', () => {
  it('evaluates groups that no file has, without what the files record too', async () => {
    await using store = openMemoryMetricStore();
    await using engine = openPromqlEngine(store, { workers: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-rules-'));
    try {
      writeFileSync(
        join(folder, 'own.yml'),
        'groups: [{name: own, rules: [{record: "a:b", expr: "1"}]}]',
      );
      await using manager = new RuleManager(
        { externalUrl: 'http://x' },
        {
          engine,
          store,
          alerts: { send: () => {} },
          clock: new ManualClock(0),
          log: silentLogger,
          metrics: new MetricsRegistry(),
        },
      );
      const builtinGroups = parseRuleFile(
        'builtin/x.yaml',
        `groups:
- {name: both, rules: [{record: 'a:b', expr: '2'}, {record: 'c:d', expr: '3'}]}
- {name: taken, rules: [{record: 'a:b', expr: '4'}]}`,
      );
      const settings = { evaluationIntervalMs: 60_000, queryOffsetMs: 0, externalLabels: {} };
      const shown = (): string[] =>
        manager.groups
          .map(
            ({ config, rules }) =>
              `${config.file.split('/').at(-1)} ${config.name} ${rules.map(({ name }) => name)}`,
          )
          .sort();
      await manager.apply({ ...settings, ruleFiles: [join(folder, '*.yml')], builtinGroups });
      assert.deepEqual(shown(), ['own.yml own a:b', 'x.yaml both c:d']);
      await manager.apply({ ...settings, ruleFiles: [], builtinGroups });
      assert.deepEqual(shown(), ['x.yaml both a:b,c:d', 'x.yaml taken a:b']);
      await manager.apply({ ...settings, ruleFiles: [] });
      assert.deepEqual(shown(), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
