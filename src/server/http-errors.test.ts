import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '#base';
import { statusOfError } from './index.ts';

describe('statusOfError()', () => {
  const f = (error: unknown, want: number): void =>
    void it(String(error), () => assert.equal(statusOfError(error), want));
  f(new AppError('STORE_FULL', 'full'), 503);
  f(new AppError('QUERY_INVALID', 'wrong'), 400);
  f(new AppError('GROUP_NOT_FOUND', 'none'), 404);
  f(new AppError('SOMETHING_ELSE', 'odd'), 500);
  f(Object.assign(new Error('too large'), { statusCode: 413 }), 413);
  f(new DOMException('The client went away', 'AbortError'), 499);
  f(new DOMException('The operation timed out', 'TimeoutError'), 500);
  f(new Error('bug'), 500);
  f(undefined, 500);
});
