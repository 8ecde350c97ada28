import type { KubernetesObject } from './contract.ts';

/** Annotations that repeat the object, or that only its writer reads. */
const noisyAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'control-plane.alpha.kubernetes.io/leader',
  'objectset.rio.cattle.io/applied',
]);

/**
 * Takes out what no reader of ours wants and what is half of many objects: who manages which field,
 * and the manifest that was applied. Changes the object it is given.
 */
export function withoutNoise<T extends KubernetesObject>(object: T): T {
  const metadata = object.metadata as
    | { managedFields?: unknown; annotations?: Record<string, string> | undefined }
    | undefined;
  if (metadata === undefined) return object;
  // It comes last: taking it away keeps the object's compact form.
  if (metadata.managedFields !== undefined) delete metadata.managedFields;
  const { annotations } = metadata;
  if (annotations === undefined) return object;
  for (const key in annotations) {
    if (noisyAnnotations.has(key)) {
      metadata.annotations = withoutKeys(annotations, noisyAnnotations);
      break;
    }
  }
  return object;
}

/** A copy: deleting in place would leave a hash table, which takes more memory. */
function withoutKeys(
  map: Readonly<Record<string, string>>,
  keys: ReadonlySet<string>,
): Record<string, string> {
  const rest: Record<string, string> = {};
  for (const key in map) {
    const value = map[key];
    if (value !== undefined && !keys.has(key)) rest[key] = value;
  }
  return rest;
}
