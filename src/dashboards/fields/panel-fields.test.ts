import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import type { FieldConfigSource, Panel } from '#dashboards/model';
import type { Interpolate } from './contract.ts';
import { frameOf, seriesOf } from './testing/frames.fixture.ts';
import './testing/grafana-in-node.ts';

const { formattedValueToString, getFieldDisplayName, getFieldSeriesColor } = await import(
  '@grafana/data'
);
const { panelFields } = await import('./panel-fields.ts');

const interpolate: Interpolate = (text, scopedVars) =>
  text
    .replaceAll('$namespace', 'shop')
    .replace(/\$\{(__macro)(?::\w+)?\}/g, (_, name: string) => String(scopedVars?.[name]?.value));

function fieldsOf(
  frames: readonly DataFrame[],
  config: Partial<FieldConfigSource> = {},
  transformations: Panel['transformations'] = [],
): DataFrame[] {
  const panel: Panel = {
    id: 1,
    type: 'timeseries',
    gridPos: { x: 0, y: 0, w: 1, h: 1 },
    options: {},
    fieldConfig: { defaults: {}, overrides: [], ...config },
    transformations,
  };
  return panelFields({
    panel,
    frames,
    interpolate,
    timeZone: 'utc',
    isDark: true,
    defaults: { color: { mode: 'palette-classic' } },
  }).frames;
}

const namesOf = (frames: readonly DataFrame[]): string[] =>
  frames.flatMap((frame) =>
    frame.fields
      .filter((field) => field.type === 'number')
      .map((field) => getFieldDisplayName(field, frame, [...frames])),
  );

describe('display names', () => {
  const f = (name: string, frames: readonly DataFrame[], want: readonly string[]): void =>
    void it(name, () => assert.deepEqual(namesOf(fieldsOf(frames)), want));
  f('are labels', [seriesOf({ ns: 'n', pod: 'a' }, [1])], ['{ns="n", pod="a"}']);
  f(
    'are the value of the only label',
    [seriesOf({ pod: 'a' }, [1]), seriesOf({ pod: 'b' }, [1])],
    ['a', 'b'],
  );
  f('are what the data source says', [seriesOf({ pod: 'a' }, [1], { legend: 'x' })], ['x']);
  f('begin with the metric', [seriesOf({ pod: 'a' }, [1], { name: 'up' })], ['up a']);
  it('of the config win, and those of an override win over its defaults', () => {
    const frames = [seriesOf({ pod: 'a' }, [1], { legend: 'x' })];
    const defaults = { displayName: 'all of $namespace' };
    assert.deepEqual(namesOf(fieldsOf(frames, { defaults })), ['all of shop']);
    const overrides = [
      {
        matcher: { id: 'byName', options: 'x' },
        properties: [{ id: 'displayName', value: 'one' }],
      },
    ];
    assert.deepEqual(namesOf(fieldsOf(frames, { defaults: {}, overrides })), ['one']);
  });
});

