import type { Clock, Logger, MetricsRegistry } from '#base';
import type { ContainerInsightsAddOn } from '#kubernetes/container-insights';
import type { ControlPlaneClusters } from '#kubernetes/control-plane';
import type { LookupTables } from '#logs/lookup-tables';
import type { QueryService } from '#logs/queries';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';

export interface QueryDefinition {
  readonly name: string;
  readonly queryString: string;
  readonly queryLanguage: string;
  readonly logGroupNames: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly defaultValue?: string | undefined;
    readonly description?: string | undefined;
  }[];
  readonly lastModifiedMs: number;
}

export interface MetricTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, `$.path` or `$field`. */
  readonly metricValue: string;
  readonly defaultValue?: number | undefined;
  /** Name to `$.path` or `$field`. */
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly unit?: string | undefined;
}

export interface MetricFilterDefinition {
  readonly logGroupName: string;
  readonly filterName: string;
  readonly filterPattern: string;
  readonly metricTransformations: readonly MetricTransformation[];
  /** Only events ingested from then on count. */
  readonly createdMs: number;
  readonly applyOnTransformedLogs?: boolean | undefined;
  readonly fieldSelectionCriteria?: string | undefined;
  readonly emitSystemFieldDimensions?: readonly string[] | undefined;
}

/** What the API server of a cluster says of it. */
export interface ClusterFacts {
  /** `1.33`. */
  readonly version: string | undefined;
  readonly endpoint: string | undefined;
  /** PEM in base64. */
  readonly certificateAuthority: string | undefined;
}

export interface AwsDeps {
  readonly store: LogStore;
  readonly queries: QueryService;
  readonly lookupTables: LookupTables;
  readonly state: Pick<StateStore, 'collection' | 'accessKeys'>;
  readonly controlPlane: ControlPlaneClusters;
  /** Undefined: nobody here reaches that cluster. */
  readonly clusterFacts: (cluster: string) => Promise<ClusterFacts | undefined>;
  /** Undefined: nobody here watches that cluster. */
  readonly insightsAddOn: (cluster: string) => ContainerInsightsAddOn | undefined;
  readonly programVersion: string;
  /** 12 digits. */
  readonly accountId: string;
  /** For ARNs of callers who do not say theirs in a signature. */
  readonly region: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /**
   * `auto`: unless the server lets everybody in without login (it has then set the principal).
   * `never`: whoever can connect may do everything.
   */
  readonly verifySignatures: 'auto' | 'always' | 'never';
}
