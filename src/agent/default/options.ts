import type { ControlPlanePaths } from '../control-plane/sources.ts';
import type { MetricOptions } from '../metrics/options.ts';
import type { FileInput } from './file-input.ts';
import type { Wanted } from './machine.ts';
import type { KubernetesAccess } from './node-pods.ts';

/** What `runAgent` needs to know; everything has a default that suits a node. */
export interface AgentOptions {
  /** State database, spool and scratch files. */
  readonly folder: string;
  /** Name of this node in streams and groups. */
  readonly host: string;
  readonly server: {
    readonly url: string;
    /** A function is asked before each request: the token may change. */
    readonly token?: string | (() => string | undefined);
    /** PEM of the authority that signed the server's certificate. */
    readonly ca?: string;
  };
  /** Shown by the server. */
  readonly version?: string;
  /** Name of the cluster in the Container Insights groups. */
  readonly cluster?: string;
  /** Globs of container logs; absent: what this machine has. Empty: none. */
  readonly containerPaths?: readonly string[];
  /** Globs of plain text logs; absent: what this machine has. Empty: none. */
  readonly filePaths?: readonly string[];
  /** Globs of plain text logs besides `filePaths`. */
  readonly extraPaths?: readonly string[];
  /** Files with settings of their own, before `containerPaths` and `filePaths`. */
  readonly fileInputs?: readonly FileInput[];
  readonly excludePaths?: readonly string[];
  /** Logs of the control plane, where this node is one of its own; absent: left alone. */
  readonly controlPlane?: { readonly paths: Partial<ControlPlanePaths> };
  /** The API server that knows the node's pods; absent: records have what file names say. */
  readonly kubernetes?: KubernetesAccess;
  /** Built-in multiline rules applied to container logs: `go`, `java`, `python`, `ruby`. */
  readonly multiline?: readonly string[];
  /** The journal and the kernel's log; `off` unless given. */
  readonly journal?: Wanted;
  readonly kernelLog?: Wanted;
  /** This machine's own series; absent: they are not collected. */
  readonly metrics?: MetricOptions;
  /** Environment of the programs that the agent runs (journalctl). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is there at the very first start is read from its head (true) or left (false). */
  readonly fromHead?: boolean;
  /** At most so much from the end of each file that is there at the first start. */
  readonly maxFirstReadBytes?: number;
  readonly maxSpoolBytes?: number;
  /** Longest time an event waits for company before it is sent. */
  readonly flushMs?: number;
  /** How long a shutdown may take to deliver what was read; the rest stays in the spool. */
  readonly graceMs?: number;
}