describe('overrides', () => {
  const frames = (): DataFrame[] => [
    seriesOf({ pod: 'a' }, [1], { legend: 'cpu a' }),
    seriesOf({ pod: 'b' }, [2], { legend: 'cpu b', refId: 'B' }),
  ];
  const f = (
    name: string,
    matcher: { id: string; options?: unknown },
    want: readonly string[],
  ): void =>
    void it(name, () => {
      const overrides = [{ matcher, properties: [{ id: 'unit', value: 'bytes' }] }];
      const units = fieldsOf(frames(), { overrides }).flatMap((frame) =>
        frame.fields.filter(({ type }) => type === 'number').map(({ config }) => config.unit ?? ''),
      );
      assert.deepEqual(units, want);
    });
  f('by name', { id: 'byName', options: 'cpu a' }, ['bytes', '']);
  f('by pattern', { id: 'byRegexp', options: '/b$/' }, ['', 'bytes']);
  f('by query', { id: 'byFrameRefID', options: 'B' }, ['', 'bytes']);
  f('by names', { id: 'byNames', options: { mode: 'exclude', names: ['cpu a'] } }, ['', 'bytes']);
  f('by type', { id: 'byType', options: 'number' }, ['bytes', 'bytes']);
  f('of a matcher that nobody knows', { id: 'byMoon' }, ['', '']);

  it('come in their order: the last wins', () => {
    const matcher = { id: 'byName', options: 'cpu a' };
    const overrides = [
      { matcher, properties: [{ id: 'decimals', value: 1 }] },
      { matcher, properties: [{ id: 'decimals', value: 3 }] },
    ];
    assert.equal(fieldsOf(frames(), { overrides })[0]?.fields[1]?.config.decimals, 3);
  });

  it('of custom options reach the field, and nothing reaches what was answered', () => {
    const answered = frames();
    const overrides = [
      {
        matcher: { id: 'byRegexp', options: '/a/' },
        properties: [{ id: 'custom.transform', value: 'negative-Y' }],
      },
    ];
    const defaults = { custom: { fillOpacity: 10 } };
    const [first, second] = fieldsOf(answered, { defaults, overrides });
    assert.deepEqual(first?.fields[1]?.config.custom, { fillOpacity: 10, transform: 'negative-Y' });
    assert.deepEqual(second?.fields[1]?.config.custom, { fillOpacity: 10 });
    assert.deepEqual(answered[0]?.fields[1]?.config, { displayNameFromDS: 'cpu a' });
  });
});

describe('configs as people write them', () => {
  const colorOf = (frame: DataFrame | undefined): string | undefined =>
    frame?.fields[1]?.display?.(frame.fields[1].values[0]).color;

  it('a colour that is a bare string is fixed', () => {
    const overrides = [
      { matcher: { id: 'byName', options: 'x' }, properties: [{ id: 'color', value: '#56A64B' }] },
    ];
    const [frame] = fieldsOf([seriesOf({}, [1], { legend: 'x' })], { overrides });
    assert.equal(colorOf(frame)?.toUpperCase(), '#56A64B');
  });

  const thresholds = (steps: readonly object[], mode?: string): FieldConfigSource['defaults'] =>
    ({
      color: { mode: 'thresholds' },
      thresholds: { ...(mode === undefined ? {} : { mode }), steps },
    }) as never;

  const f = (
    name: string,
    defaults: FieldConfigSource['defaults'],
    value: number,
    want: string,
  ): void =>
    void it(name, () => {
      const [frame] = fieldsOf([seriesOf({}, [value])], { defaults });
      assert.equal(colorOf(frame)?.toUpperCase(), want);
    });
  const steps = [
    { value: null, color: 'green' },
    { value: 80, color: 'red' },
  ];
  f('thresholds: below', thresholds(steps, 'absolute'), 79.9, '#73BF69');
  f('thresholds: on the step', thresholds(steps, 'absolute'), 80, '#F2495C');
  f('thresholds without a mode', thresholds(steps), 81, '#F2495C');
  f(
    'thresholds in percent of the range',
    { ...thresholds(steps, 'percentage'), min: 0, max: 1000 },
    790,
    '#73BF69',
  );
  f(
    'thresholds out of order',
    thresholds([steps[0] as object, { value: 90, color: 'red' }, { value: 50, color: 'blue' }]),
    60,
    '#5794F2',
  );

  const textOf = (mappings: readonly unknown[], value: unknown): string => {
    const [frame] = fieldsOf([frameOf({ Time: [1], Value: [value] })], { defaults: { mappings } });
    const field = frame?.fields[1];
    return formattedValueToString(field?.display?.(field.values[0]) ?? { text: '' });
  };
  it('bounds and decimals that are no numbers are none, texts of numbers are', () => {
    const f = (defaults: object) =>
      fieldsOf([seriesOf({}, [1])], { defaults: defaults as never })[0]?.fields[1]?.config;
    const bad = f({ min: 'x', max: {}, decimals: 'many' });
    assert.deepEqual([bad?.min, bad?.max, bad?.decimals], [undefined, undefined, undefined]);
    const texts = f({ min: '-1.5', max: '10', decimals: '99' });
    assert.deepEqual([texts?.min, texts?.max, texts?.decimals], [-1.5, 10, 17]);
  });

  it('mappings of all kinds, the first that matches wins', () => {
    const value = { type: 'value', options: { '1': { text: 'one' } } };
    const range = { type: 'range', options: { from: 0, to: 10, result: { text: 'few' } } };
    assert.equal(textOf([value, range], 1), 'one');
    assert.equal(textOf([value, range], 10), 'few');
    assert.equal(
      textOf([{ type: 'range', options: { from: 5, to: null, result: { text: 'many' } } }], 1e9),
      'many',
    );
    assert.equal(
      textOf(
        [{ type: 'regex', options: { pattern: '^(.*)-0$', result: { text: '$1' } } }],
        'mail-0',
      ),
      'mail',
    );
    assert.equal(
      textOf([{ type: 'special', options: { match: 'null', result: { text: 'gone' } } }], null),
      'gone',
    );
  });
  it('mappings of old versions', () => {
    assert.equal(textOf([{ type: 1, value: '1', text: 'up' }], 1), 'up');
    assert.equal(textOf([{ type: 2, from: '0', to: '5', text: 'low' }], 3), 'low');
    assert.equal(textOf([{ type: 1, value: 'null', text: 'none' }], null), 'none');
  });

  it('has the text for nothing', () => {
    const [frame] = fieldsOf([seriesOf({}, [null])], { defaults: { noValue: 'none yet' } });
    const field = frame?.fields[1];
    assert.equal(field?.display?.(null).text, 'none yet');
  });
});

