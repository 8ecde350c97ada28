import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  draftOf,
  emptyDraft,
  headersOf,
  inputOf,
  nextHeader,
  withHeader,
  withoutHeader,
} from './draft.ts';

describe('drafts of data sources', () => {
  it('begin with what most want', () => {
    assert.deepEqual(inputOf(emptyDraft('prometheus', ' p ')).jsonData, { httpMethod: 'POST' });
    assert.equal(inputOf(emptyDraft('prometheus', ' p ')).name, 'p');
  });

  it('keep settings that the form does not know, and send no secret that was not typed', () => {
    const draft = draftOf({
      id: 3,
      uid: 'u',
      name: 'db',
      type: 'postgres',
      url: 'db:5432',
      user: 'reader',
      isDefault: true,
      jsonData: { database: 'shop', sslmode: 'require', timescaledb: true },
      secureJsonFields: { password: true },
      readOnly: false,
      version: 7,
    });
    const input = inputOf(draft, 7);
    assert.deepEqual(input.jsonData, { database: 'shop', sslmode: 'require', timescaledb: true });
    assert.equal(input.secureJsonData, undefined);
    assert.equal(input.version, 7);
    assert.equal(input.uid, 'u');
  });

  it('number their headers, and remove the value with the name', () => {
    let draft = emptyDraft('prometheus', 'p');
    draft = withHeader(draft, nextHeader(draft), 'X-Scope-OrgID');
    draft = withHeader(draft, nextHeader(draft), 'X-Other');
    assert.deepEqual(headersOf(draft), [
      { at: 1, name: 'X-Scope-OrgID' },
      { at: 2, name: 'X-Other' },
    ]);
    draft = withoutHeader(draft, 1);
    assert.deepEqual(headersOf(draft), [{ at: 2, name: 'X-Other' }]);
    assert.deepEqual(draft.secrets, { httpHeaderValue1: '' });
    assert.equal(nextHeader(draft), 3);
  });
});
