import type { Clock, Logger, MetricsRegistry } from '#base';
import type { QueryService } from '#logs/queries';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';
import type { WireAgent } from './wire.ts';

export interface LogsApiDeps {
  readonly store: LogStore;
  readonly queries: QueryService;
  readonly state: Pick<StateStore, 'collection'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Senders of batches that the server has heard of; absent: the overview shows none. */
  readonly agents?: () => readonly WireAgent[];
}
