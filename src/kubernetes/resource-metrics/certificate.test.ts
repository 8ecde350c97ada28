import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { makeServingCertificate } from './certificate.ts';

const dayMs = 24 * 3600 * 1000;
const nowMs = Date.UTC(2049, 11, 1, 12);

describe('makeServingCertificate', () => {
  it('makes a certificate that its authority vouches for', () => {
    const names = ['nunchi.obs.svc', 'nunchi.obs.svc.cluster.local', '127.0.0.1'] as const;
    const made = makeServingCertificate([...names], 60 * dayMs, nowMs);
    const authority = new X509Certificate(made.authority);
    const certificate = new X509Certificate(made.certificate);
    assert.ok(authority.ca);
    assert.ok(!certificate.ca);
    assert.ok(authority.verify(authority.publicKey));
    assert.ok(certificate.verify(authority.publicKey));
    assert.ok(certificate.checkIssued(authority));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.privateKey)));
    assert.equal(certificate.checkHost('nunchi.obs.svc'), 'nunchi.obs.svc');
    assert.equal(certificate.checkHost('other.obs.svc'), undefined);
    assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    // On both sides of 2050, from where on times are written differently.
    assert.equal(certificate.validFromDate.getTime(), nowMs - 5 * 60_000);
    assert.equal(certificate.validToDate.getTime(), nowMs + 60 * dayMs);
  });

  it('is taken by a TLS client that knows the authority only', async () => {
    const made = makeServingCertificate(['localhost'], dayMs, Date.now());
    const server = createServer({ key: made.privateKey, cert: made.certificate }, (_, response) =>
      response.end('here'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (ca: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, servername: 'localhost', ca, agent: false };
        request(options, (response) => {
          response.setEncoding('utf8').on('data', resolve);
        })
          .on('error', reject)
          .end();
      });
    try {
      assert.equal(await ask(made.authority), 'here');
      const other = makeServingCertificate(['localhost'], dayMs, Date.now());
      await assert.rejects(ask(other.authority));
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
