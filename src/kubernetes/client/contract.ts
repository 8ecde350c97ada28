import type { ObjectMeta, Status } from 'kubernetes-types/meta/v1.d.ts';
import type { Clock, Logger, MetricsRegistry } from '#base';

/** A kind of object as URLs name it. */
export interface ResourceType {
  /** Empty for the core group (`/api/v1`). */
  readonly group: string;
  readonly version: string;
  /** Plural, lower case: `pods`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** What every object has. Types of `kubernetes-types` fit. */
export interface KubernetesObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: ObjectMeta | undefined;
}

/** PEM, or the file that holds it; a file is read anew when it has changed. */
export type Pem =
  | { readonly kind: 'inline'; readonly pem: string }
  | { readonly kind: 'file'; readonly path: string };

export interface TlsSettings {
  /** Undefined: the authorities that the runtime trusts. */
  readonly authority: Pem | undefined;
  readonly certificate: Pem | undefined;
  readonly privateKey: Pem | undefined;
  /** Name to expect in the server's certificate, where it is not the URL's host. */
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** A program that prints an ExecCredential of client.authentication.k8s.io. */
export interface ExecPlugin {
  readonly apiVersion:
    | 'client.authentication.k8s.io/v1'
    | 'client.authentication.k8s.io/v1beta1'
    | 'client.authentication.k8s.io/v1alpha1';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
  /** A plugin that must have a terminal cannot be used by a server. */
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** The extension of the kubeconfig's cluster that is meant for the plugin. */
  readonly clusterConfig: unknown;
}

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'token-file'; readonly path: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly plugin: ExecPlugin };

export interface Impersonation {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Where the API server is and how to prove who we are. */
export interface KubernetesAccess {
  /** URL without a slash at its end; may have a path. */
  readonly server: string;
  /** For people: where this was found. */
  readonly source: string;
  /** Name of the cluster in the kubeconfig; undefined in a pod, which is not told. */
  readonly clusterName: string | undefined;
  readonly context: string | undefined;
  /** Where namespaced requests go that name none. */
  readonly namespace: string;
  readonly tls: TlsSettings;
  readonly credentials: Credentials;
  /** `http://`, `https://` or `socks5://` proxy of the kubeconfig. */
  readonly proxyUrl: string | undefined;
  readonly impersonate: Impersonation | undefined;
}

export interface ClientDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** For exec plugins and proxies. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** [0, 1), for jitter. */
  readonly random?: () => number;
}

export interface ClientOptions {
  /** As in `nunchi/1.2.3`. */
  readonly userAgent?: string;
  /** A whole answer, unless a request says otherwise. */
  readonly timeoutMs?: number;
  /** `http1`: never HTTP/2, for who asks rarely and holds no watches. */
  readonly protocol?: 'auto' | 'http1';
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type QueryValue = string | number | boolean | undefined;

/** A request to the API server. */
export interface KubernetesRequest {
  readonly method?: HttpMethod;
  /** Under the server's URL: `/api/v1/namespaces`. Its segments are escaped already. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is bytes; `content-type` of `headers` counts. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Until the answer's head; for `json` until its end. */
  readonly timeoutMs?: number;
  /** Of the answer, where it is read as a whole. */
  readonly maxBytes?: number;
}

/** An answer that began to arrive with a status below 400. */
export interface KubernetesResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Ends the exchange when it is left early. @throws {KubernetesError} UNREACHABLE when it is cut */
  readonly body: AsyncIterable<Buffer>;
}

export interface ObjectOptions {
  /** Of a namespaced resource; the access' own unless given. */
  readonly namespace?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface WriteOptions extends ObjectOptions {
  /** Validated and admitted, not stored. */
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** `status`, `scale`… */
  readonly subresource?: string;
}

export type PatchKind = 'merge' | 'strategic' | 'json' | 'apply';

export interface PatchOptions extends WriteOptions {
  /** How the body is meant; `merge` unless given. */
  readonly kind?: PatchKind;
  /** With `apply`: takes fields from other managers. */
  readonly force?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface Selection {
  /** Undefined: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** PartialObjectMetadata only: what is in `spec`, `data` and `status` never leaves the server. */
  readonly metadataOnly?: boolean | undefined;
}

export interface ListOptions extends Selection {
  /**
   * `0`: whatever the API server has in its cache, in one piece; empty: the newest, in pages;
   * otherwise not older than this.
   */
  readonly resourceVersion?: string;
  /** Objects of one page; 500 unless given. */
  readonly pageLimit?: number;
  readonly signal?: AbortSignal;
  /** Of one page. */
  readonly timeoutMs?: number;
}

export interface ListResult {
  /** Where a watch goes on. */
  readonly resourceVersion: string;
  readonly count: number;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly object: Status };

export interface PodLogOptions extends ObjectOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** Bytes that the API server sends at most. */
  readonly limitBytes?: number;
}
