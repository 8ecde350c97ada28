import {
  createRootRoute,
  createRoute,
  createRouter,
  retainSearchParams,
  type SearchSchemaInput,
} from '@tanstack/react-router';
import { Frame } from './frame/frame.tsx';
import { lazyPage } from './lazy-page.ts';
import { NotFound, PageFailed } from './pages/fallbacks.tsx';
import { parseSearch, type Search, stringifySearch } from './state/url.ts';

const keepSearch = (search: Search & SearchSchemaInput): Search => search;

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
  validateSearch: keepSearch,
  // Links within the console keep the time range, whatever page they go to.
  search: { middlewares: [retainSearchParams(['from', 'to', 'refresh'])] },
});

/** Every page is a chunk of its own, loaded when it is first opened. */
const routeTree = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: lazyPage(() => import('./pages/overview/overview.tsx'), 'Overview'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/insights',
    component: lazyPage(() => import('./pages/insights/insights.tsx'), 'Insights'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/tail',
    component: lazyPage(() => import('./pages/live-tail/live-tail.tsx'), 'LiveTail'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/groups',
    component: lazyPage(() => import('./pages/groups/groups.tsx'), 'Groups'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/group',
    component: lazyPage(() => import('./pages/groups/group.tsx'), 'Group'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/explore',
    component: lazyPage(() => import('./pages/metrics/explore/explore.tsx'), 'Explore'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/targets',
    component: lazyPage(() => import('./pages/metrics/targets/targets.tsx'), 'Targets'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/rules',
    component: lazyPage(() => import('./pages/metrics/rules/rules.tsx'), 'Rules'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/store',
    component: lazyPage(() => import('./pages/metrics/status/status.tsx'), 'MetricStatus'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes',
    component: lazyPage(
      () => import('./pages/kubernetes/overview/overview.tsx'),
      'ClusterOverview',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/workloads',
    component: lazyPage(() => import('./pages/kubernetes/lists/workloads.tsx'), 'Workloads'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/pods',
    component: lazyPage(() => import('./pages/kubernetes/lists/pods.tsx'), 'Pods'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/nodes',
    component: lazyPage(() => import('./pages/kubernetes/lists/nodes.tsx'), 'Nodes'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/volumes',
    component: lazyPage(() => import('./pages/kubernetes/lists/volumes.tsx'), 'Volumes'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/incidents',
    component: lazyPage(() => import('./pages/incidents/incidents.tsx'), 'Incidents'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/incidents/$id',
    component: lazyPage(() => import('./pages/incidents/incident.tsx'), 'IncidentPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/events',
    component: lazyPage(() => import('./pages/kubernetes/lists/events.tsx'), 'Events'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/pod',
    component: lazyPage(() => import('./pages/kubernetes/pod/pod.tsx'), 'PodPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/node',
    component: lazyPage(() => import('./pages/kubernetes/node/node.tsx'), 'NodePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/workload',
    component: lazyPage(() => import('./pages/kubernetes/workload/workload.tsx'), 'WorkloadPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/namespace',
    component: lazyPage(
      () => import('./pages/kubernetes/namespace/namespace.tsx'),
      'NamespacePage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/kubernetes/volume',
    component: lazyPage(() => import('./pages/kubernetes/volume/volume.tsx'), 'VolumePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/alerts',
    component: lazyPage(() => import('./pages/alerting/alerts/alerts.tsx'), 'Alerts'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/silences',
    component: lazyPage(() => import('./pages/alerting/silences/silences.tsx'), 'Silences'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/silence/new',
    component: lazyPage(() => import('./pages/alerting/silences/silence-form.tsx'), 'NewSilence'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/silence/$id/edit',
    component: lazyPage(() => import('./pages/alerting/silences/silence-form.tsx'), 'EditSilence'),
  }),
  ...['/dashboards', '/dashboards/f/$uid', '/dashboards/f/$uid/$slug'].map((path) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyPage(() => import('./pages/dashboards/list/list.tsx'), 'DashboardList'),
    }),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/library-panels',
    component: lazyPage(
      () => import('./pages/dashboards/library/library-panels.tsx'),
      'LibraryPanels',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/dashboard/new',
    component: lazyPage(() => import('./pages/dashboards/edit/new.tsx'), 'NewDashboard'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/dashboard/import',
    component: lazyPage(() => import('./pages/dashboards/import/import.tsx'), 'ImportDashboard'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/dashboard/settings/$uid',
    component: lazyPage(
      () => import('./pages/dashboards/settings/settings.tsx'),
      'DashboardSettings',
    ),
  }),
  ...['/d/$uid', '/d/$uid/$slug'].map((path) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyPage(() => import('./pages/dashboards/view/view.tsx'), 'DashboardView'),
    }),
  ),
  ...['/d-solo/$uid', '/d-solo/$uid/$slug'].map((path) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyPage(() => import('./pages/dashboards/view/view.tsx'), 'DashboardSolo'),
    }),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/reports',
    component: lazyPage(() => import('./pages/reports/reports.tsx'), 'Reports'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reports/new',
    component: lazyPage(() => import('./pages/reports/report-form.tsx'), 'NewReport'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reports/$id/edit',
    component: lazyPage(() => import('./pages/reports/report-form.tsx'), 'EditReport'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connections/datasources',
    component: lazyPage(() => import('./pages/connections/data-sources.tsx'), 'DataSources'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connections/datasources/new',
    component: lazyPage(() => import('./pages/connections/data-source-form.tsx'), 'NewDataSource'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connections/datasources/edit/$uid',
    component: lazyPage(() => import('./pages/connections/data-source-form.tsx'), 'EditDataSource'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/list',
    component: lazyPage(() => import('./pages/alerting/rules/rules.tsx'), 'AlertRules'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/new',
    component: lazyPage(() => import('./pages/alerting/editor/rule-editor.tsx'), 'NewRule'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/$uid/edit',
    component: lazyPage(() => import('./pages/alerting/editor/rule-editor.tsx'), 'EditRule'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/rule',
    component: lazyPage(() => import('./pages/alerting/rules/rule-page.tsx'), 'PrometheusRulePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/grafana/$uid/view',
    component: lazyPage(() => import('./pages/alerting/rules/rule-page.tsx'), 'GrafanaRulePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/history',
    component: lazyPage(() => import('./pages/alerting/history/history.tsx'), 'AlertHistory'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/routes',
    component: lazyPage(() => import('./pages/alerting/policies/policies.tsx'), 'Policies'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/notifications',
    component: lazyPage(
      () => import('./pages/alerting/contact-points/notifications.tsx'),
      'Notifications',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/notifications/receivers/new',
    component: lazyPage(
      () => import('./pages/alerting/contact-points/point-form.tsx'),
      'NewContactPoint',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerting/notifications/receivers/$name/edit',
    component: lazyPage(
      () => import('./pages/alerting/contact-points/point-form.tsx'),
      'EditContactPoint',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: lazyPage(() => import('./pages/settings/settings.tsx'), 'Settings'),
  }),
]);

export const router = createRouter({
  routeTree,
  basepath: new URL(document.baseURI).pathname,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
