import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFiltered } from './is-filtered.ts';

describe('isFiltered()', () => {
  const none = { namespace: '', search: '', health: '', labels: '' };
  const f = (what: string, filters: object, scope: Record<string, string>, want: boolean): void =>
    void it(what, () => assert.equal(isFiltered({ ...none, ...filters }, scope), want));
  f('no filter', {}, {}, false);
  f('a text', { search: 'web' }, {}, true);
  f('a namespace that is picked', { namespace: 'shop' }, {}, true);
  f('the namespace that the page is about', { namespace: 'shop' }, { namespace: 'shop' }, false);
  f('a state on such a page', { namespace: 'shop', health: 'idle' }, { namespace: 'shop' }, true);
});