it('gives palette colours by the running number of fields', () => {
  const frames = fieldsOf(['a', 'b', 'c'].map((pod) => seriesOf({ pod }, [1])));
  const { theme } = panelFields({
    panel: { fieldConfig: { defaults: {}, overrides: [] } } as unknown as Panel,
    frames: [],
    interpolate,
    timeZone: 'utc',
    isDark: true,
    defaults: {},
  });
  assert.deepEqual(
    frames.map((frame) => getFieldSeriesColor(frame.fields[1] as never, theme).color.toUpperCase()),
    ['#73BF69', '#F2CC0C', '#5794F2'],
  );
});

describe('data links', () => {
  const linkOf = (url: string, row = 0): string | undefined => {
    const frames = [
      frameOf(
        { Time: [5, 6], Namespace: ['shop', 'a b&c'], 'Value #A': [1.5, 2] },
        { name: 'usage' },
      ),
    ];
    const [frame] = fieldsOf(frames, {
      defaults: { unit: 'percent', links: [{ title: '', url }] },
    });
    return frame?.fields[2]?.getLinks?.({ valueRowIndex: row })[0]?.href;
  };
  const f = (url: string, want: string, row = 0): void =>
    void it(url, () => assert.equal(linkOf(url, row), want));
  f('https://x/?v=${__value.raw}', 'https://x/?v=1.5');
  f('https://x/?v=${__value.text}', 'https://x/?v=1.50%');
  f('https://x/?v=${__value.time}', 'https://x/?v=5');
  f('https://x/?n=${__data.fields.Namespace}', 'https://x/?n=shop');
  f('https://x/?n=${__data.fields["Value #A"]}', 'https://x/?n=2', 1);
  f('https://x/?n=${__data.fields[1]}', 'https://x/?n=shop');
  f('https://x/?n=${__data.fields.Absent}', 'https://x/?n=${__data.fields.Absent}');
  f('https://x/?n=${__field.name}&s=${__series.name}', 'https://x/?n=Value%20#A&s=usage');
  f('https://x/?ns=$namespace', 'https://x/?ns=shop');
  f('/d/pods?var-ns=$namespace', 'http://localhost/d/pods?var-ns=shop');
  f('javascript:alert(1)', 'about:blank');
});
