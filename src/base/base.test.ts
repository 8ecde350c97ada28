import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from './clock.ts';
import { AppError, describeError, invariant, isAppError } from './errors.ts';
import { createLogger } from './logging.ts';
import { backoffMs } from './retry.ts';

describe('describeError()', () => {
  it('joins the causes and leaves out repeats', () => {
    const error = new Error('outer', { cause: new Error('outer', { cause: new Error('root') }) });
    assert.equal(describeError(error), 'outer: root');
    const wrapped = new Error('GET http://x: refused', { cause: new Error('refused') });
    assert.equal(describeError(wrapped), 'GET http://x: refused');
  });

  it('ends on a cause that points back at itself', () => {
    const error = new Error('loop');
    error.cause = error;
    assert.equal(describeError(error), 'loop');
  });
});

describe('AppError', () => {
  it('is told apart by its code', () => {
    const error = new AppError('STORE_FULL', 'No room');
    assert.equal(isAppError(error), true);
    assert.equal(isAppError(error, 'STORE_FULL'), true);
    assert.equal(isAppError(error, 'OTHER'), false);
    assert.equal(isAppError(new Error('STORE_FULL')), false);
  });

  it('invariant() throws what nobody expects', () => {
    assert.throws(() => invariant(false, 'broken'), { name: 'BugError' });
  });
});

describe('backoffMs()', () => {
  it('doubles, stops at the maximum, and stays between half and all of it', () => {
    const options = { baseMs: 100, maxMs: 1000 };
    assert.equal(
      backoffMs(0, options, () => 0),
      50,
    );
    assert.equal(
      backoffMs(2, options, () => 1),
      400,
    );
    assert.equal(
      backoffMs(99, options, () => 1),
      1000,
    );
  });
});

describe('ManualClock', () => {
  it('wakes sleepers in the order of their deadlines', async () => {
    const clock = new ManualClock();
    const woken: string[] = [];
    void clock.sleep(20).then(() => woken.push('late'));
    void clock.sleep(10).then(() => woken.push('early'));
    await clock.advance(30);
    assert.deepEqual(woken, ['early', 'late']);
  });
});

describe('createLogger()', () => {
  it('writes one JSON object a line with module, fields and the chain of causes', () => {
    const lines: string[] = [];
    const problems: string[] = [];
    const log = createLogger({
      write: (line) => lines.push(line),
      onProblem: (level, module) => problems.push(`${level}:${module}`),
    }).child('store');
    log.warn('Segment set aside', { path: 'a.parquet', err: new Error('x', { cause: 'y' }) });
    log.debug('not shown');
    const entry = JSON.parse(lines[0]!);
    assert.equal(lines.length, 1);
    assert.equal(entry.level, 'warn');
    assert.equal(entry.module, 'store');
    assert.equal(entry.msg, 'Segment set aside');
    assert.equal(entry.path, 'a.parquet');
    assert.equal(entry.err.message, 'x');
    assert.deepEqual(problems, ['warn:store']);
  });
});
