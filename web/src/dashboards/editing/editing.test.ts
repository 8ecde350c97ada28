import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Variable } from '../../../../src/dashboards/model/contract.ts';
import { copyOf, newDashboard, storedDashboard, withCurrentValues } from './document.ts';
import { dashboardOf, panelAt, rowAt } from './editing.fixture.ts';
import { changed, redone, startHistory, undone } from './history.ts';
import { moved } from './lists.ts';
import { mappingRows, mappingsOf } from './mappings.ts';
import { valueAt, withValueAt } from './paths.ts';
import { addQuery, duplicateQuery, moveQuery, removeQuery, withDataSource } from './queries.ts';
import { addThreshold, withSortedSteps } from './thresholds.ts';
import {
  nameProblem,
  newVariable,
  queryTextOf,
  withQueryText,
  withVariableType,
} from './variables.ts';

describe('paths', () => {
  it('reads, writes and takes away without touching the rest', () => {
    const object = { legend: { showLegend: true, calcs: ['max'] }, tooltip: { mode: 'multi' } };
    assert.equal(valueAt(object, 'legend.showLegend'), true);
    assert.equal(valueAt(object, 'legend.calcs.0'), undefined);
    const next = withValueAt(object, 'legend.placement', 'right');
    assert.deepEqual(next['legend'], { showLegend: true, calcs: ['max'], placement: 'right' });
    assert.equal(next['tooltip'], object.tooltip);
    assert.deepEqual(withValueAt(object, 'tooltip.mode', undefined), { legend: object.legend });
    assert.deepEqual(withValueAt(undefined, 'a.b', 1), { a: { b: 1 } });
    assert.deepEqual(valueAt({}, 'constructor'), undefined);
  });
});

describe('lists', () => {
  it('moves as far as the list goes', () => {
    assert.deepEqual(moved(['a', 'b', 'c'], 0, 1), ['b', 'a', 'c']);
    assert.deepEqual(moved(['a', 'b', 'c'], 1, 9), ['a', 'c', 'b']);
    assert.deepEqual(moved(['a', 'b', 'c'], 0, -1), ['a', 'b', 'c']);
    assert.deepEqual(moved(['a'], 4, 1), ['a']);
  });
});

describe('history', () => {
  it('takes steps back and forth; steps of one name are one', () => {
    let history = startHistory('');
    for (const text of ['a', 'ab', 'abc']) history = changed(history, text, 'title');
    history = changed(history, 'abc!', 'unit');
    assert.equal(undone(history).present, 'abc');
    assert.equal(undone(undone(history)).present, '');
    assert.equal(undone(undone(undone(history))).present, '');
    assert.equal(redone(undone(history)).present, 'abc!');
    assert.equal(changed(history, 'abc!'), history);
    const other = changed(undone(history), 'new');
    assert.equal(redone(other), other);
  });

  it('forgets the oldest steps', () => {
    let history = startHistory(0);
    for (let step = 1; step <= 300; step++) history = changed(history, step);
    assert.equal(history.past.length, 100);
  });
});

describe('queries', () => {
  const panel = panelAt(1, [0, 0, 12, 8], {
    datasource: { type: 'prometheus', uid: 'p' },
    targets: [
      { refId: 'A', expr: 'up', datasource: { type: 'prometheus', uid: 'p' } },
      { refId: 'C', expr: 'down' },
    ],
  });

  it('adds, copies, moves and removes with ids that are free', () => {
    assert.equal(addQuery(panel).targets?.[2]?.refId, 'B');
    const copied = duplicateQuery(panel, 0).targets?.map(({ refId, ['expr']: expr }) => [
      refId,
      expr,
    ]);
    assert.deepEqual(copied, [
      ['A', 'up'],
      ['B', 'up'],
      ['C', 'down'],
    ]);
    assert.deepEqual(
      moveQuery(panel, 1, -1).targets?.map(({ refId }) => refId),
      ['C', 'A'],
    );
    assert.deepEqual(
      removeQuery(panel, 0).targets?.map(({ refId }) => refId),
      ['C'],
    );
  });

  it('keeps queries for a data source of the same kind, begins anew for another', () => {
    const same = withDataSource(panel, { type: 'prometheus', uid: 'q' });
    assert.equal(same.targets?.[0]?.['expr'], 'up');
    assert.equal(same.targets?.[1]?.datasource?.uid, 'q');
    const other = withDataSource(panel, { type: 'cloudwatch', uid: 'logs' });
    assert.deepEqual(other.targets?.[0], {
      refId: 'A',
      datasource: { type: 'cloudwatch', uid: 'logs' },
    });
    const mixed = withDataSource(panel, { type: 'datasource', uid: '-- Mixed --' });
    assert.equal(mixed.targets?.[1]?.datasource?.uid, 'p');
    assert.equal(mixed.targets?.[1]?.['expr'], 'down');
  });
});

