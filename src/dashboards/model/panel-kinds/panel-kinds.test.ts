import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { defaultsOf, type OptionSpec, optionGroupWords, panelKind, panelKinds } from './index.ts';

const require = createRequire(import.meta.url);

describe('panel kinds', () => {
  for (const kind of panelKinds) {
    describe(kind.type, () => {
      for (const [place, specs] of [
        ['options', kind.options],
        ['custom', kind.custom],
      ] as const) {
        it(`${place}: each path once, with words, a heading and a default that is allowed`, () => {
          const paths = specs.map((spec) => spec.path);
          assert.deepEqual(paths, [...new Set(paths)]);
          for (const spec of specs) check(spec, specs);
        });
      }
    });
  }

  it('are found by type', () => {
    assert.equal(panelKind('stat')?.name.ko, '단일 값');
    assert.equal(panelKind('acme'), undefined);
  });
});

function check(spec: OptionSpec, all: readonly OptionSpec[]): void {
  assert.ok(spec.label.en !== '' && spec.label.ko !== '', spec.path);
  assert.ok(spec.group in optionGroupWords, spec.path);
  assert.equal(
    spec.choices !== undefined,
    spec.kind === 'choice' || spec.kind === 'choices',
    spec.path,
  );
  if (spec.when !== undefined) {
    const other = all.find((candidate) => candidate.path === spec.when!.path);
    assert.ok(other !== undefined, `${spec.path} depends on ${spec.when.path}`);
    const allowed = other.choices?.map((choice) => choice.value) ?? [true, false];
    assert.ok(
      spec.when.is.every((value) => allowed.includes(value)),
      spec.path,
    );
  }
  if (spec.default === undefined) return;
  if (spec.kind === 'boolean') assert.equal(typeof spec.default, 'boolean', spec.path);
  if (spec.kind === 'number') assert.equal(typeof spec.default, 'number', spec.path);
  if (spec.kind === 'choice') {
    assert.ok(
      spec.choices!.some((choice) => choice.value === spec.default),
      spec.path,
    );
  }
}

/** Folders of @grafana/schema, and where our defaults are others on purpose. */
const published: readonly (readonly [folder: string, type: string, ours: readonly string[]])[] = [
  ['stat', 'stat', []],
  // A file that says nothing of it is older than sparklines in gauges.
  ['gauge', 'gauge', ['sparkline']],
  ['bargauge', 'bargauge', []],
  ['table', 'table', []],
  ['barchart', 'barchart', []],
  ['heatmap', 'heatmap', []],
  ['histogram', 'histogram', []],
  ['statetimeline', 'state-timeline', []],
  ['statushistory', 'status-history', []],
  // Theirs is a text to be replaced.
  ['text', 'text', ['content']],
  ['xychart', 'xychart', []],
  ['candlestick', 'candlestick', []],
  ['canvas', 'canvas', []],
  ['geomap', 'geomap', []],
  ['dashboardlist', 'dashlist', []],
  ['annotationslist', 'annolist', []],
];

describe('defaults are those of the published schema', () => {
  for (const [folder, type, ours] of published) {
    it(type, () => {
      const file = `@grafana/schema/dist/cjs/raw/composable/${folder}/panelcfg/x/types.gen.cjs`;
      const path = require.resolve('@grafana/schema').replace(/@grafana\/schema\/.*/, file);
      const schema = require(path) as Record<string, object | undefined>;
      for (const [theirs, specs] of [
        [schema['defaultOptions'], panelKind(type)!.options],
        [schema['defaultFieldConfig'], panelKind(type)!.custom],
      ] as const) {
        const defaults = defaultsOf(specs);
        for (const [key, value] of Object.entries(theirs ?? {})) {
          if (!ours.includes(key)) compare(defaults[key], value, key);
        }
      }
    });
  }
});

/** What they say must hold; we may say more. */
function compare(found: unknown, wanted: unknown, path: string): void {
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    for (const [key, value] of Object.entries(wanted)) {
      compare((found as Record<string, unknown> | undefined)?.[key], value, `${path}.${key}`);
    }
  } else {
    assert.deepEqual(found, wanted, path);
  }
}
