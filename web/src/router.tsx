import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
  type SearchSchemaInput,
} from '@tanstack/react-router';
import { Frame } from './frame/frame.tsx';
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
    component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'Overview'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/insights',
    component: lazyRouteComponent(() => import('./pages/insights/insights.tsx'), 'Insights'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/tail',
    component: lazyRouteComponent(() => import('./pages/live-tail/live-tail.tsx'), 'LiveTail'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/groups',
    component: lazyRouteComponent(() => import('./pages/groups/groups.tsx'), 'Groups'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/logs/group',
    component: lazyRouteComponent(() => import('./pages/groups/group.tsx'), 'Group'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/explore',
    component: lazyRouteComponent(() => import('./pages/metrics/explore/explore.tsx'), 'Explore'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/targets',
    component: lazyRouteComponent(() => import('./pages/metrics/targets/targets.tsx'), 'Targets'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/rules',
    component: lazyRouteComponent(() => import('./pages/metrics/rules/rules.tsx'), 'Rules'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/metrics/store',
    component: lazyRouteComponent(
      () => import('./pages/metrics/status/status.tsx'),
      'MetricStatus',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'Settings'),
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
