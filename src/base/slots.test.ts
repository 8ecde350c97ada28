import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Slots } from './slots.ts';

describe('Slots', () => {
  it('lets a bounded number in, the others in their order, and forgets who gave up', async () => {
    const slots = new Slots(() => 1);
    const never = new AbortController().signal;
    const first = await slots.take(never);
    const entered: string[] = [];
    const leaving = new AbortController();
    const gone = slots.take(leaving.signal);
    const second = slots.take(never).then((slot) => {
      entered.push('second');
      return slot;
    });
    const third = slots.take(never).then((slot) => {
      entered.push('third');
      return slot;
    });
    leaving.abort(new DOMException('gone', 'AbortError'));
    await assert.rejects(gone, { name: 'AbortError' });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    (await third)[Symbol.dispose]();
    assert.deepEqual(entered, ['second', 'third']);
    (await slots.take(never))[Symbol.dispose]();
    await assert.rejects(slots.take(leaving.signal), { name: 'AbortError' });
  });
});
