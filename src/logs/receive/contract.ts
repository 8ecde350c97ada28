import type { Clock, Logger, MetricsRegistry } from '#base';
import type { LogStore } from '#logs/store';

/** What every receiver needs. */
export interface ReceiveDeps {
  readonly store: Pick<LogStore, 'append'>;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
}

/**
 * Where events of a receiver go: templates for the names of log group and stream. `{name}` stands
 * for a value (each receiver's README entry lists its names), `{a|b|c}` for the first that exists,
 * `{a|'text'}` for text where none does. Characters that a name must not have become `_`.
 */
export interface EventRouting {
  readonly group?: string;
  readonly stream?: string;
}
