import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueryGate } from './gate.ts';

const never = new AbortController().signal;

describe('QueryGate', () => {
  it('lets as many run as it says, the others in their order', async () => {
    const gate = new QueryGate(2);
    const order: number[] = [];
    const turns = [1, 2, 3, 4].map(async (number) => {
      const turn = await gate.enter(never, 60_000);
      order.push(number);
      return turn;
    });
    const first = await turns[0]!;
    await turns[1];
    assert.deepEqual([order, gate.running, gate.waiting], [[1, 2], 2, 2]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    (await turns[2]!)[Symbol.dispose]();
    (await turns[3]!)[Symbol.dispose]();
    assert.deepEqual([order, gate.running, gate.waiting], [[1, 2, 3, 4], 1, 0]);
  });

  it('gives up on those who wait too long or go away, and keeps no place for them', async () => {
    const gate = new QueryGate(1);
    const turn = await gate.enter(never, 60_000);
    const stop = new AbortController();
    const gone = gate.enter(stop.signal, 60_000);
    await assert.rejects(gate.enter(never, 1), {
      code: 'PROMQL_TIMEOUT',
      message: 'query timed out in query queue',
    });
    stop.abort();
    await assert.rejects(gone, { code: 'PROMQL_CANCELED' });
    await assert.rejects(gate.enter(stop.signal, 1000), { code: 'PROMQL_CANCELED' });
    turn[Symbol.dispose]();
    assert.deepEqual([gate.running, gate.waiting], [0, 0]);
  });
});
