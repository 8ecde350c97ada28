import { createHash } from 'node:crypto';
import type { TokenReview } from 'kubernetes-types/authentication/v1.d.ts';
import type { SubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts';
import type { Clock } from '#base';
import type { KubernetesClient, ResourceType } from '#kubernetes/client';
import { VerdictCache } from './verdict-cache.ts';

/** Somebody whom the API server knows. */
export interface Identity {
  /** `system:serviceaccount:NAMESPACE:NAME` for a pod. */
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** May this one do that? Either an object of the API or a path outside of it. */
export type AccessQuestion =
  | {
      readonly kind: 'resource';
      /** `get`, `list`, `watch`… */
      readonly verb: string;
      readonly group: string;
      readonly version?: string;
      readonly resource: string;
      readonly subresource?: string;
      /** Undefined: in all of them. */
      readonly namespace?: string;
      readonly name?: string;
    }
  | { readonly kind: 'path'; readonly verb: string; readonly path: string };

export interface AccessVerdict {
  readonly allowed: boolean;
  /** Of the API server, for whom it concerns. */
  readonly reason: string | undefined;
}

export interface KubernetesIdentityDeps {
  readonly client: KubernetesClient;
  readonly clock: Clock;
}

/** As long as API servers themselves remember what a webhook said. */
const knownTokenMs = 60_000;
/** A token of a new account is taken soon; a wrong one costs the API server little. */
const unknownTokenMs = 10_000;
const allowedMs = 60_000;
const deniedMs = 10_000;
const maxEntries = 4096;
const timeoutMs = 10_000;

const tokenReviews: ResourceType = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'tokenreviews',
  namespaced: false,
};
const accessReviews: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'subjectaccessreviews',
  namespaced: false,
};

/**
 * Delegates to the API server, and remembers its answers for a minute at most. Needs to create
 * tokenreviews and subjectaccessreviews (the cluster role `system:auth-delegator`).
 */
export class KubernetesIdentity {
  readonly #client: KubernetesClient;
  readonly #tokens: VerdictCache<Identity | undefined>;
  readonly #verdicts: VerdictCache<AccessVerdict>;

  constructor({ client, clock }: KubernetesIdentityDeps) {
    this.#client = client;
    this.#tokens = new VerdictCache(
      {
        maxEntries,
        lifetimeMs: (identity) => (identity === undefined ? unknownTokenMs : knownTokenMs),
      },
      clock,
    );
    this.#verdicts = new VerdictCache(
      { maxEntries, lifetimeMs: ({ allowed }) => (allowed ? allowedMs : deniedMs) },
      clock,
    );
  }

  /**
   * Whose bearer token this is; undefined: nobody's, or one that has ended.
   * @param audiences for whom the token must be meant; none: for the API server
   * @throws {KubernetesError} when the API server cannot be asked
   */
  ofToken(token: string, audiences: readonly string[] = []): Promise<Identity | undefined> {
    // The token itself is no key: it would be found in a heap dump after it is forgotten elsewhere.
    const digest = createHash('sha256').update(token).digest('base64');
    return this.#tokens.get(`${digest} ${audiences.join(' ')}`, async () => {
      const spec = { token, ...(audiences.length === 0 ? {} : { audiences: [...audiences] }) };
      const review = await this.#client.create<TokenReview>(
        tokenReviews,
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec },
        { timeoutMs },
      );
      return identityOf(review, audiences);
    });
  }

  /** @throws {KubernetesError} when the API server cannot be asked */
  mayAccess(identity: Identity, question: AccessQuestion): Promise<AccessVerdict> {
    const { user, uid, groups, extra } = identity;
    return this.#verdicts.get(JSON.stringify([identity, question]), async () => {
      const review = await this.#client.create<SubjectAccessReview>(
        accessReviews,
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, uid, groups, extra, ...attributesOf(question) },
        },
        { timeoutMs },
      );
      const { status } = review;
      return { allowed: status?.allowed === true, reason: status?.reason || undefined };
    });
  }
}

function identityOf({ status }: TokenReview, audiences: readonly string[]): Identity | undefined {
  const user = status?.user?.username;
  if (status?.authenticated !== true || user === undefined || user === '') return undefined;
  // An API server that knows no audiences leaves the list out, and then vouches for none.
  const isMeant =
    audiences.length === 0 || audiences.some((each) => status.audiences?.includes(each) === true);
  if (!isMeant) return undefined;
  return {
    user,
    uid: status.user?.uid || undefined,
    groups: status.user?.groups ?? [],
    extra: (status.user?.extra as Record<string, string[]> | undefined) ?? {},
  };
}

function attributesOf(question: AccessQuestion): object {
  if (question.kind === 'path') {
    return { nonResourceAttributes: { verb: question.verb, path: question.path } };
  }
  const { kind: _, ...resourceAttributes } = question;
  return { resourceAttributes };
}
