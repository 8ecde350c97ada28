import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withCarried } from './links.ts';

const carried = { variables: 'var-a=1&var-b=x', time: 'from=now-1h&to=now' };

describe('withCarried()', () => {
  const f = (url: string, flags: Parameters<typeof withCarried>[1], want: string) =>
    it(`${url} is ${want}`, () => assert.equal(withCarried(url, flags, carried), want));
  f('/d/x', {}, '/d/x');
  f('/d/x', { keepTime: true }, '/d/x?from=now-1h&to=now');
  f(
    '/d/x?y=1',
    { includeVars: true, keepTime: true },
    '/d/x?y=1&from=now-1h&to=now&var-a=1&var-b=x',
  );
  f(
    'https://example.com/#part',
    { includeVars: true },
    'https://example.com/?var-a=1&var-b=x#part',
  );
});
