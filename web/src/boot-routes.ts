/**
 * What each page needs before it can show anything, fetched while the frame is still being parsed:
 * see vite-boot.ts. A page that is missing here works, a step slower.
 */
export interface BootRoute {
  /** As in router.tsx; `/d/*` stands for all addresses below `/d`. */
  readonly path: string;
  /** The module of its page, as vite names it. */
  readonly module: string;
  /** Further chunks that the page loads at once. */
  readonly also?: readonly string[];
  /** What it asks the server first, letter for letter. */
  readonly data?: readonly string[];
}

/** Every page asks for it. */
export const bootData: readonly string[] = ['nunchi/session'];

export const bootRoutes: readonly BootRoute[] = [
  { path: '/', module: 'src/pages/overview/overview.tsx', data: ['nunchi/logs/overview'] },
  {
    path: '/logs/insights',
    module: 'src/pages/insights/insights.tsx',
    also: ['src/pages/insights/editor/editor.tsx'],
    data: ['nunchi/logs/groups?limit=50'],
  },
  { path: '/reports', module: 'src/pages/reports/reports.tsx', data: ['nunchi/reports'] },
  { path: '/logs/tail', module: 'src/pages/live-tail/live-tail.tsx' },
  {
    path: '/logs/groups',
    module: 'src/pages/groups/groups.tsx',
    data: ['nunchi/logs/groups?limit=10000'],
  },
  { path: '/logs/group', module: 'src/pages/groups/group.tsx' },
  {
    path: '/metrics/explore',
    module: 'src/pages/metrics/explore/explore.tsx',
    also: ['src/promql/editor.tsx'],
  },
  {
    path: '/metrics/targets',
    module: 'src/pages/metrics/targets/targets.tsx',
    data: ['api/v1/targets'],
  },
  {
    path: '/metrics/rules',
    module: 'src/pages/metrics/rules/rules.tsx',
    data: ['api/v1/rules'],
  },
  { path: '/metrics/store', module: 'src/pages/metrics/status/status.tsx' },
  {
    path: '/incidents',
    module: 'src/pages/incidents/incidents.tsx',
    data: ['nunchi/incidents?resolved=200'],
  },
  {
    path: '/kubernetes',
    module: 'src/pages/kubernetes/overview/overview.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/workloads',
    module: 'src/pages/kubernetes/lists/workloads.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/pods',
    module: 'src/pages/kubernetes/lists/pods.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/nodes',
    module: 'src/pages/kubernetes/lists/nodes.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/volumes',
    module: 'src/pages/kubernetes/lists/volumes.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/events',
    module: 'src/pages/kubernetes/lists/events.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/pod',
    module: 'src/pages/kubernetes/pod/pod.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/node',
    module: 'src/pages/kubernetes/node/node.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/workload',
    module: 'src/pages/kubernetes/workload/workload.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/namespace',
    module: 'src/pages/kubernetes/namespace/namespace.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/kubernetes/volume',
    module: 'src/pages/kubernetes/volume/volume.tsx',
    data: ['nunchi/kubernetes/status'],
  },
  {
    path: '/alerting/alerts',
    module: 'src/pages/alerting/alerts/alerts.tsx',
    data: ['api/v2/alerts/groups', 'api/v1/alerts'],
  },
  {
    path: '/alerting/silences',
    module: 'src/pages/alerting/silences/silences.tsx',
    data: ['api/v2/silences', 'api/v2/alerts'],
  },
  {
    path: '/alerting/list',
    module: 'src/pages/alerting/rules/rules.tsx',
    data: ['api/v1/rules', 'api/ruler/grafana/api/v1/rules'],
  },
  { path: '/alerting/history', module: 'src/pages/alerting/history/history.tsx' },
  {
    path: '/alerting/routes',
    module: 'src/pages/alerting/policies/policies.tsx',
    data: ['nunchi/alerting/routing'],
  },
  {
    path: '/alerting/notifications',
    module: 'src/pages/alerting/contact-points/notifications.tsx',
    data: ['nunchi/alerting/routing'],
  },
  {
    path: '/dashboards',
    module: 'src/pages/dashboards/list/list.tsx',
    data: ['api/search?limit=5000'],
  },
  {
    path: '/library-panels',
    module: 'src/pages/dashboards/library/library-panels.tsx',
    data: ['api/library-elements?kind=1&perPage=5000'],
  },
  {
    path: '/dashboard/new',
    module: 'src/pages/dashboards/edit/new.tsx',
    also: ['src/pages/dashboards/edit/editor.tsx', 'src/pages/dashboards/edit/edit-tools.tsx'],
    data: ['api/datasources'],
  },
  {
    path: '/dashboard/import',
    module: 'src/pages/dashboards/import/import.tsx',
    data: ['api/search?limit=5000', 'api/datasources'],
  },
  {
    path: '/connections/datasources',
    module: 'src/pages/connections/data-sources.tsx',
    data: ['api/datasources'],
  },
  {
    path: '/d/*',
    module: 'src/pages/dashboards/view/view.tsx',
    data: ['api/datasources'],
  },
  { path: '/settings', module: 'src/pages/settings/settings.tsx' },
];
