import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressGuard, type Reach } from './address-guard.ts';

describe('addressGuard()', () => {
  const f = (address: string, least: Reach | 'never'): void =>
    void it(`${address} is for ${least}`, () => {
      const reaches: readonly Reach[] = ['public', 'private', 'loopback'];
      for (const [at, reach] of reaches.entries()) {
        const check = (): void =>
          addressGuard(
            () => reach,
            () => [],
          )('host.example', address);
        const isAllowed = least !== 'never' && at >= reaches.indexOf(least);
        if (isAllowed) check();
        else assert.throws(check, { code: 'DATA_SOURCE_ADDRESS_REFUSED' });
      }
    });
  f('93.184.216.34', 'public');
  f('2606:2800:220:1::1', 'public');
  f('10.1.2.3', 'private');
  f('172.16.0.1', 'private');
  f('172.32.0.1', 'public');
  f('192.168.1.1', 'private');
  f('100.64.0.1', 'private');
  f('fd12:3456::1', 'private');
  f('127.0.0.1', 'loopback');
  f('127.8.9.10', 'loopback');
  f('::1', 'loopback');
  f('169.254.169.254', 'never');
  f('fe80::1', 'never');
  f('fd00:ec2::254', 'never');
  f('0.0.0.0', 'never');
  f('224.0.0.1', 'never');
  f('255.255.255.255', 'never');
  // IPv4 in the clothes of IPv6.
  f('::ffff:169.254.169.254', 'never');
  f('::ffff:7f00:1', 'loopback');
  f('::127.0.0.1', 'loopback');
  f('64:ff9b::a9fe:a9fe', 'never');
  f('2002:7f00:1::', 'loopback');
  f('::ffff:10.0.0.1', 'private');

  it('allows what the configuration names', () => {
    const check = addressGuard(
      () => 'public',
      () => ['127.0.0.1', '169.254.0.0/16', 'fd00::/8', 'nonsense', '10.0.0.0/99'],
    );
    for (const address of ['127.0.0.1', '169.254.169.254', 'fd00::1']) check('host', address);
    assert.throws(() => check('host', '127.0.0.2'), /127.0.0.2\) is a loopback address/);
    assert.throws(() => check('10.0.0.1', '10.0.0.1'), /10.0.0.1 is a private address/);
  });
});
