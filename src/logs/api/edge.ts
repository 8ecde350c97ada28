import type { Edge } from '#server';
import type { LogsApiDeps } from './contract.ts';
import { registerGroupRoutes } from './group-routes.ts';
import { registerQueryRoutes } from './query-routes.ts';
import { RateHistory } from './rate-history.ts';
import { registerTail } from './tail.ts';

/** Our own API of logs under `/nunchi/logs/…`: what the web UI and the command line speak. */
export function logsApiEdge(deps: LogsApiDeps): Edge {
  return {
    name: 'logs-api',
    register: (app) => {
      const history = new RateHistory(deps.clock.nowMs());
      const stop = deps.store.onAppend((sections) => history.add(sections, deps.clock.nowMs()));
      app.addHook('onClose', async () => stop());
      registerGroupRoutes(app, deps, history);
      registerQueryRoutes(app, deps);
      registerTail(app, deps);
    },
  };
}
