import type { Edge } from '#server';
import { registerAdminRoutes } from './admin-routes.ts';
import type { MetricsApiDeps } from './contract.ts';
import { answerErrors } from './http.ts';
import { registerLabelRoutes } from './label-routes.ts';
import { registerNotificationRoutes } from './notification-routes.ts';
import { registerQueryRoutes } from './query-routes.ts';
import { registerRuleRoutes } from './rule-routes.ts';
import { registerStatusRoutes } from './status-routes.ts';
import { registerTargetRoutes } from './target-routes.ts';

/** The Prometheus HTTP API, `/api/v1/…` and `/-/reload`. */
export function prometheusApiEdge(deps: MetricsApiDeps): Edge {
  return {
    name: 'prometheus-api',
    register: async (app) => {
      await app.register(async (scope) => {
        answerErrors(scope, deps.log.child('metrics/api'));
        registerQueryRoutes(scope, deps);
        registerLabelRoutes(scope, deps);
        registerTargetRoutes(scope, deps);
        registerRuleRoutes(scope, deps);
        registerStatusRoutes(scope, deps);
        registerNotificationRoutes(scope, deps);
        registerAdminRoutes(scope, deps);
      });
    },
  };
}

/**
 * What of the API only reads, below each prefix: `/api/datasources/proxy/uid/prometheus/api/v1/query`.
 * For who reaches this Prometheus as a data source.
 */
export function prometheusReadEdge(deps: MetricsApiDeps, prefixes: readonly string[]): Edge {
  return {
    name: 'prometheus-read-api',
    register: async (app) => {
      for (const prefix of prefixes) {
        await app.register(
          async (scope) => {
            answerErrors(scope, deps.log.child('metrics/api'));
            registerQueryRoutes(scope, deps);
            registerLabelRoutes(scope, deps);
            registerTargetRoutes(scope, deps);
            registerRuleRoutes(scope, deps);
            registerStatusRoutes(scope, deps);
          },
          { prefix },
        );
      }
    },
  };
}
