import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { parseExposition } from '#metrics/exposition';
import { objectsOf, pluralOf, registryOf } from './objects.fixture.ts';
import { resourceNames, type StateMetrics } from './registry.ts';
import { writeStateMetrics } from './write.ts';

const folder = join(import.meta.dirname, 'testdata');

const textOf = (registry: StateMetrics, format: 'text' | 'openmetrics'): string =>
  [...writeStateMetrics(registry, { format, escaping: 'underscores' })].join('');

const files = globSync('*.yaml', { cwd: folder }).sort();

describe('series of Kubernetes objects', () => {
  for (const file of files) {
    it(`${file} gives exactly ${basename(file, '.yaml')}.prom`, () => {
      const text = textOf(registryOf(objectsOf(join(folder, file))), 'text');
      const expected = join(folder, file.replace(/yaml$/, 'prom'));
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, text);
      assert.equal(text, readFileSync(expected, 'utf8'));
    });
  }

  it('every resource has an object in the tables', () => {
    const kinds = files.flatMap((file) =>
      objectsOf(join(folder, file)).map(({ kind }) => pluralOf(kind)),
    );
    assert.deepEqual([...new Set(kinds)].sort(), [...resourceNames].sort());
  });

  it('text, OpenMetrics and protobuf hold the same series', () => {
    const registry = registryOf(files.flatMap((file) => objectsOf(join(folder, file))));
    const rows = (body: Uint8Array, format: 'text' | 'openmetrics' | 'protobuf'): string[] =>
      [...parseExposition(body, format)]
        .flatMap((entry) => ('value' in entry ? [`${entry.pairs.join(' ')} ${entry.value}`] : []))
        .sort();
    const bytes = (format: 'text' | 'openmetrics' | 'protobuf'): Uint8Array =>
      Buffer.concat(
        [...writeStateMetrics(registry, { format, escaping: 'underscores' })].map((piece) =>
          Buffer.from(piece),
        ),
      );
    const text = rows(bytes('text'), 'text');
    assert.equal(text.length, registry.series);
    assert.deepEqual(rows(bytes('openmetrics'), 'openmetrics'), text);
    assert.equal(rows(bytes('protobuf'), 'protobuf').length, text.length);
  });
});
