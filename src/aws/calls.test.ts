import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CallsInFlight } from './calls.ts';

it('admit() throttles beyond 256 MiB, and takes more once room is back', () => {
  const calls = new CallsInFlight();
  const mebibyte = 1024 * 1024;
  const releases = Array.from({ length: 32 }, () => calls.admit(8 * mebibyte));
  assert.throws(() => calls.admit(1), { code: 'ThrottlingException', message: 'Rate exceeded' });
  releases[0]?.();
  calls.admit(8 * mebibyte);
});

it('stop() ends calls that run and calls that come', () => {
  const calls = new CallsInFlight();
  const running = calls.start(undefined);
  const ended = calls.start(1000);
  ended.end();
  calls.stop();
  assert.equal(running.signal.aborted, true);
  assert.equal(calls.start(1000).signal.aborted, true);
  assert.equal(calls.isStopping, true);
});
