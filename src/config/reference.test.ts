import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { configReference } from './reference.ts';

describe('docs/config.md', () => {
  it('is what the schema says', () => {
    const written = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
    assert.equal(written, configReference(), 'run: npm run config-reference');
  });
});
