import type { StaticConfig } from '#metrics/config';
import type { Discoverer } from './contract.ts';

/** Targets that stand in the configuration. */
export function staticDiscoverer(configs: readonly StaticConfig[]): Discoverer {
  return {
    run: async (emit) =>
      emit(
        configs.map(({ targets, labels }, index) => ({
          source: String(index),
          targets: targets.map((address) => ({ __address__: address })),
          labels,
        })),
      ),
  };
}
