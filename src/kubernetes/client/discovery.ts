import type { APIGroupList, APIResourceList } from 'kubernetes-types/meta/v1.d.ts';
import type { Clock } from '#base';
import type { KubernetesClient } from './client.ts';
import type { ResourceType } from './contract.ts';
import { isKubernetesError } from './errors.ts';
import { groupVersionPath } from './resource.ts';

/** A resource that the server has. */
export interface ServedResource extends ResourceType {
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
}

/** A group with its versions, the server's preferred one first. */
export interface ServedGroup {
  /** Empty for the core group. */
  readonly name: string;
  readonly versions: readonly string[];
}

/** Servers change what they have when they are updated and when CRDs come and go. */
const maxAgeMs = 10 * 60_000;
/** What is not there may come at any time. */
const maxAbsentAgeMs = 60_000;

interface Held<T> {
  readonly value: Promise<T>;
  readonly untilMs: number;
}

/** What an API server has, asked when it is needed and remembered for some minutes. */
export class ApiDiscovery {
  readonly #client: KubernetesClient;
  readonly #clock: Clock;
  readonly #lists = new Map<string, Held<readonly ServedResource[] | undefined>>();
  #groups: Held<readonly ServedGroup[]> | undefined;

  constructor(client: KubernetesClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Forgets everything, as after a CRD has come or gone. */
  refresh(): void {
    this.#lists.clear();
    this.#groups = undefined;
  }

  /**
   * The first of several versions of a resource that the server has; undefined: none. Where discovery
   * itself is not allowed, the first of all.
   * @throws {KubernetesError} when the server cannot be asked
   */
  async find(candidates: readonly ResourceType[]): Promise<ResourceType | undefined> {
    for (const candidate of candidates) {
      let served: readonly ServedResource[] | undefined;
      try {
        served = await this.resourcesOf(candidate.group, candidate.version);
      } catch (error) {
        if (isKubernetesError(error) && error.isForbidden) return candidate;
        throw error;
      }
      if (served?.some(({ resource }) => resource === candidate.resource)) return candidate;
    }
    return undefined;
  }

  /**
   * A resource in the version that the server prefers, or in the first of `versions` that it has.
   * @param name plural, singular or short name, or kind, in any case
   * @param group undefined: the first group that has it, the core group before others
   */
  async lookUp(
    name: string,
    group?: string,
    versions?: readonly string[],
  ): Promise<ServedResource | undefined> {
    const wanted = name.toLowerCase();
    for (const one of await this.groups()) {
      if (group !== undefined && one.name !== group) continue;
      for (const version of versions ?? one.versions) {
        if (!one.versions.includes(version)) continue;
        const served = await this.resourcesOf(one.name, version);
        const found = served?.find((resource) => isNamed(resource, wanted));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** Resources of one version of a group, without subresources; undefined: the server lacks it. */
  resourcesOf(group: string, version: string): Promise<readonly ServedResource[] | undefined> {
    const key = `${group}/${version}`;
    const nowMs = this.#clock.monotonicMs();
    const held = this.#lists.get(key);
    if (held !== undefined && nowMs < held.untilMs) return held.value;
    const value = this.#read(group, version);
    this.#lists.set(key, { value, untilMs: nowMs + maxAgeMs });
    value.then(
      (found) => {
        // A group that came with a CRD a moment ago has not all of its resources yet.
        if (found !== undefined && !group.includes('.')) return;
        this.#lists.set(key, { value, untilMs: nowMs + maxAbsentAgeMs });
      },
      () => void this.#lists.delete(key),
    );
    return value;
  }

  /** All groups with their versions; the core group first. */
  groups(): Promise<readonly ServedGroup[]> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#groups !== undefined && nowMs < this.#groups.untilMs) return this.#groups.value;
    const value = this.#readGroups();
    this.#groups = { value, untilMs: nowMs + maxAbsentAgeMs };
    value.catch(() => {
      this.#groups = undefined;
    });
    return value;
  }

  async #read(group: string, version: string): Promise<readonly ServedResource[] | undefined> {
    try {
      const path = groupVersionPath({ group, version });
      const list = await this.#client.json<APIResourceList>({ path });
      return list.resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, singularName, shortNames, verbs, namespaced }) => ({
          group,
          version,
          resource: name,
          namespaced,
          kind,
          singular: singularName || kind.toLowerCase(),
          shortNames: shortNames ?? [],
          verbs,
        }));
    } catch (error) {
      if (isKubernetesError(error) && error.isNotFound) return undefined;
      throw error;
    }
  }

  async #readGroups(): Promise<readonly ServedGroup[]> {
    const { groups } = await this.#client.json<APIGroupList>({ path: '/apis' });
    return [
      { name: '', versions: ['v1'] },
      ...groups.map(({ name, versions, preferredVersion }) => {
        const preferred = preferredVersion?.version;
        const all = versions.map(({ version }) => version);
        const rest = all.filter((version) => version !== preferred);
        return { name, versions: preferred === undefined ? all : [preferred, ...rest] };
      }),
    ];
  }
}

function isNamed(
  { resource, singular, kind, shortNames }: ServedResource,
  wanted: string,
): boolean {
  return (
    resource === wanted ||
    singular === wanted ||
    kind.toLowerCase() === wanted ||
    shortNames.includes(wanted)
  );
}
