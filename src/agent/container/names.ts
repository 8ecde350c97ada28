import { basename, dirname } from 'node:path';

/** What the path of a container's log file says about the container. */
export interface ContainerName {
  readonly pod: string;
  readonly namespace: string;
  readonly container: string;
  /** 64 hex digits; undefined when the path is one of /var/log/pods. */
  readonly id: string | undefined;
  /** Undefined when only the link is known. */
  readonly podUid: string | undefined;
}

const linkName = /^([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)_([^_]+)_(.+)-([a-z0-9]{64})\.log$/;
const podDirectory = /^([^_]+)_([^_]+)_([^_]+)$/;

/**
 * Reads `/var/log/containers/POD_NS_CONTAINER-ID.log` or
 * `/var/log/pods/NS_POD_UID/CONTAINER/N.log`; undefined for any other path. `realPath` (the link's
 * target) adds the pod's uid.
 */
export function containerNameOf(path: string, realPath?: string): ContainerName | undefined {
  const link = linkName.exec(basename(path));
  if (link !== null) {
    const uid = realPath === undefined ? undefined : podOf(realPath)?.podUid;
    return {
      pod: link[1]!,
      namespace: link[2]!,
      container: link[3]!,
      id: link[4]!,
      podUid: uid,
    };
  }
  return podOf(path);
}

function podOf(path: string): ContainerName | undefined {
  const folder = dirname(path);
  const match = podDirectory.exec(basename(dirname(folder)));
  if (match === null || !/^\d+\.log$/.test(basename(path))) return undefined;
  return {
    namespace: match[1]!,
    pod: match[2]!,
    podUid: match[3]!,
    container: basename(folder),
    id: undefined,
  };
}

/**
 * The path as a part of a stream or tag name: `/`, `\`, `:` become dots, no leading dot, no double
 * dots, no `*`, no trailing dot.
 */
export function dottedPath(path: string): string {
  return path
    .replace(/[/\\:]/g, '.')
    .replaceAll('*', '')
    .replace(/\.{2,}/g, '.')
    .replace(/^\./, '')
    .replace(/\.$/, '');
}
