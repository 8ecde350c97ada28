import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collector, LabelPairs } from '../contract.ts';
import type { HostFiles } from '../files.ts';
import { linesOf } from '../text.ts';

/** File systems without a disk: node_exporter's default. */
export const ignoredFilesystemTypes: RegExp =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|erofs|tracefs)$/;

/** Mounts of containers and pods, which are many and come and go: those of kube-prometheus too. */
export const ignoredMountPoints: RegExp =
  /^\/(dev|proc|sys|run\/credentials\/.+|run\/k3s\/containerd\/.+|run\/containerd\/.+|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+|var\/lib\/containerd\/.+|var\/lib\/kubelet\/(pods|plugins)\/.+)($|\/)/;

/** A file system that does not answer so long (a server of NFS that is away) is left alone. */
const statTimeoutMs = 2000;

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly isReadOnly: boolean;
}

export interface FilesystemSize {
  readonly mount: Mount;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly availableBytes: number;
  readonly files: number;
  readonly filesFree: number;
}

/** Blanks and backslashes in names are written as three octal digits. */
const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      )
    : text;

/** /proc/PID/mounts. */
export function* parseMounts(text: string): Generator<Mount> {
  for (const line of linesOf(text)) {
    const [device = '', mountPoint = '', type = '', options = ''] = line.split(' ');
    if (type === '') continue;
    yield {
      device: unescaped(device),
      mountPoint: unescaped(mountPoint),
      type,
      isReadOnly: options.split(',').includes('ro'),
    };
  }
}

/** The mounts worth telling of, each device and mount point once. */
export function wantedMounts(text: string): Mount[] {
  const seen = new Set<string>();
  const mounts: Mount[] = [];
  for (const mount of parseMounts(text)) {
    if (ignoredMountPoints.test(mount.mountPoint) || ignoredFilesystemTypes.test(mount.type)) {
      continue;
    }
    const key = `${mount.device}\u0000${mount.mountPoint}\u0000${mount.type}`;
    if (seen.has(key)) continue;
    seen.add(key);
    mounts.push(mount);
  }
  return mounts;
}

/** File systems that wait for another machine, or for a program. */
const isRemote = (type: string): boolean =>
  /^(nfs|cifs|smb|ceph|gluster|lustre|9p|afs|fuse|virtiofs|gpfs|beegfs|ocfs|gfs)/.test(type);

/** Where the mounts are, seen from this process; undefined: not below the root that it sees. */
export function mountsOf(files: HostFiles): Mount[] {
  const text = files.tryProc('1/mounts') ?? files.proc('self/mounts');
  const { root } = files.paths;
  if (root === '/') return wantedMounts(text);
  // Without the process 1 of the machine the table is that of a container, where all is below `root`.
  const isHostTable = files.tryProc('1/mounts') !== undefined;
  if (isHostTable) return wantedMounts(text);
  return wantedMounts(text).flatMap((mount) =>
    mount.mountPoint === root || mount.mountPoint.startsWith(`${root}/`)
      ? [{ ...mount, mountPoint: mount.mountPoint.slice(root.length) || '/' }]
      : [],
  );
}

type Statfs = (path: string) => Promise<{
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}>;

/**
 * Asks file systems for their sizes. One that hangs holds a thread of the pool until it answers; it
 * is not asked again before, nor any other that may hang, and everything else goes on.
 */
export class FilesystemSizes {
  readonly #statfs: Statfs;
  readonly #timeoutMs: number;
  readonly #hanging = new Set<string>();

  constructor(ask: Statfs = statfs, timeoutMs: number = statTimeoutMs) {
    this.#statfs = ask;
    this.#timeoutMs = timeoutMs;
  }

  /** Undefined: it does not answer, or not in time. */
  async of(mount: Mount, root: string): Promise<FilesystemSize | undefined> {
    const path = join(root, mount.mountPoint);
    // One that hangs takes a thread of the few that there are: at most one may do so.
    if (this.#hanging.has(path)) return undefined;
    if (this.#hanging.size > 0 && isRemote(mount.type)) return undefined;
    this.#hanging.add(path);
    const asked = this.#statfs(path).finally(() => this.#hanging.delete(path));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#timeoutMs, undefined);
    });
    try {
      const answer = await Promise.race([asked, late]);
      if (answer === undefined) {
        asked.catch(() => {});
        return undefined;
      }
      return {
        mount,
        sizeBytes: answer.blocks * answer.bsize,
        freeBytes: answer.bfree * answer.bsize,
        availableBytes: answer.bavail * answer.bsize,
        files: answer.files,
        filesFree: answer.ffree,
      };
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** node_exporter's `filesystem`. */
export function filesystemCollector(sizes: FilesystemSizes = new FilesystemSizes()): Collector {
  return {
    name: 'filesystem',
    collect: async (files, sink) => {
      for (const mount of mountsOf(files)) {
        const labels: LabelPairs = [
          'device',
          mount.device,
          'fstype',
          mount.type,
          'mountpoint',
          mount.mountPoint,
        ];
        const size = await sizes.of(mount, files.paths.root);
        sink.gauge(
          'node_filesystem_device_error',
          'Whether an error occurred while getting statistics for the given device.',
          size === undefined ? 1 : 0,
          labels,
        );
        sink.gauge(
          'node_filesystem_readonly',
          'Filesystem read-only status.',
          mount.isReadOnly ? 1 : 0,
          labels,
        );
        if (size === undefined) continue;
        sink.gauge(
          'node_filesystem_size_bytes',
          'Filesystem size in bytes.',
          size.sizeBytes,
          labels,
        );
        sink.gauge(
          'node_filesystem_free_bytes',
          'Filesystem free space in bytes.',
          size.freeBytes,
          labels,
        );
        sink.gauge(
          'node_filesystem_avail_bytes',
          'Filesystem space available to non-root users in bytes.',
          size.availableBytes,
          labels,
        );
        sink.gauge('node_filesystem_files', 'Filesystem total file nodes.', size.files, labels);
        sink.gauge(
          'node_filesystem_files_free',
          'Filesystem total free file nodes.',
          size.filesFree,
          labels,
        );
      }
    },
  };
}
