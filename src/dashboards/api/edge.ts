import type { FastifyInstance } from 'fastify';
import type { Edge } from '#server';
import { registerAccountRoutes } from './account-routes.ts';
import { registerAnnotationRoutes } from './annotation-routes.ts';
import type { DashboardsApiDeps } from './contract.ts';
import { registerDashboardRoutes } from './dashboard-routes.ts';
import { answerErrors, plainBody, statusBody } from './errors.ts';
import { registerFolderRoutes } from './folder-routes.ts';
import { routesOf } from './http.ts';
import { registerImportRoutes } from './import-routes.ts';
import { registerLibraryRoutes } from './library-routes.ts';
import { registerPermissionRoutes } from './permission-routes.ts';
import { registerProvisioningRoute } from './provisioning-route.ts';
import { registerResourceRoutes, resourceStatusOf } from './resource-routes.ts';
import { registerSearchRoutes } from './search-routes.ts';
import { registerSystemRoutes } from './system-routes.ts';
import { registerVersionRoutes } from './version-routes.ts';

/** Grafana's HTTP API, but for data sources, alerting and rendering. */
export function dashboardsEdge(deps: DashboardsApiDeps): Edge {
  const log = deps.log.child('dashboards/api');
  return {
    name: 'dashboards',
    register: async (app: FastifyInstance) => {
      registerProvisioningRoute(app, deps);
      await app.register(async (scope) => {
        answerErrors(scope, log, plainBody);
        const route = routesOf(scope, deps);
        registerSystemRoutes(route, deps);
        registerDashboardRoutes(route, deps);
        registerVersionRoutes(route, deps);
        registerImportRoutes(route, deps);
        registerSearchRoutes(route, deps);
        registerFolderRoutes(route, deps);
        registerAnnotationRoutes(route, deps);
        registerLibraryRoutes(route, deps);
        registerAccountRoutes(route, deps);
        registerPermissionRoutes(route, deps);
      });
      await app.register(async (scope) => {
        answerErrors(scope, log, statusBody, resourceStatusOf);
        registerResourceRoutes(routesOf(scope, deps), deps);
      });
    },
  };
}
