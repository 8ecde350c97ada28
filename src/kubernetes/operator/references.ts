import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { Cluster, SharedInformer } from '#kubernetes/cluster';
import { InvalidObjectError, type SpecReader } from './reader.ts';

export type ReferenceKind = 'secrets' | 'configmaps';

/** An object whose secrets are not known yet: nobody's mistake. */
export class PendingReferenceError extends Error {}

/** More than this is no monitoring: each is a watch of its own. */
const maxReferences = 1000;

const words: Readonly<Record<ReferenceKind, string>> = {
  secrets: 'secret',
  configmaps: 'ConfigMap',
};

type Held = SharedInformer<Secret | ConfigMap>;

/**
 * Secrets and ConfigMaps that objects refer to, each watched by itself: an account needs no more than
 * those that are named.
 */
export class ReferenceStore implements Disposable {
  readonly #cluster: Cluster;
  readonly #onChange: () => void;
  readonly #held = new Map<string, Held>();
  readonly #used = new Set<string>();

  constructor(cluster: Cluster, onChange: () => void) {
    this.#cluster = cluster;
    this.#onChange = onChange;
  }

  [Symbol.dispose](): void {
    for (const informer of this.#held.values()) informer[Symbol.dispose]();
    this.#held.clear();
  }

  /** Ends what was not read since the last call. */
  sweep(): void {
    for (const [key, informer] of this.#held) {
      if (this.#used.has(key)) continue;
      informer[Symbol.dispose]();
      this.#held.delete(key);
    }
    this.#used.clear();
  }

  /** Changes whenever what was read would be another: of all that an object read. */
  versionOf(keys: Iterable<string>): string {
    const versions: string[] = [];
    for (const key of keys) {
      this.#used.add(key);
      const { kind, namespace, name } = partsOf(key);
      const informer = this.#informer(kind, namespace, name);
      const version = informer?.store.get(namespace, name)?.metadata?.resourceVersion;
      versions.push(`${key}=${version ?? informer?.status().state}`);
    }
    return versions.join(' ');
  }

  /** @throws {InvalidObjectError}, {PendingReferenceError} */
  read(at: SpecReader, kind: ReferenceKind, namespace: string): { key: string; value: string } {
    const name = at.text('name');
    const field = at.text('key');
    if (name === undefined) throw at.error('name', 'is missing');
    if (field === undefined) throw at.error('key', 'is missing');
    const key = `${kind} ${namespace} ${name}`;
    this.#used.add(key);
    const what = `${words[kind]} ${namespace}/${name}`;
    const informer = this.#informer(kind, namespace, name);
    if (informer === undefined) {
      throw new InvalidObjectError(at.path, `more than ${maxReferences} secrets are referred to`);
    }
    const object = informer.store.get(namespace, name);
    if (object !== undefined) {
      const value = valueIn(kind, object, field);
      if (value === undefined) {
        throw new InvalidObjectError(at.path, `${what} has no key "${field}"`);
      }
      return { key, value };
    }
    const { state, error } = informer.status();
    if (state === 'syncing') throw new PendingReferenceError(what);
    if (state === 'synced') throw new InvalidObjectError(at.path, `${what} does not exist`);
    const reason = state === 'forbidden' ? 'the account may not read it' : error?.message;
    throw new InvalidObjectError(at.path, `${what} cannot be read: ${reason ?? state}`);
  }

  #informer(kind: ReferenceKind, namespace: string, name: string): Held | undefined {
    const key = `${kind} ${namespace} ${name}`;
    const known = this.#held.get(key);
    if (known !== undefined || this.#held.size >= maxReferences) return known;
    const made = watchOne(this.#cluster, kind, namespace, name);
    this.#held.set(key, made);
    const changed = this.#onChange;
    made.subscribe({ add: changed, update: changed, delete: changed });
    void made.settled.then(changed);
    return made;
  }
}

const watchOne = (cluster: Cluster, kind: ReferenceKind, namespace: string, name: string): Held =>
  cluster.useCustom<Secret | ConfigMap>({
    group: '',
    resource: kind,
    versions: ['v1'],
    namespaces: [namespace],
    fieldSelector: `metadata.name=${name}`,
  });

/** The references of one object: remembers what was read. */
export class References {
  readonly keys: Set<string> = new Set();
  readonly #store: Pick<ReferenceStore, 'read'>;
  readonly #namespace: string;

  constructor(store: Pick<ReferenceStore, 'read'>, namespace: string) {
    this.#store = store;
    this.#namespace = namespace;
  }

  /** A `{name, key}`. Undefined for nothing. */
  secret(at: SpecReader | undefined): string | undefined {
    return at === undefined ? undefined : this.#read(at, 'secrets');
  }

  /** A `{secret: {name, key}}` or `{configMap: {name, key}}`. */
  secretOrConfigMap(at: SpecReader | undefined): string | undefined {
    const secret = at?.child('secret');
    const configMap = at?.child('configMap');
    if (at !== undefined && secret !== undefined && configMap !== undefined) {
      throw new InvalidObjectError(at.path, 'secret and configMap exclude each other');
    }
    if (configMap !== undefined) return this.#read(configMap, 'configmaps');
    return this.secret(secret);
  }

  #read(at: SpecReader, kind: ReferenceKind): string {
    // Known before it is read: what is missing now may be there later.
    this.keys.add(`${kind} ${this.#namespace} ${at.text('name') ?? ''}`);
    return this.#store.read(at, kind, this.#namespace).value;
  }
}

function partsOf(key: string): { kind: ReferenceKind; namespace: string; name: string } {
  const [kind = '', namespace = '', name = ''] = key.split(' ');
  return { kind: kind as ReferenceKind, namespace, name };
}

function valueIn(kind: ReferenceKind, object: Secret | ConfigMap, key: string): string | undefined {
  const value = object.data?.[key];
  if (kind === 'secrets') return value === undefined ? undefined : fromBase64(value);
  const binary = (object as ConfigMap).binaryData?.[key];
  return value ?? (binary === undefined ? undefined : fromBase64(binary));
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