describe('documents', () => {
  it('keeps library panels as references, in closed rows too', () => {
    const library = panelAt(2, [0, 1, 12, 8], {
      libraryPanel: { uid: 'lib', name: 'Shared' },
      targets: [{ refId: 'A', expr: 'up' }],
    });
    const dashboard = dashboardOf(rowAt(1, 0, { collapsed: true, panels: [library] }));
    const inner = storedDashboard(dashboard).panels[0]?.panels?.[0];
    assert.equal(inner?.targets, undefined);
    assert.deepEqual(inner?.libraryPanel, { uid: 'lib', name: 'Shared' });
  });

  it('makes a copy nobody has yet', () => {
    const copy = copyOf({ ...newDashboard('A'), uid: 'a', version: 3, id: 9 }, 'B');
    assert.deepEqual(
      [copy.title, copy.uid, copy.version, copy['id']],
      ['B', undefined, undefined, undefined],
    );
  });
});

describe('thresholds and mappings', () => {
  it('adds a step above the highest and sorts', () => {
    const base = { mode: 'absolute', steps: [{ value: null, color: 'green' }] } as const;
    const once = addThreshold(base);
    assert.deepEqual(once.steps[1], { value: 80, color: 'yellow' });
    const twice = addThreshold(once);
    assert.equal(twice.steps[2]?.value, 90);
    const turned = withSortedSteps({ ...twice, steps: twice.steps.toReversed() });
    assert.deepEqual(turned.steps, twice.steps);
  });

  it('gives back the mappings that it read', () => {
    const mappings = [
      { type: 'value', options: { '1': { text: 'Up', color: 'green', index: 0 } } },
      { type: 'range', options: { from: 2, to: null, result: { text: 'Many', index: 1 } } },
      { type: 'regex', options: { pattern: '^x', result: { text: 'X', index: 2 } } },
      { type: 'special', options: { match: 'null', result: { text: '–', index: 3 } } },
    ];
    assert.deepEqual(mappingsOf(mappingRows(mappings)), mappings);
    assert.deepEqual(mappingRows('nothing'), []);
  });
});

describe('variables', () => {
  const list: Variable[] = [
    { name: 'var1', type: 'custom', query: 'a' },
    { name: 'city', type: 'query', query: { query: 'label_values(city)', refId: 'A' } },
  ];

  it('finds a free name and says what is wrong with one', () => {
    assert.equal(newVariable(list).name, 'var2');
    assert.equal(nameProblem('city', list, 0), 'taken');
    assert.equal(nameProblem('city', list, 1), undefined);
    for (const name of ['', 'a b', '$x', '__from']) assert.equal(nameProblem(name, list, 0), 'bad');
  });

  it('reads and writes queries in the form that the document has', () => {
    assert.equal(queryTextOf(list[1]!), 'label_values(city)');
    assert.deepEqual(withQueryText(list[1]!, 'label_names()').query, {
      query: 'label_names()',
      refId: 'A',
    });
    assert.equal(withQueryText(list[0]!, 'b').query, 'b');
  });

  it('keeps name and label with another type', () => {
    const next = withVariableType({ ...list[0]!, label: 'One', multi: true }, 'interval');
    assert.deepEqual(
      [next.name, next.label, next.type, next.multi],
      ['var1', 'One', 'interval', undefined],
    );
  });
});

describe('values of the day as those to begin with', () => {
  const city = { name: 'city', type: 'custom', query: 'a,b', current: { text: 'a', value: 'a' } };
  const where = { name: 'where', type: 'adhoc', filters: [] };
  const fixed = { name: 'fixed', type: 'constant', query: 'x' };
  const dashboard = { ...dashboardOf(), templating: { list: [city, where, fixed] } };
  const stateOf = (variable: object, value: string, more: object = {}) =>
    ({ variable, value, text: value, options: [], isAll: false, key: '', ...more }) as never;
  const filter = { key: 'pod', operator: '=', value: 'web' };

  it('are written where they differ, filters too; constants are not', () => {
    const states = new Map([
      ['city', stateOf(city, 'b')],
      ['where', stateOf(where, '', { filters: [filter] })],
      ['fixed', stateOf(fixed, 'x')],
    ]);
    assert.deepEqual(withCurrentValues(dashboard, states).templating.list, [
      { ...city, current: { text: 'b', value: 'b' } },
      { ...where, filters: [filter] },
      fixed,
    ]);
  });

  it('leave the dashboard the same object where they do not', () => {
    const states = new Map([
      ['city', stateOf(city, 'a')],
      ['where', stateOf(where, '', { filters: [] })],
    ]);
    assert.equal(withCurrentValues(dashboard, states), dashboard);
  });
});
