import { type AdapterApi, adapterVersions } from './api.ts';

/** The answer to `/apis`, as far as it is looked at. */
export interface GroupList {
  readonly groups: readonly unknown[];
}

/** Discovery of custom and external metrics; undefined: another path. */
export async function adapterDocument(
  path: string,
  adapter: AdapterApi,
  signal: AbortSignal,
): Promise<unknown> {
  const [, apis, group = '', version, ...rest] = path.replace(/\/$/, '').split('/');
  const versions = adapterVersions.get(group);
  if (apis !== 'apis' || versions === undefined || rest.length > 0) return undefined;
  if (version === undefined) {
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) };
  }
  if (!versions.includes(version)) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: await adapter.resources(group, signal),
  };
}

/** The list of groups with those of the adapter. */
export function withGroups(list: GroupList): GroupList {
  const own = [...adapterVersions].map(([group, versions]) => groupOf(group, versions));
  return { ...list, groups: [...list.groups, ...own] };
}

function groupOf(name: string, versions: readonly string[]): Readonly<Record<string, unknown>> {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}
