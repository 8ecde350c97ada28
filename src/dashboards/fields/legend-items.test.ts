import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterClick, type LegendItem, sortItems } from './legend-items.ts';

const items = ['a', 'b', 'c'].map((key) => ({ key }));

describe('a click on a legend', () => {
  const f = (name: string, hidden: string, key: string, isToggle: boolean, want: string): void =>
    void it(name, () => {
      const after = afterClick(items, new Set(hidden), key, isToggle);
      assert.equal([...after].sort().join(''), want);
    });
  f('shows one alone', '', 'a', false, 'bc');
  f('on the one that is alone shows all', 'bc', 'a', false, '');
  f('on another shows that one alone', 'bc', 'b', false, 'ac');
  f('with the key hides one', '', 'a', true, 'a');
  f('with the key shows one again', 'a', 'a', true, '');
  f('never hides all', 'ab', 'c', true, '');
});

describe('the order of a legend', () => {
  const item = (name: string, numeric: number): LegendItem => ({
    key: name,
    name,
    color: '',
    values: [{ title: 'Max', text: '', numeric }],
  });
  const all = [item('pod-10', 1), item('pod-2', Number.NaN), item('pod-1', 3)];
  const f = (by: string, desc: boolean, want: readonly string[]): void =>
    void it(`by ${by}${desc ? ', descending' : ''}`, () =>
      assert.deepEqual(
        sortItems(all, by, desc, '이름').map(({ name }) => name),
        want,
      ));
  f('', false, ['pod-10', 'pod-2', 'pod-1']);
  f('Max', true, ['pod-1', 'pod-10', 'pod-2']);
  f('Max', false, ['pod-10', 'pod-1', 'pod-2']);
  f('Name', false, ['pod-1', 'pod-2', 'pod-10']);
  f('이름', true, ['pod-10', 'pod-2', 'pod-1']);
});
