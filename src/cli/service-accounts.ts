import { AppError } from '#base';
import type { KubernetesIdentity } from '#kubernetes/identity';
import type { Principal } from '#server';

const prefix = 'system:serviceaccount:';

/**
 * Takes the tokens of agents' service accounts: whose a token is says the API server.
 * @param accounts `NAMESPACE:NAME`, asked at each request
 * @returns whose the token is, undefined for nobody whom we let in
 */
export function verifyServiceAccount(
  identity: KubernetesIdentity,
  accounts: () => readonly string[],
): (token: string) => Promise<Principal | undefined> {
  return async (token) => {
    // Three parts of base64: no API token of our own looks so, and no guess reaches the API server.
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) || accounts().length === 0) return undefined;
    let user: string | undefined;
    try {
      user = (await identity.ofToken(token))?.user;
    } catch (cause) {
      throw new AppError(
        'KUBERNETES_UNAVAILABLE',
        'The Kubernetes API cannot be asked whose token this is',
        {
          cause,
        },
      );
    }
    const account = user?.startsWith(prefix) ? user.slice(prefix.length) : undefined;
    if (account === undefined || !accounts().includes(account)) return undefined;
    return { kind: 'service-account', name: account, role: 'agent' };
  };
}
