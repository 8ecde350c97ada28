import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Trouble } from '../contract.ts';

const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'RegistryUnavailable',
]);
/** Names that one trouble has at different moments, and in different versions of kwatch. */
const pullNames = ['ErrImagePull', 'ImagePullBackOff'] as const;
/** From so many restarts on a loop has a name of its own in kwatch. */
const highFrequencyRestarts = 5;
/** What runtimes say when it is the registry and not the image. */
const registryFails =
  /no such host|server misbehaving|i\/o timeout|connection refused|connection reset|toomanyrequests|rate limit|x509|TLS handshake|temporary failure in name resolution|service unavailable/i;
const defaultRegistry = 'docker.io';

/** What troubles of several owners may have in common, in words that people read. */
export function sharesOf(
  { reason, message, image }: Pick<Trouble, 'reason' | 'message' | 'image'>,
  namespace: string,
): readonly string[] {
  if (pullReasons.has(reason)) {
    if (image === undefined) return [];
    return registryFails.test(message)
      ? [`image ${image}`, `registry ${registryOf(image)}`]
      : [`image ${image}`];
  }
  switch (reason) {
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return missingObjects(message, namespace);
    case 'Unschedulable':
      return [...missingClaims(message, namespace), ...wantOf(message)];
    case 'FailedCreate':
      return quotaOf(message, namespace);
    default:
      return [];
  }
}

/** `ghcr.io` of `ghcr.io/shop/web:2`, Docker's own of `shop/web`. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : defaultRegistry;
}

/** `configmap "web" not found`, `couldn't find key a in ConfigMap shop/web`. */
export function missingObjects(message: string, namespace: string): readonly string[] {
  const absent = /(configmap|secret)s?(?: "?kind:?"?)? "([^"]+)" (?:not found|is forbidden)/i.exec(
    message,
  );
  const key = /couldn't find key \S+ in (ConfigMap|Secret) (?:([^/\s]+)\/)?([^\s,]+)/i.exec(
    message,
  );
  const [, kind, name] = absent ?? [undefined, key?.[1], key?.[3]];
  if (kind === undefined || name === undefined) return [];
  const word = kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
  return [`${word} ${key?.[2] ?? namespace}/${name}`];
}

function missingClaims(message: string, namespace: string): readonly string[] {
  const name = /persistentvolumeclaim "([^"]+)" (?:not found|is being deleted)/.exec(message)?.[1];
  return name === undefined ? [] : [`PersistentVolumeClaim ${namespace}/${name}`];
}

/** The cluster is full: `3 Insufficient cpu`. */
const wantOf = (message: string): readonly string[] =>
  [...new Set([...message.matchAll(/Insufficient ([\w./-]+?)[,.\s]/g)].map(([, name]) => name))]
    .sort()
    .map((name) => `room for ${name}`);

const quotaOf = (message: string, namespace: string): readonly string[] => {
  const name = /exceeded quota: ([^,\s]+)/.exec(message)?.[1];
  return name === undefined ? [] : [`ResourceQuota ${namespace}/${name}`];
};

/** What the pod cannot do without: its volumes. */
export function dependenciesOf({ spec, metadata }: Pod): readonly string[] {
  const claims = (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim === undefined
      ? []
      : [`PersistentVolumeClaim/${metadata?.namespace ?? ''}/${claim.claimName}`],
  );
  return claims;
}

/** Other names of the reason of a container. */
export function alsoCalledOf(
  reason: string,
  { isLoop, restarts = 0 }: { readonly isLoop: boolean; readonly restarts?: number | undefined },
): readonly string[] {
  if ((pullNames as readonly string[]).includes(reason)) {
    return pullNames.filter((name) => name !== reason);
  }
  if (!isLoop) return [];
  const names = ['CrashLoopBackOff'].filter((name) => name !== reason);
  return restarts > highFrequencyRestarts ? [...names, 'CrashLoopHighFrequency'] : names;
}
