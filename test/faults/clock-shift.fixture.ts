/**
 * Loaded before the program (`node --import`): its wall clock is off by as many milliseconds as the
 * file NUNCHI_TEST_CLOCK says, and jumps whenever that file changes. The monotonic clock is left alone,
 * as it is by a real jump.
 */
import { readFileSync } from 'node:fs';

const file = process.env['NUNCHI_TEST_CLOCK'];
if (file !== undefined) {
  const now = Date.now.bind(Date);
  let shiftMs = Number(readFileSync(file, 'utf8'));
  setInterval(() => {
    shiftMs = Number(readFileSync(file, 'utf8')) || 0;
  }, 20).unref();
  Date.now = () => now() + shiftMs;
}
