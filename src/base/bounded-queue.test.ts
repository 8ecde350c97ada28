import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BoundedQueue } from './bounded-queue.ts';

describe('BoundedQueue', () => {
  it('takes one item of any weight while empty', () => {
    const queue = new BoundedQueue<string>(10);
    assert.equal(queue.tryPush('huge', 99), true);
    assert.equal(queue.tryPush('small', 1), false);
  });

  it('push() waits for room and shift() for an item', async () => {
    const queue = new BoundedQueue<number>(1);
    const taken = queue.shift();
    await queue.push(1);
    assert.equal(await taken, 1);
    await queue.push(2);
    let entered = false;
    const waiting = queue.push(3).then(() => {
      entered = true;
    });
    await Promise.resolve();
    assert.equal(entered, false);
    assert.equal(queue.tryShift(), 2);
    await waiting;
    assert.equal(await queue.shift(), 3);
  });

  it('close() refuses new items and gives out the old ones, then undefined', async () => {
    const queue = new BoundedQueue<number>(5);
    await queue.push(1);
    queue.close();
    assert.equal(await queue.push(2), false);
    assert.equal(await queue.shift(), 1);
    assert.equal(await queue.shift(), undefined);
  });

  it('a waiting push() ends with the signal', async () => {
    const queue = new BoundedQueue<number>(1);
    await queue.push(1);
    const abort = new AbortController();
    const waiting = queue.push(2, 1, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });

  it('never holds more than its bound, and gives items in order', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 1, max: 5 }), { nil: null })), (steps) => {
        const queue = new BoundedQueue<number>(10);
        const model: { item: number; weight: number }[] = [];
        steps.forEach((weight, item) => {
          if (weight === null) {
            assert.equal(queue.tryShift(), model.shift()?.item);
          } else {
            const held = model.reduce((sum, other) => sum + other.weight, 0);
            const fits = model.length === 0 || held + weight <= 10;
            assert.equal(queue.tryPush(item, weight), fits);
            if (fits) model.push({ item, weight });
          }
          assert.equal(
            queue.weight,
            model.reduce((sum, other) => sum + other.weight, 0),
          );
        });
      }),
    );
  });
});
