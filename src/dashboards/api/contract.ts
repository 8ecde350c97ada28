import type { Clock, Logger } from '#base';
import type { Catalogue } from '#dashboards/catalogue';
import type { DataSource } from '#dashboards/data-sources';
import type { SourceStatus } from '#dashboards/provisioning';
import type { DashboardStore } from '#dashboards/store';

export interface DashboardsApiDeps {
  readonly store: DashboardStore;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the program. */
  readonly version: string;
  /** Of one dashboard. */
  readonly maxSizeBytes: number;
  /** With the numbers that older clients know them by. */
  readonly dataSources: () => readonly (DataSource & { readonly id: number })[];
  /** What everybody gets who has chosen none: `browser`, `utc` or an IANA name. */
  readonly defaultTimeZone: () => string;
  readonly provisioning: {
    readonly statuses: () => readonly SourceStatus[];
    /** Looks at files now. */
    readonly reload: () => Promise<void>;
  };
}
