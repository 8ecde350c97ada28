import assert from 'node:assert/strict';
import { it } from 'node:test';
import { groupChanges, valueText } from './changes.ts';

it('groupChanges() puts changes under the panel they are of, also one in a row', () => {
  const changes = [
    { kind: 'changed', path: 'title', from: 'a', to: 'b' },
    { kind: 'changed', path: 'panels[id=2].title', from: 'Old', to: 'New' },
    { kind: 'added', path: 'panels[id=1].panels[id=3].description', to: 'x' },
    { kind: 'removed', path: 'panels[id=4]', from: {} },
  ] as const;
  const next = {
    panels: [
      { id: 2, title: 'New' },
      { id: 1, panels: [{ id: 3, title: 'In' }, null] },
    ],
  };
  const before = {
    panels: [
      { id: 2, title: 'Old' },
      { id: 4, title: 'Gone' },
    ],
  };
  const groups = groupChanges(changes, next, before);
  assert.deepEqual(
    groups.map(({ panel, changes: own }) => [panel?.title, own.length]),
    [
      [undefined, 1],
      ['New', 1],
      ['In', 1],
      ['Gone', 1],
    ],
  );
});

it('valueText() is bounded', () => {
  assert.equal(valueText('a\nb'), 'a\nb');
  assert.equal(valueText({ a: 1 }), '{\n  "a": 1\n}');
  assert.equal(valueText('x'.repeat(9000)).length, 2001);
});
