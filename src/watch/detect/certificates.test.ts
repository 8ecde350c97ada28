import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { certificateTrouble } from './certificates.ts';

const dayMs = 86_400_000;
const rules = { thresholdMs: 30 * dayMs, criticalThresholdMs: 3 * dayMs };

function makeCertificate(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-certificate-'));
  const path = join(folder, 'tls.crt');
  try {
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-days',
          '90',
        ],
        ...['-subj', '/CN=shop.example.com', '-keyout', join(folder, 'tls.key'), '-out', path],
      ],
      { stdio: 'ignore' },
    );
    return readFileSync(path).toString('base64');
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pem = makeCertificate();

describe('certificateTrouble()', { skip: pem === undefined && 'openssl is not installed' }, () => {
  const secret = { metadata: { namespace: 'shop', name: 'tls' }, data: { 'tls.crt': pem ?? '' } };
  const nowMs = Date.now();
  const cases: readonly (readonly [days: number, reason: string | undefined, severity?: string])[] =
    [
      [0, undefined],
      [59, undefined],
      [61, 'TLSCertExpiringSoon', 'medium'],
      [88, 'TLSCertExpiringSoon', 'critical'],
      [91, 'TLSCertExpired', 'critical'],
    ];
  for (const [days, reason, severity] of cases) {
    it(`after ${days} of 90 days: ${reason ?? 'well'}`, () => {
      const trouble = certificateTrouble(secret, rules, nowMs + days * dayMs);
      assert.equal(trouble?.reason, reason);
      assert.equal(trouble?.severity, severity);
    });
  }

  it('takes nothing else for a certificate', () => {
    for (const data of [{}, { 'tls.crt': '' }, { 'tls.crt': 'bm8=' }]) {
      assert.equal(certificateTrouble({ metadata: {}, data }, rules, nowMs), undefined);
    }
  });
});
