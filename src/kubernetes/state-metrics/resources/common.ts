import type { Condition, ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { quantityThousandths, quantityUnits } from '#kubernetes/cluster';
import type { Allowed, Emit, Family } from '../contract.ts';
import { allowedEntries, mapPairs, sanitizeLabelName } from '../label-names.ts';

interface WithMeta {
  readonly metadata?: ObjectMeta;
}

export const truth = (value: boolean | undefined): number => (value === true ? 1 : 0);

/** Unix seconds, whole, of an RFC 3339 time; undefined where there is none. */
export function unixSeconds(time: string | null | undefined): number | undefined {
  if (time === undefined || time === null || time === '') return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

export const namespaceOf = (object: WithMeta): string => object.metadata?.namespace ?? '';
export const nameOf = (object: WithMeta): string => object.metadata?.name ?? '';
export const uidOf = (object: WithMeta): string => object.metadata?.uid ?? '';
export const namespaceAndName = (object: WithMeta): readonly string[] => [
  namespaceOf(object),
  nameOf(object),
];

/** One series whose value is a number that may be absent. */
export function gauge<T>(
  name: string,
  help: string,
  value: (object: T) => number | null | undefined,
): Family<T> {
  return {
    name,
    help,
    emit: (object, add) => {
      const found = value(object);
      if (found !== undefined && found !== null) add(found);
    },
  };
}

/** One series whose value is a time, in Unix seconds. */
export const timeGauge = <T>(
  name: string,
  help: string,
  time: (object: T) => string | null | undefined,
): Family<T> => gauge(name, help, (object) => unixSeconds(time(object)));

/** One series of the value 1 that carries labels. */
export const info = <T>(
  name: string,
  help: string,
  labels: (object: T) => readonly string[],
): Family<T> => ({ name, help, emit: (object, add) => add(1, labels(object)) });

export const created = <T extends WithMeta>(prefix: string): Family<T> =>
  timeGauge(
    `${prefix}_created`,
    'When the object was made, Unix seconds.',
    (object) => object.metadata?.creationTimestamp,
  );

export const deletionTimestamp = <T extends WithMeta>(
  prefix: string,
  name = 'deletion_timestamp',
): Family<T> =>
  timeGauge(
    `${prefix}_${name}`,
    'When the deletion of the object was asked for, Unix seconds.',
    (object) => object.metadata?.deletionTimestamp,
  );

export const generation = <T extends WithMeta>(prefix: string): Family<T> =>
  gauge(
    `${prefix}_metadata_generation`,
    'Number of the wanted state; each change of it counts one up.',
    (object) => object.metadata?.generation ?? 0,
  );

export const resourceVersion = <T extends WithMeta>(prefix: string): Family<T> =>
  gauge(
    `${prefix}_metadata_resource_version`,
    'Version of the object in the API server.',
    (object) => {
      const version = object.metadata?.resourceVersion;
      return version !== undefined && /^\d+$/.test(version) ? Number(version) : undefined;
    },
  );

/**
 * Labels and annotations. The series of labels is there without an allow list too, with no label but
 * those of the object: dashboards count objects by it. Annotations come with an allow list only.
 */
export function labelFamilies<T extends WithMeta>(prefix: string, allowed: Allowed): Family<T>[] {
  const labels: Family<T> = {
    name: `${prefix}_labels`,
    help: 'Labels of the object that are on the allow list.',
    emit: (object, add) =>
      add(1, mapPairs('label', allowedEntries(object.metadata?.labels, allowed.labels))),
  };
  const annotations: Family<T> = {
    name: `${prefix}_annotations`,
    help: 'Annotations of the object that are on the allow list.',
    emit: (object, add) =>
      add(
        1,
        mapPairs('annotation', allowedEntries(object.metadata?.annotations, allowed.annotations)),
      ),
  };
  return allowed.annotations.length === 0 ? [labels] : [annotations, labels];
}

const noOwner: readonly string[] = ['owner_kind', '', 'owner_name', '', 'owner_is_controller', ''];

export function emitOwners(owners: readonly OwnerReference[] | undefined, add: Emit): void {
  if (owners === undefined || owners.length === 0) add(1, noOwner);
  for (const { kind, name, controller } of owners ?? []) {
    add(1, [
      'owner_kind',
      kind,
      'owner_name',
      name,
      'owner_is_controller',
      String(controller ?? false),
    ]);
  }
}

export const owner = <T extends WithMeta>(prefix: string): Family<T> => ({
  name: `${prefix}_owner`,
  help: 'Who owns the object; empty labels where nobody does.',
  emit: (object, add) => emitOwners(object.metadata?.ownerReferences, add),
});

const statuses = ['true', 'false', 'unknown'] as const;

/** Three series for a condition, of which one is 1. */
export function emitStatus(
  status: string | undefined,
  add: Emit,
  label: string,
  before: readonly string[] = [],
): void {
  const actual = status?.toLowerCase();
  for (const each of statuses) add(each === actual ? 1 : 0, [...before, label, each]);
}

/** Three series for each condition of an object. */
export const conditions = <T>(
  name: string,
  help: string,
  of: (object: T) => readonly Pick<Condition, 'type' | 'status'>[] | undefined,
): Family<T> => ({
  name,
  help,
  emit: (object, add) => {
    for (const { type, status } of of(object) ?? [])
      emitStatus(status, add, 'status', ['condition', type]);
  },
});

/** One series for each possible phase, of which one is 1; none while the object has no phase. */
export const phases = <T>(
  name: string,
  help: string,
  known: readonly string[],
  of: (object: T) => string | undefined,
): Family<T> => ({
  name,
  help,
  emit: (object, add) => {
    const phase = of(object);
    if (phase === undefined || phase === '') return;
    for (const each of known) add(each === phase ? 1 : 0, ['phase', each]);
  },
});

/** A resource that the API knows by a name with a slash, of neither Kubernetes itself nor a quota. */
const extendedName =
  /^(?!requests\.)(?!.*kubernetes\.io\/)[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** The unit of a resource of nodes and containers; undefined: it is not told. */
export function resourceUnit(resource: string): 'core' | 'byte' | 'integer' | undefined {
  switch (resource) {
    case 'cpu':
      return 'core';
    case 'memory':
    case 'storage':
    case 'ephemeral-storage':
      return 'byte';
    default:
      if (resource.startsWith('hugepages-') || resource.startsWith('attachable-volumes-'))
        return 'byte';
      return extendedName.test(resource) ? 'integer' : undefined;
  }
}

/** Series by resource and unit. What stands before `resource` comes from the caller. */
export function emitResources(
  list: Readonly<Record<string, string>> | undefined,
  add: Emit,
  options: { readonly before?: readonly string[]; readonly hasPods?: boolean } = {},
): void {
  for (const [resource, quantity] of Object.entries(list ?? {})) {
    const isPods = options.hasPods === true && resource === 'pods';
    const unit = isPods ? 'integer' : resourceUnit(resource);
    if (unit === undefined) continue;
    const value =
      unit === 'core' || options.hasPods === true
        ? quantityThousandths(quantity)
        : quantityUnits(quantity);
    add(value, [...(options.before ?? []), 'resource', sanitizeLabelName(resource), 'unit', unit]);
  }
}
