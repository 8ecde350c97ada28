import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chipsOf } from './chip-fields.ts';

describe('chipsOf()', () => {
  it('tells the sentence first, and what is the same on every line last', () => {
    const { main, chips } = chipsOf([
      ['kind', 'Event'],
      ['msg', 'order stored'],
      ['level', 'info'],
      ['orderId', 'o-1'],
    ]);
    assert.deepEqual(main, [['msg', 'order stored']]);
    assert.deepEqual(chips, [
      ['orderId', 'o-1'],
      ['kind', 'Event'],
    ]);
  });
  it('takes what an agent put around a line off it', () => {
    const { main, chips } = chipsOf([
      ['log', '{"message":"mail sent","to":"a"}'],
      ['stream', 'stdout'],
      ['log_processed.message', 'mail sent'],
      ['log_processed.to', 'a'],
      ['kubernetes.pod_name', 'web-1'],
    ]);
    assert.deepEqual(main, [['message', 'mail sent']]);
    assert.deepEqual(chips, [
      ['to', 'a'],
      ['stream', 'stdout'],
      ['kubernetes.pod_name', 'web-1'],
    ]);
  });
  it('counts what it leaves out', () => {
    const fields = Array.from({ length: 20 }, (_, i) => [`k${i}`, 'v'] as const);
    assert.equal(chipsOf(fields).more, 4);
  });
});
