import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestQueue } from './request-queue.ts';

const never = new AbortController().signal;

describe('RequestQueue', () => {
  it('runs so many at once, the others in their order', async () => {
    const queue = new RequestQueue(1);
    const started: number[] = [];
    const gate = Promise.withResolvers<void>();
    const work = (order: number, wait: Promise<void> = Promise.resolve()): Promise<void> =>
      queue.run(
        async () => {
          started.push(order);
          await wait;
        },
        never,
        order,
      );
    const all = [work(5, gate.promise), work(3), work(1), work(2)];
    assert.deepEqual(started, [5]);
    gate.resolve();
    await Promise.all(all);
    assert.deepEqual(started, [5, 1, 2, 3]);
  });

  it('goes on after a failure, and lets who waits leave', async () => {
    const queue = new RequestQueue(1);
    const gate = Promise.withResolvers<never>();
    const leaving = new AbortController();
    const first = queue.run(() => gate.promise, never, 0);
    const second = queue.run(async () => 'second', leaving.signal, 1);
    const third = queue.run(async () => 'third', never, 2);
    leaving.abort(new Error('left'));
    await assert.rejects(second, /left/);
    gate.reject(new Error('failed'));
    await assert.rejects(first, /failed/);
    assert.equal(await third, 'third');
    assert.equal(await queue.run(async () => 'free again', never, 3), 'free again');
  });
});
