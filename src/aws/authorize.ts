import type { Principal } from '#server';
import { readCredentialScope, type SignedRequest, verifyRequest } from '#sigv4';
import type { AwsDeps } from './contract.ts';
import { AwsError } from './errors.ts';
import type { Operation } from './operation.ts';
import { userArn } from './sts.ts';

/** Who calls, and for which region the call is signed. */
export interface Caller {
  readonly principal: Principal;
  readonly region: string;
  readonly accessKeyId: string | undefined;
}

type AuthorizeDeps = Pick<AwsDeps, 'state' | 'clock' | 'region' | 'accountId' | 'verifySignatures'>;

/**
 * @param known what the server says of the request without looking at its signature
 * @throws {AppError} of #sigv4 when signatures are verified and this one does not hold
 */
export async function identify(
  request: SignedRequest,
  known: Principal | undefined,
  deps: AuthorizeDeps,
): Promise<Caller> {
  // The server knows an administrator before we have looked: nobody needs to log in there.
  const isOpen = deps.verifySignatures === 'auto' && known?.role === 'admin';
  if (isOpen || deps.verifySignatures === 'never') {
    const scope = readCredentialScope(request);
    return {
      principal:
        isOpen && known !== undefined
          ? known
          : { kind: 'anonymous', name: 'anonymous', role: 'admin' },
      // A client may sign for anything here, and its region becomes part of replies.
      region: scope && /^[a-z0-9-]{1,32}$/.test(scope.region) ? scope.region : deps.region,
      accessKeyId: scope?.accessKeyId,
    };
  }
  let principal: Principal | undefined;
  const scope = await verifyRequest(request, {
    nowMs: deps.clock.nowMs(),
    findSecret: async (accessKeyId) => {
      const found = await deps.state.accessKeys.find(accessKeyId);
      if (found === undefined) return undefined;
      principal = { kind: 'access-key', name: found.key.name, role: found.key.role };
      return found.secret;
    },
  });
  if (principal === undefined) throw new AwsError('AccessDeniedException', 'Access denied.');
  return { principal, region: scope.region, accessKeyId: scope.accessKeyId };
}

/** @throws {AwsError} AccessDeniedException */
export function mustBeAllowed(
  operation: Pick<Operation, 'name' | 'access'>,
  caller: Caller,
  accountId: string,
  service = 'logs',
): void {
  const { role } = caller.principal;
  const isAllowed =
    role === 'admin' ||
    role === 'editor' ||
    (role === 'viewer' && operation.access === 'read') ||
    (role === 'agent' && operation.access === 'ingest');
  if (isAllowed) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${userArn(accountId, caller.principal)} is not authorized to perform: ${service}:${operation.name}`,
  );
}
