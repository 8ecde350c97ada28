import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import type { Transformation } from '#dashboards/model';
import { columnsOf, frameOf, seriesOf } from '../testing/frames.fixture.ts';
import '../testing/grafana-in-node.ts';

const {
  getFieldDisplayName,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} = await import('@grafana/data');
const { transformed } = await import('./transform.ts');

// What transformDataFrame asks for: a window, and a registry that somebody filled.
Object.assign(globalThis, { window: globalThis });
const byId = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
standardTransformersRegistry.setInit(() =>
  [...byId].map(([id, one]) => ({ id, name: id, transformation: async () => one }) as never),
);

const run = (steps: readonly Transformation[], frames: readonly DataFrame[]) =>
  transformed(steps, frames, (text) => text);

function reference(
  steps: readonly Transformation[],
  frames: readonly DataFrame[],
): Promise<DataFrame[]> {
  return new Promise((resolve, reject) => {
    transformDataFrame(steps as never, [...frames]).subscribe({ next: resolve, error: reject });
  });
}

const tables = (): DataFrame[] => [
  frameOf({ Time: [1, 1], namespace: ['a', 'b'], 'Value #A': [1, 2] }),
  frameOf({ Time: [1, 1], namespace: ['b', 'c'], 'Value #B': [3, 4] }, { refId: 'B' }),
];

describe('transformations', () => {
  it('joinByField: the key first, then the others, frame by frame', () => {
    const steps = [{ id: 'joinByField', options: { byField: 'namespace', mode: 'outer' } }];
    const { frames } = run(steps, tables());
    const shown = frames[0] as DataFrame;
    const named = shown.fields.map((field) => [
      getFieldDisplayName(field, shown),
      [...field.values],
    ]);
    assert.deepEqual(Object.fromEntries(named), {
      namespace: ['a', 'b', 'c'],
      'Time 1': [1, 1, undefined],
      'Value #A': [1, 2, undefined],
      'Time 2': [undefined, 1, 1],
      'Value #B': [undefined, 3, 4],
    });
  });

  it('merge: rows with the same key become one', () => {
    const { frames } = run([{ id: 'merge', options: {} }], tables());
    assert.deepEqual(columnsOf(frames[0])['namespace'], ['a', 'b', 'c']);
    assert.deepEqual(columnsOf(frames[0])['Value #B'], [undefined, 3, 4]);
  });

  it('groupBy: columns are named after what was calculated', () => {
    const options = {
      fields: {
        team: { operation: 'groupby', aggregations: [] },
        'Value #A': { operation: 'aggregate', aggregations: ['sum', 'max'] },
      },
    };
    const frame = frameOf({ team: ['x', 'y', 'x'], 'Value #A': [1, 2, 3] });
    const { frames } = run([{ id: 'groupBy', options }], [frame]);
    assert.deepEqual(columnsOf(frames[0]), {
      team: ['x', 'y'],
      'Value #A (sum)': [4, 2],
      'Value #A (max)': [3, 2],
    });
  });

  it('organize: leaves out, orders and renames', () => {
    const options = {
      excludeByName: { Time: true },
      indexByName: { 'Value #A': 0, namespace: 1 },
      renameByName: { 'Value #A': 'CPU' },
    };
    const { frames } = run([{ id: 'organize', options }], tables().slice(0, 1));
    assert.deepEqual(Object.keys(columnsOf(frames[0])), ['CPU', 'namespace']);
  });

  const series = (): DataFrame[] => [
    seriesOf({ pod: 'a', ns: 'x' }, [1, 2, 3], { name: 'cpu' }),
    seriesOf({ pod: 'b', ns: 'x' }, [4, null, 6], { name: 'cpu' }),
  ];
  const f = (name: string, steps: readonly Transformation[], frames: () => DataFrame[]): void =>
    void it(`${name} as @grafana/data does it`, async () => {
      const own = run(steps, frames());
      assert.deepEqual(own.problems, []);
      const want = await reference(steps, frames());
      assert.deepEqual(own.frames.map(columnsOf), want.map(columnsOf));
    });
  f('labelsToFields', [{ id: 'labelsToFields', options: { mode: 'columns' } }], series);
  f('labelsToFields to rows', [{ id: 'labelsToFields', options: { mode: 'rows' } }], series);
  f('reduce', [{ id: 'reduce', options: { reducers: ['max', 'lastNotNull'] } }], series);
  f('seriesToRows', [{ id: 'seriesToRows', options: {} }], series);
  f('sortBy', [{ id: 'sortBy', options: { sort: [{ field: 'namespace', desc: true }] } }], tables);
  f('limit', [{ id: 'limit', options: { limitField: 1 } }], tables);
  f(
    'renameByRegex',
    [{ id: 'renameByRegex', options: { regex: 'Value #(.)', renamePattern: '$1' } }],
    tables,
  );
  f(
    'filterFieldsByName',
    [{ id: 'filterFieldsByName', options: { include: { names: ['namespace'] } } }],
    tables,
  );
  f(
    'calculateField',
    [
      { id: 'merge', options: {} },
      {
        id: 'calculateField',
        options: {
          mode: 'binary',
          binary: { left: 'Value #A', operator: '+', right: 'Value #B' },
          alias: 'sum',
        },
      },
    ],
    tables,
  );
  f(
    'several, one after the other',
    [
      { id: 'seriesToColumns', options: { byField: 'Time' } },
      { id: 'organize', options: { renameByName: { Time: 'When' } } },
    ].map((step) => (step.id === 'seriesToColumns' ? { ...step, id: 'joinByField' } : step)),
    series,
  );
  f(
    'a filter on the second query',
    [{ id: 'limit', filter: { id: 'byRefId', options: 'B' }, options: { limitField: 1 } }],
    tables,
  );
  f(
    'a filter on the first query',
    [{ id: 'limit', filter: { id: 'byRefId', options: 'A' }, options: { limitField: 1 } }],
    tables,
  );

  it('seriesToColumns is joinByField of old', () => {
    const { frames } = run(
      [{ id: 'seriesToColumns', options: { byField: 'namespace' } }],
      tables(),
    );
    assert.equal(frames.length, 1);
  });

  it('skips what is disabled, tells what is unknown or fails, and goes on', () => {
    const steps = [
      { id: 'limit', disabled: true, options: { limitField: 1 } },
      { id: 'moonPhase', options: {} },
      { id: 'limit', options: { limitField: 1 } },
    ];
    const { frames, problems } = run(steps, tables());
    assert.deepEqual(problems, ['Unknown transformation: moonPhase']);
    assert.deepEqual(
      frames.map(({ length }) => length),
      [1, 1],
    );
  });
});
