import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskSecrets } from './mask-secrets.ts';

describe('maskSecrets()', () => {
  const cases: readonly (readonly [text: string, kept: string])[] = [
    ['password=hunter22 user=bob', 'password=•••• user=bob'],
    ['{"api_key": "abcdef123"}', '{"api_key": ••••}'],
    ['postgres://bob:s3cret@db/x', 'postgres://bob:••••@db/x'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: •••• ••••'],
    ['xoxb-1234567890-abcdef', '••••'],
    ['AKIAIOSFODNN7EXAMPLE', '••••'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nafter',
      '-----BEGIN PRIVATE KEY----- ••••\nafter',
    ],
    ['nothing to hide: 12 tokens', 'nothing to hide: 12 tokens'],
    // kubectl describe
    ['      DB_PASSWORD:              hunter2', '      DB_PASSWORD:              ••••'],
    ['      DB_PASSWORD_PROD:  hunter2', '      DB_PASSWORD_PROD:  ••••'],
    [
      "DB_PASSWORD:  <set to the key 'p' in secret 'db'>",
      "DB_PASSWORD:  <set to the key 'p' in secret 'db'>",
    ],
    ['password:  16 bytes', 'password:  16 bytes'],
    ['DB_PASS=hunter22 db-pw: hunter22', 'DB_PASS=•••• db-pw: ••••'],
    ['{"SESSION_KEY":"abc","encryptionKey":"abc"}', '{"SESSION_KEY":••••,"encryptionKey":••••}'],
    ['pass: 12 tests, bypass=on, key=value', 'pass: 12 tests, bypass=on, key=value'],
    // kubectl get -o yaml, -o json
    [
      '    - name: DB_PASSWORD\n      value: hunter2 3\n    - name: USER\n      value: bob',
      '    - name: DB_PASSWORD\n      value: ••••\n    - name: USER\n      value: bob',
    ],
    [
      '{"name": "API_TOKEN_V2",\n   "value": "a \\" b"}, {"name": "x"}',
      '{"name": "API_TOKEN_V2",\n   "value": ••••}, {"name": "x"}',
    ],
    [
      '{"name":"AWS_SECRET_ACCESS_KEY","value":"abc"}',
      '{"name":"AWS_SECRET_ACCESS_KEY","value":••••}',
    ],
    ['      secretName: web-tls', '      secretName: web-tls'],
  ];
  for (const [text, kept] of cases) it(text, () => assert.equal(maskSecrets(text), kept));
});
