import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataFrame } from '@grafana/data';
import { transformationKinds } from '../../../../../src/dashboards/model/transformations.ts';
import { stepForm, stepForms } from './forms.ts';
import { fieldRows, withHiddenField, withMovedField, withRenamedField } from './organize.ts';
import '../../../../../src/dashboards/fields/testing/grafana-in-node.ts';

const { FieldType } = await import('@grafana/data');
const { columnsOf, stepResults } = await import('./step-results.ts');

const frame = (refId: string, pod: string): DataFrame => ({
  refId,
  length: 3,
  fields: [
    { name: 'Time', type: FieldType.time, config: {}, values: [1000, 2000, 3000] },
    {
      name: 'Value',
      type: FieldType.number,
      config: {},
      labels: { pod, city: 'seoul' },
      values: [1, 5, 3],
    },
  ],
});

const frames = [frame('A', 'web-1'), frame('A', 'web-2')];
const asIs = (text: string): string => text;

describe('forms of transformations', () => {
  for (const { id, isSupported } of transformationKinds) {
    if (!isSupported) continue;
    it(`has one for ${id}, and what it begins with can be carried out`, () => {
      const form = stepForm(id);
      assert.ok(form !== undefined);
      const [result] = stepResults([{ id, options: form.preset }], frames, asIs);
      assert.equal(result?.problem, undefined);
    });
  }

  it('has none twice, and conditions name options of the same form', () => {
    assert.equal(new Set(stepForms.map(({ id }) => id)).size, stepForms.length);
    for (const { id, fields } of stepForms) {
      const groups = [
        fields,
        ...fields.flatMap((one) => (one.kind === 'list' ? [one.fields] : [])),
      ];
      for (const group of groups) {
        const paths = group.map(({ path }) => path);
        for (const one of group) {
          if (one.kind === 'list' || one.when === undefined) continue;
          assert.ok(paths.includes(one.when.path), `${id}: ${one.path}`);
        }
      }
    }
  });
});

describe('results of steps', () => {
  it('are those of each step after the one before; what fails says why and passes on', () => {
    const results = stepResults(
      [
        { id: 'reduce', options: { reducers: ['max'] } },
        { id: 'spatial', options: {} },
        { id: 'limit', options: { limitField: 1 } },
      ],
      frames,
      asIs,
    );
    assert.deepEqual(columnsOf(results[0]?.after ?? []).names, ['Field', 'Max']);
    assert.match(results[1]?.problem ?? '', /spatial/);
    assert.equal(results[2]?.before[0]?.length, 2);
    assert.equal(results[2]?.after[0]?.length, 1);
  });

  it('offer names, labels and queries to choose', () => {
    assert.deepEqual(columnsOf(frames), {
      names: ['Time', '{city="seoul", pod="web-1"}', '{city="seoul", pod="web-2"}'],
      labels: ['city', 'pod'],
      refIds: ['A'],
    });
  });
});

describe('organize', () => {
  const columns = ['Time', 'pod', 'Value'];

  it('moves, hides and renames, and the step does so', () => {
    let options = withMovedField(columns, {}, 2, 0);
    options = withHiddenField(options, 'Time', true);
    options = withRenamedField(options, 'pod', 'Pod');
    assert.deepEqual(fieldRows(columns, options), [
      { name: 'Value', newName: '', isHidden: false },
      { name: 'Time', newName: '', isHidden: true },
      { name: 'pod', newName: 'Pod', isHidden: false },
    ]);
    const table: DataFrame = {
      length: 1,
      fields: columns.map((name) => ({
        name,
        type: FieldType.string,
        config: {},
        values: ['x'],
      })),
    };
    const [result] = stepResults([{ id: 'organize', options }], [table], asIs);
    assert.deepEqual(columnsOf(result?.after ?? []).names, ['Value', 'Pod']);
  });

  it('gives names and sight back, and keeps places of fields that are not there', () => {
    const first = { indexByName: { gone: 0, Time: 1 }, excludeByName: { pod: true } };
    const shown = withHiddenField(withMovedField(columns, first, 0, 1), 'pod', false);
    assert.deepEqual(shown, {
      indexByName: { pod: 0, Time: 1, Value: 2, gone: 3 },
      excludeByName: {},
      orderByMode: 'manual',
    });
    const named = withRenamedField({ renameByName: { pod: 'Pod' } }, 'pod', '');
    assert.deepEqual(named, { renameByName: {} });
  });

  it('knows fields that are hidden because others are chosen', () => {
    const options = { includeByName: { Value: true } };
    assert.deepEqual(
      fieldRows(columns, options).map(({ isHidden }) => isHidden),
      [true, true, false],
    );
    const more = withHiddenField(options, 'pod', false);
    assert.deepEqual(more['includeByName'], { Value: true, pod: true });
  });
});
