import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** @throws when nobody may connect to `address`, which is what `host` resolves to */
export type AddressCheck = (host: string, address: string) => void;

/** Resolves a name and checks all of its addresses: a connection is made to none but these. */
export function checkedLookup(check: AddressCheck): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      try {
        for (const { address } of addresses) check(host, address);
      } catch (refusal) {
        callback(refusal as NodeJS.ErrnoException, '', 0);
        return;
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
