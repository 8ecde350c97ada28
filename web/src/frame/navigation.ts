import {
  BellOff,
  BellRing,
  Box,
  Cable,
  CalendarClock,
  ChartLine,
  ClipboardList,
  Container,
  Crosshair,
  Database,
  FileClock,
  FolderTree,
  HardDrive,
  History,
  Layers,
  LayoutDashboard,
  LayoutGrid,
  ListChecks,
  type LucideIcon,
  Radio,
  Route,
  Search,
  Send,
  Server,
  Settings,
  Siren,
} from 'lucide-react';
import type { frameWords } from './words.ts';

type Words = (typeof frameWords)['en'];
/** Keys of the frame's words that are a plain text. */
type Word = { [K in keyof Words]: Words[K] extends string ? K : never }[keyof Words];

/** A page of the rail. */
export interface PageLink {
  readonly to: string;
  readonly word: Word;
  /** Pages of one section stand together; the section's name is shown while the rail is pinned. */
  readonly section?: Word;
  readonly icon: LucideIcon;
  /** The letter after `g`; no two pages share one. */
  readonly key: string;
  /** What the page shows does not depend on the time range: the bar offers none. */
  readonly timeless?: true;
}

export const insightsLink: PageLink = {
  to: '/logs/insights',
  word: 'insights',
  section: 'logs',
  icon: Search,
  key: 'i',
};
export const liveTailLink: PageLink = {
  to: '/logs/tail',
  word: 'liveTail',
  section: 'logs',
  icon: Radio,
  key: 't',
  timeless: true,
};

/** Only what exists. A new page adds its line here and its route in router.tsx. */
export const pageLinks: readonly PageLink[] = [
  { to: '/', word: 'overview', icon: LayoutDashboard, key: 'o' },
  insightsLink,
  liveTailLink,
  { to: '/logs/groups', word: 'groups', section: 'logs', icon: FolderTree, key: 'l' },
  { to: '/metrics/explore', word: 'explore', section: 'metrics', icon: ChartLine, key: 'm' },
  {
    to: '/metrics/targets',
    word: 'targets',
    section: 'metrics',
    icon: Crosshair,
    key: 'e',
    timeless: true,
  },
  {
    to: '/metrics/rules',
    word: 'rules',
    section: 'metrics',
    icon: ListChecks,
    key: 'r',
    timeless: true,
  },
  {
    to: '/metrics/store',
    word: 'metricStore',
    section: 'metrics',
    icon: Database,
    key: 'b',
    timeless: true,
  },
  {
    to: '/kubernetes',
    word: 'clusterOverview',
    section: 'kubernetes',
    icon: Container,
    key: 'k',
  },
  {
    to: '/kubernetes/workloads',
    word: 'workloads',
    section: 'kubernetes',
    icon: Layers,
    key: 'w',
    timeless: true,
  },
  {
    to: '/kubernetes/pods',
    word: 'pods',
    section: 'kubernetes',
    icon: Box,
    key: 'p',
    timeless: true,
  },
  {
    to: '/kubernetes/nodes',
    word: 'nodes',
    section: 'kubernetes',
    icon: Server,
    key: 'n',
    timeless: true,
  },
  {
    to: '/kubernetes/volumes',
    word: 'volumes',
    section: 'kubernetes',
    icon: HardDrive,
    key: 'v',
    timeless: true,
  },
  {
    to: '/incidents',
    word: 'incidents',
    section: 'kubernetes',
    icon: Siren,
    key: 'f',
    timeless: true,
  },
  {
    to: '/kubernetes/events',
    word: 'events',
    section: 'kubernetes',
    icon: CalendarClock,
    key: 'y',
  },
  {
    to: '/dashboards',
    word: 'dashboards',
    icon: LayoutGrid,
    key: 'd',
    timeless: true,
  },
  {
    to: '/reports',
    word: 'reports',
    icon: FileClock,
    key: 'z',
    timeless: true,
  },
  {
    to: '/alerting/alerts',
    word: 'alerts',
    section: 'alerting',
    icon: BellRing,
    key: 'a',
    timeless: true,
  },
  {
    to: '/alerting/list',
    word: 'alertRules',
    section: 'alerting',
    icon: ClipboardList,
    key: 'u',
    timeless: true,
  },
  {
    to: '/alerting/silences',
    word: 'silences',
    section: 'alerting',
    icon: BellOff,
    key: 'x',
    timeless: true,
  },
  {
    to: '/alerting/notifications',
    word: 'contactPoints',
    section: 'alerting',
    icon: Send,
    key: 'c',
    timeless: true,
  },
  {
    to: '/alerting/routes',
    word: 'policies',
    section: 'alerting',
    icon: Route,
    key: 'q',
    timeless: true,
  },
  {
    to: '/alerting/history',
    word: 'alertHistory',
    section: 'alerting',
    icon: History,
    key: 'h',
  },
  {
    to: '/connections/datasources',
    word: 'dataSources',
    section: 'connections',
    icon: Cable,
    key: 'j',
    timeless: true,
  },
];

/** At the foot of the rail. */
export const settingsLink: PageLink = {
  to: '/settings',
  word: 'settings',
  icon: Settings,
  key: 's',
  timeless: true,
};

/** Pages below a timeless one, such as its forms. */
const timelessPaths = [
  '/alerting/silence/',
  '/alerting/notifications/',
  '/dashboards/f/',
  '/library-panels',
  '/dashboard/import',
  '/dashboard/settings/',
  '/connections/datasources/',
  '/reports/',
];

/** What the page shows does not depend on the time range. */
export const isTimeless = (pathname: string): boolean =>
  [...pageLinks, settingsLink].some((link) => link.to === pathname && link.timeless === true) ||
  timelessPaths.some((path) => pathname.startsWith(path));
