import { alertmanagerEdge } from '#alerting/api';
import type { Edge } from '#server';
import type { GrafanaAlertingDeps } from './deps.ts';
import { registerEvaluationRoutes } from './evaluation.ts';
import { answerErrors, ok, routes } from './http.ts';
import { registerNotificationRoutes } from './notifications.ts';
import { registerPrometheusRoutes } from './prometheus.ts';
import { registerReadingRoutes } from './reading.ts';
import { registerReceiverRoutes } from './receivers.ts';
import { registerRulerRoutes } from './ruler.ts';
import { registerRuleRoutes } from './rules.ts';

/** Grafana's HTTP API of alerting, over the program's own rules and its one engine. */
export function grafanaAlertingEdge(deps: GrafanaAlertingDeps): Edge {
  const engine = alertmanagerEdge(
    { alertmanager: deps.alertmanager, log: deps.log },
    { prefix: '/api/alertmanager/grafana/api/v2', silenceStatus: 202 },
  );
  return {
    name: 'grafana-alerting-api',
    register: async (app) => {
      await engine.register(app);
      await app.register(async (scope) => {
        answerErrors(scope, deps.log.child('alerting/grafana-api'));
        registerRuleRoutes(scope, deps);
        registerRulerRoutes(scope, deps);
        registerPrometheusRoutes(scope, deps);
        registerNotificationRoutes(scope, deps);
        registerReceiverRoutes(scope, deps);
        registerEvaluationRoutes(scope, deps);
        registerReadingRoutes(scope, deps);
        routes(scope)(
          'POST',
          '/api/admin/provisioning/alerting/reload',
          async () => {
            await deps.reloadFiles();
            return ok({ message: 'Alerting config reloaded' });
          },
          'admin',
        );
      });
    },
  };
}
