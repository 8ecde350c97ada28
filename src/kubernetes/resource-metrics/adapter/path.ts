import type { AccessQuestion } from '#kubernetes/identity';

/** A request for a resource, as the API server takes its path apart. */
export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Undefined: no path of a resource below `/apis/GROUP/VERSION/`. */
export function apiPathOf(path: string): ApiPath | undefined {
  const [, apis, group = '', version = '', ...rest] = path.replace(/\/$/, '').split('/');
  if (apis !== 'apis' || group === '' || version === '' || rest.length === 0) return undefined;
  const parts = rest.map(decoded);
  if (parts.includes('')) return undefined;
  const isInNamespace = parts[0] === 'namespaces' && parts.length > 2;
  const [resource = '', name, ...more] = isInNamespace ? parts.slice(2) : parts;
  const subresource = more.length === 0 ? undefined : more.join('/');
  const namespace = isInNamespace ? parts[1] : undefined;
  return { group, version, namespace, resource, name, subresource };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function questionOfPath(path: ApiPath, method: string): AccessQuestion {
  const isRead = method === 'GET' || method === 'HEAD';
  const { group, version, resource, namespace, name, subresource } = path;
  return {
    kind: 'resource',
    verb: isRead ? (name === undefined ? 'list' : 'get') : method.toLowerCase(),
    group,
    version,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
