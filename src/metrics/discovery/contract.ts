import type { Clock, Logger, MetricsRegistry } from '#base';
import type { KubernetesSdConfig } from '#metrics/config';

/** Labels of targets, `__address__` among them, that one source knows of. */
export interface TargetGroup {
  /** A group replaces the one of the same discoverer with the same source; without targets it removes it. */
  readonly source: string;
  readonly targets: readonly Readonly<Record<string, string>>[];
  /** Added to each target where it does not have them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One place where targets come from: one entry of a `<mechanism>_sd_configs` list. */
export interface Discoverer {
  /**
   * Emits groups until the signal aborts: first all it knows, as soon as it knows it (an empty list
   * when there is nothing), then what changes. What it cannot find out at the moment stays as it was.
   */
  run(emit: (groups: readonly TargetGroup[]) => void, signal: AbortSignal): Promise<void>;
}

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Absent: `kubernetes_sd_configs` give no targets. */
  readonly kubernetes?: ((config: KubernetesSdConfig) => Discoverer) | undefined;
  /** The machine's own resolver unless given. */
  readonly resolver?: DnsResolver | undefined;
}

/** What DNS discovery asks; each rejects as `node:dns/promises` does. */
export interface DnsResolver {
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveMx(name: string): Promise<readonly { readonly exchange: string }[]>;
  resolveNs(name: string): Promise<readonly string[]>;
}
