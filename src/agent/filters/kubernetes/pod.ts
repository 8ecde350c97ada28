import { makerByName, type NamedOwner } from '#kubernetes/owner-names';

/** What a filter needs of a pod; other fields of the API object are left alone. */
export interface PodInfo {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly Readonly<Record<string, unknown>>[];
  readonly node: string | undefined;
  readonly ip: string | undefined;
  readonly containers: readonly ContainerInfo[];
  /** Container name to the image that the pod asks for. */
  readonly images: Readonly<Record<string, string>>;
}

export interface ContainerInfo {
  readonly name: string;
  /** Hex ids of the running container and the one before it. */
  readonly ids: readonly string[];
  readonly image: string | undefined;
  readonly imageId: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads an object of the API; undefined when it is no pod. */
export function podInfoOf(value: unknown): PodInfo | undefined {
  const pod = asMap(value);
  const metadata = asMap(pod['metadata']);
  const name = asText(metadata['name']);
  const namespace = asText(metadata['namespace']);
  if (name === undefined || namespace === undefined) return undefined;
  const status = asMap(pod['status']);
  const spec = asMap(pod['spec']);
  const specs = ['containers', 'initContainers', 'ephemeralContainers'];
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  return {
    name,
    namespace,
    uid: asText(metadata['uid']),
    labels: asTexts(metadata['labels']),
    annotations: asTexts(metadata['annotations']),
    owners: asList(metadata['ownerReferences']).map(asMap),
    node: asText(spec['nodeName']),
    ip: asText(status['podIP']),
    containers: statuses.flatMap((key) => asList(status[key]).map(containerOf)),
    images: Object.fromEntries(
      specs.flatMap((key) =>
        asList(spec[key]).map((item) => {
          const { name: containerName, image } = asMap(item);
          return [asText(containerName) ?? '', asText(image) ?? ''];
        }),
      ),
    ),
  };
}

/** What a person would call the pod's owner: of a rollout's replica set its deployment. */
export function podOwnerOf({ owners, labels }: PodInfo): NamedOwner | undefined {
  const nearest = owners.find(({ controller }) => controller === true) ?? owners[0];
  const kind = asText(nearest?.['kind']);
  const name = asText(nearest?.['name']);
  // The mirror of a static pod belongs to its node.
  if (kind === undefined || name === undefined || kind === 'Node') return undefined;
  return makerByName({ kind, name }, labels['pod-template-hash']) ?? { kind, name };
}

function containerOf(value: unknown): ContainerInfo {
  const status = asMap(value);
  const last = asMap(asMap(status['lastState'])['terminated']);
  return {
    name: asText(status['name']) ?? '',
    ids: [status['containerID'], last['containerID']].flatMap((id) => {
      const text = asText(id);
      return text === undefined ? [] : [text.slice(text.lastIndexOf('/') + 1)];
    }),
    image: asText(status['image']),
    imageId: asText(status['imageID'])?.replace(/^docker-pullable:\/\//, ''),
  };
}

export function asMap(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asTexts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(asMap(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
