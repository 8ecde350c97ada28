import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { openPromqlEngine } from './engine/engine.ts';
import { functions } from './parser/functions.ts';
import { allSyntax } from './parser/reader.ts';
import { StoreTarget } from './store-target.fixture.ts';
import { MemoryQueryable } from './testing/memory-queryable.ts';
import { runScript, type ScriptReport } from './testing/runner.ts';

const ownFolder = join(import.meta.dirname, 'testdata');
const data = process.env['NUNCHI_TEST_DATA'];
const referenceFolder = data === undefined ? undefined : join(data, 'promqltest');

const options = { syntax: allSyntax, delaysNameRemoval: true, usesStartTimestamps: true };

type Run = (file: string) => Promise<ScriptReport>;

const runOnObjects: Run = async (file) => {
  const queryable = new MemoryQueryable();
  await using engine = openPromqlEngine(queryable, options);
  return await runScript(readFileSync(file, 'utf8'), {
    engine,
    clear: async () => queryable.clear(),
    append: async (labels, samples) => queryable.append(labels, samples),
  });
};

const runOnStore: Run = async (file) => {
  await using target = new StoreTarget();
  await using engine = openPromqlEngine(target, options);
  return await runScript(readFileSync(file, 'utf8'), {
    engine,
    clear: () => target.clear(),
    append: (labels, samples) => target.append(labels, samples),
  });
};

function scripts(folder: string, run: Run): void {
  for (const file of globSync(join(folder, '*.test')).sort()) {
    it(basename(file), async (context) => {
      const { evals, passed, queries, failures } = await run(file);
      context.diagnostic(`${basename(file)}: ${evals} evals, ${passed} passed, ${queries} queries`);
      const texts = failures.map(
        ({ line, query, reason }) => `line ${line}: ${query}\n  ${reason}`,
      );
      assert.deepEqual(texts, []);
      assert.ok(evals > 0);
    });
  }
}

describe('scripts of our own', () => {
  scripts(ownFolder, runOnObjects);

  it('cover every function, aggregation and operator', () => {
    const text = globSync(join(ownFolder, '*.test'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
      .replaceAll(/^\s*#.*$/gm, '');
    const calls = [...functions.keys()].filter((name) => !text.includes(`${name}(`));
    const aggregations =
      'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio';
    const missing = aggregations
      .split(' ')
      .filter((name) => !new RegExp(`\\b${name}(?: (?:by|without) \\([^)]*\\) )?\\(`).test(text));
    const operators = '+ - * / % ^ atan2 == != < <= > >= and or unless </ >/'
      .split(' ')
      .filter((operator) => !text.includes(` ${operator} `));
    assert.deepEqual([...calls, ...missing, ...operators], []);
  });
});

describe('scripts of the reference (test_data)', () => {
  if (referenceFolder === undefined || !existsSync(referenceFolder)) {
    it('promqltest', { skip: 'NUNCHI_TEST_DATA has no promqltest (test_data)' }, () => {});
    return;
  }
  scripts(referenceFolder, runOnObjects);
  describe('over the store', () => scripts(referenceFolder, runOnStore));
});
