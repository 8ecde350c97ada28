import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a cgroup is, by its path. */
export interface CgroupName {
  /** UID of the pod that it is in, with dashes. */
  readonly podUid?: string;
  /** The runtime's id, 64 hexadecimal digits. */
  readonly containerId?: string;
}

// systemd has slices nested by dashes, so that a UID's own dashes become underscores.
const podPart =
  /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=\/|$)/;
const containerPart = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/;

/**
 * The pod and container of a cgroup, for the layouts of the kubelet's cgroupfs and systemd drivers,
 * of containerd, CRI-O, Docker and Podman.
 */
export function cgroupName(path: string): CgroupName {
  const podUid = podPart.exec(path)?.[1]?.replaceAll('_', '-');
  const containerId = containerPart.exec(path)?.[1];
  return {
    ...(podUid === undefined ? {} : { podUid }),
    ...(containerId === undefined ? {} : { containerId }),
  };
}

export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** Where names of pods and containers come from. */
export interface PodNames {
  /** Called before each collection. */
  refresh(): void;
  pod(uid: string): PodName | undefined;
  container(id: string): (PodName & { readonly container: string }) | undefined;
}

/** `NAMESPACE_POD_UID` of /var/log/pods. */
const podFolder = /^([^_]+)_([^_]+)_([^_]+)$/;
/** `POD_NAMESPACE_CONTAINER-ID.log` of /var/log/containers. */
const containerLog = /^([^_]+)_([^_]+)_(.+)-([0-9a-f]{64})\.log$/;

/** A folder that changed no later than this ago is read again. */
const settledMs = 2000;

/** Names from those of the log files that the kubelet makes: no API server is asked. */
export class LogFolderNames implements PodNames {
  readonly #root: string;
  readonly #pods = new Map<string, PodName>();
  readonly #containers = new Map<string, PodName & { readonly container: string }>();
  readonly #seenMs = new Map<string, number>();

  /** @param root what `/` of the machine is called here */
  constructor(root: string) {
    this.#root = root;
  }

  refresh(): void {
    this.#read('var/log/pods', this.#pods, (name) => {
      const [, namespace, pod, uid] = podFolder.exec(name) ?? [];
      return uid === undefined ? undefined : [uid, { namespace: namespace!, pod: pod! }];
    });
    this.#read('var/log/containers', this.#containers, (name) => {
      const [, pod, namespace, container, id] = containerLog.exec(name) ?? [];
      return id === undefined
        ? undefined
        : [id, { namespace: namespace!, pod: pod!, container: container! }];
    });
  }

  pod(uid: string): PodName | undefined {
    return this.#pods.get(uid);
  }

  container(id: string): (PodName & { readonly container: string }) | undefined {
    return this.#containers.get(id);
  }

  #read<T>(
    folder: string,
    into: Map<string, T>,
    parse: (name: string) => readonly [key: string, value: T] | undefined,
  ): void {
    const path = join(this.#root, folder);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === this.#seenMs.get(folder)) return;
    into.clear();
    if (changedMs === undefined) {
      this.#seenMs.delete(folder);
      return;
    }
    for (const name of readdirSync(path)) {
      const entry = parse(name);
      if (entry !== undefined) into.set(entry[0], entry[1]);
    }
    // Times of files have steps: what came within the same one would never be seen.
    if (Date.now() - changedMs > settledMs) this.#seenMs.set(folder, changedMs);
    else this.#seenMs.delete(folder);
  }
}
