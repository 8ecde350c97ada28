import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkDocument } from './check-document.ts';

describe('checkDocument()', () => {
  const f = (document: unknown, ...wanted: readonly string[]): void =>
    void it(wanted.join(', ') || 'nothing to say', () =>
      assert.deepEqual(
        checkDocument(document, 'shop').map(({ path, kind }) => `${path} ${kind}`),
        wanted,
      ),
    );
  f({ title: 'Shop', uid: 'shop', panels: [{ id: 1, type: 'stat', gridPos: { x: 0, w: 24 } }] });
  f({ title: 'Shop', refresh: false, panels: [{ libraryPanel: { uid: 'a' } }, {}] });
  f({ title: 'x', panels: [{ type: '' }] }, 'panels[0].type notEmpty');
  f([], ' document');
  f({ title: ' ', uid: 'other' }, 'title notEmpty', 'uid otherUid');
  f({ title: 'x', tags: 'a', time: { from: 'now-1h' } }, 'time.to text', 'tags list');
  f({ title: 'x', timezone: 'Mars/Olympus' }, 'timezone zone');
  f(
    { title: 'x', panels: [{ id: 1, type: 'row', panels: [{ id: 1, type: 'stat' }] }, 'y'] },
    'panels[0].panels[0].id taken',
    'panels[1] object',
  );
  f(
    { title: 'x', panels: [{ type: 'stat', gridPos: { x: 20, w: 8, h: '4' }, targets: [1] }] },
    'panels[0].gridPos.h number',
    'panels[0].gridPos wide',
    'panels[0].targets[0] object',
  );
  f(
    { title: 'x', templating: { list: [{ name: 'a' }, { name: 'a' }, {}] }, annotations: [] },
    'templating.list[1].name taken',
    'templating.list[2].name notEmpty',
    'annotations object',
  );
  it('ends with the fiftieth', () => {
    const panels = Array.from({ length: 200 }, () => 1);
    assert.equal(checkDocument({ title: 'x', panels }, 'shop').length, 50);
  });
});
