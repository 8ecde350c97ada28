import { isAppError } from '#base';
import {
  configKey,
  type GlobalConfig,
  loadScrapeConfigs,
  type ScrapeConfig,
} from '#metrics/config';
import { InvalidObjectError, SpecReader } from './reader.ts';
import { PendingReferenceError, type ReferenceStore } from './references.ts';
import type { MonitorSettings } from './settings.ts';

/** `additionalScrapeConfigs` of a `Prometheus` object: a list of jobs in a secret, taken as it is. */
export class AdditionalJobs {
  /** Why they are left out; undefined: they are not. */
  problem: string | undefined;
  #key: string | undefined;
  #jobs: readonly ScrapeConfig[] = [];

  /** The same jobs as before where nothing has changed. */
  read(
    { additionalScrapeConfigs: named, namespace }: MonitorSettings,
    global: GlobalConfig,
    references: Pick<ReferenceStore, 'read'>,
  ): readonly ScrapeConfig[] {
    this.problem = undefined;
    if (named === undefined) return [];
    try {
      const at = new SpecReader(named, 'spec.additionalScrapeConfigs');
      const { value } = references.read(at, 'secrets', namespace);
      const key = configKey([value, global]);
      if (key !== this.#key) {
        this.#jobs = loadScrapeConfigs(`scrape_configs:\n${value}`, '/additional.yaml', global);
        this.#key = key;
      }
      return this.#jobs;
    } catch (error) {
      if (error instanceof PendingReferenceError) return this.#jobs;
      if (error instanceof InvalidObjectError || isAppError(error, 'METRICS_CONFIG_INVALID')) {
        this.problem = error.message;
        return [];
      }
      throw error;
    }
  }
}
