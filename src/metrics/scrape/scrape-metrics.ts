import type { Counter, Histogram, MetricsRegistry } from '#base';

/** What scraping tells of itself, with the reference's names: dashboards and alerts are written for them. */
export interface ScrapeMetrics {
  readonly intervalSeconds: Histogram;
  readonly syncSeconds: Histogram;
  readonly pools: Counter;
  readonly poolReloads: Counter;
  readonly poolSyncs: Counter;
  readonly targetLimitExceeded: Counter;
  readonly syncFailed: Counter;
  readonly sampleLimitExceeded: Counter;
  readonly bodySizeExceeded: Counter;
  readonly histogramLimitExceeded: Counter;
  readonly duplicates: Counter;
  readonly outOfOrder: Counter;
  readonly outOfBounds: Counter;
  readonly refusedSeries: Counter;
  readonly samples: Counter;
  readonly failures: Counter;
}

/** Intervals lie around their own length: seconds to some minutes. */
const intervalBounds = [1, 2.5, 5, 10, 14.9, 15.1, 29.9, 30.1, 59.9, 60.1, 120, 300];

export function scrapeMetrics(metrics: MetricsRegistry): ScrapeMetrics {
  const counter = (name: string, help: string): Counter =>
    metrics.counter(`prometheus_target_${name}`, help);
  return {
    intervalSeconds: metrics.histogram(
      'prometheus_target_interval_length_seconds',
      'Actual intervals between scrapes',
      intervalBounds,
    ),
    syncSeconds: metrics.histogram(
      'prometheus_target_sync_length_seconds',
      'Actual interval to sync the scrape pool',
    ),
    pools: counter('scrape_pools_total', 'Total number of scrape pool creation attempts'),
    poolReloads: counter('scrape_pool_reloads_total', 'Total number of scrape pool reloads'),
    poolSyncs: counter(
      'scrape_pool_sync_total',
      'Total number of syncs that were executed on a scrape pool',
    ),
    targetLimitExceeded: counter(
      'scrape_pool_exceeded_target_limit_total',
      'Total number of times scrape pools hit the target limit, during sync or config reload',
    ),
    syncFailed: counter('sync_failed_total', 'Total number of target sync failures'),
    sampleLimitExceeded: counter(
      'scrapes_exceeded_sample_limit_total',
      'Total number of scrapes that hit the sample limit and were rejected',
    ),
    bodySizeExceeded: counter(
      'scrapes_exceeded_body_size_limit_total',
      'Total number of scrapes that hit the body size limit',
    ),
    histogramLimitExceeded: counter(
      'scrapes_exceeded_native_histogram_bucket_limit_total',
      'Total number of scrapes that hit the native histogram bucket limit and were rejected',
    ),
    duplicates: counter(
      'scrapes_sample_duplicate_timestamp_total',
      'Total number of samples rejected due to duplicate timestamps but different values',
    ),
    outOfOrder: counter(
      'scrapes_sample_out_of_order_total',
      'Total number of samples rejected due to not being out of the expected order',
    ),
    outOfBounds: counter(
      'scrapes_sample_out_of_bounds_total',
      'Total number of samples rejected due to timestamp falling outside of the time bounds',
    ),
    refusedSeries: metrics.counter(
      'nunchi_scrape_samples_refused_total',
      'Samples of series that the store does not take for its limit of series',
    ),
    samples: metrics.counter('nunchi_scrape_samples_total', 'Samples scraped and appended'),
    failures: metrics.counter('nunchi_scrape_failures_total', 'Scrapes that failed, by job'),
  };
}
