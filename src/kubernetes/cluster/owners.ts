import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import type { KubernetesObject } from '#kubernetes/client';
import { makerByName } from '#kubernetes/owner-names';

/** What an object belongs to. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string | undefined;
}

/** Chains are short (pod, replica set, deployment, a custom resource); one may point back at itself. */
const maxDepth = 8;

/** The owner that acts on the object; undefined: nobody's. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  const references = object.metadata?.ownerReferences;
  return references?.find(({ controller }) => controller === true) ?? references?.[0];
}

/**
 * Owners from the nearest to the last: of a pod its replica set and its deployment.
 * @param find the object that a reference names; undefined: not known
 */
export function ownerChain(
  object: KubernetesObject,
  find: (reference: OwnerReference, namespace: string) => KubernetesObject | undefined,
): readonly Owner[] {
  const namespace = object.metadata?.namespace ?? '';
  const chain: Owner[] = [];
  let current: KubernetesObject | undefined = object;
  while (current !== undefined && chain.length < maxDepth) {
    const reference: OwnerReference | undefined = controllerOf(current);
    if (reference === undefined) break;
    const { kind, name, uid } = reference;
    chain.push({ kind, name, uid });
    const next: KubernetesObject | undefined = find(reference, namespace);
    // A replica set of whom nothing is known: its name says which deployment made it.
    const guess = next === undefined ? ownerByName(kind, name, current) : undefined;
    if (guess !== undefined) chain.push(guess);
    current = next;
  }
  return chain;
}

function ownerByName(kind: string, name: string, of: KubernetesObject): Owner | undefined {
  const maker = makerByName({ kind, name }, of.metadata?.labels?.['pod-template-hash']);
  return maker && { ...maker, uid: undefined };
}
