import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';

/** Lets through `rate` events an interval on average over the last `window` intervals. */
export const throttleFilter: FilterPlugin = {
  name: 'throttle',
  options: {
    rate: option.number,
    window: option.integer,
    interval: option.text,
    retain: option.noEffect('the window is kept always'),
    print_status: option.bool,
  },
  create: (settings, scope) => {
    const rate = settings.number('rate', 1);
    const window = settings.number('window', 5);
    const intervalMs = settings.timeMs('interval', 1000);
    if (rate <= 0) throw settings.problem('throttle: rate must be > 0', 'rate');
    if (window < 1) throw settings.problem('throttle: window must be >= 1', 'window');
    if (intervalMs === undefined || intervalMs <= 0) {
      throw settings.problem('throttle: interval must be a time such as 1s or 5m', 'interval');
    }
    const printsStatus = settings.bool('print_status', false);
    const panes = new Float64Array(window);
    let total = 0;
    let current = Math.floor(scope.clock.nowMs() / intervalMs);
    const advance = (): void => {
      const now = Math.floor(scope.clock.nowMs() / intervalMs);
      // A clock that went back starts the window anew.
      const steps = now < current ? window : Math.min(now - current, window);
      if (steps > 0 && printsStatus) {
        scope.log.info('Throttle status', {
          filter: settings.name,
          rate: total / window,
          limit: rate,
        });
      }
      for (let step = 0; step < steps; step++) {
        const index = (((now - step) % window) + window) % window;
        total -= panes[index]!;
        panes[index] = 0;
      }
      current = now;
    };
    return {
      name: settings.name,
      apply: (_tag, events) => {
        advance();
        return events.filter(() => {
          if (total / window >= rate) return false;
          const index = ((current % window) + window) % window;
          panes[index]! += 1;
          total += 1;
          return true;
        });
      },
    };
  },
};
