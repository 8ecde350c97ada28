import type { FastifyInstance } from 'fastify';
import type { Clock, Logger } from '#base';
import type { DataSources } from '#dashboards/data-sources';
import type { Edge } from '#server';
import { answerErrors } from './errors.ts';
import { registerPassRoutes } from './pass-routes.ts';
import { registerQueryRoute } from './query-route.ts';
import { registerSourceRoutes } from './source-routes.ts';
import { registerTestRoute } from './test-route.ts';

export interface DataSourcesApiDeps {
  readonly sources: DataSources;
  readonly clock: Clock;
  readonly log: Logger;
  /** IANA name: where days begin in relative times that name no zone. */
  readonly timeZone: () => string;
}

/** `/api/datasources…`, `/api/ds/query`. */
export function dataSourcesEdge(deps: DataSourcesApiDeps): Edge {
  return {
    name: 'data-sources',
    register: async (app: FastifyInstance) => {
      registerTestRoute(app, deps);
      await app.register(async (scope) => {
        answerErrors(scope, deps.log.child('dashboards/data-sources'));
        registerSourceRoutes(scope, deps);
        registerQueryRoute(scope, deps);
        registerPassRoutes(scope, deps);
      });
    },
  };
}
