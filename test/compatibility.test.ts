import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { compatibilityReport, withReport } from '../scripts/compatibility.ts';

const data = process.env['NUNCHI_TEST_DATA'];
const skip =
  data === undefined || data === '' || !existsSync(join(data, 'dashboards'))
    ? 'NUNCHI_TEST_DATA has no dashboards (test_data)'
    : false;

it('docs/compatibility.md says what is measured', { skip }, () => {
  const page = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8');
  assert.equal(page, withReport(page, compatibilityReport(data!)), 'run: npm run compatibility');
});
