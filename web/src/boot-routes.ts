/**
 * What each page needs before it can show anything, fetched while the frame is still being parsed:
 * see vite-boot.ts. A page that is missing here works, a step slower.
 */
export interface BootRoute {
  /** As in router.tsx. */
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
  { path: '/settings', module: 'src/pages/settings/settings.tsx' },
];
