import {
  ChartLine,
  Crosshair,
  Database,
  FolderTree,
  LayoutDashboard,
  ListChecks,
  type LucideIcon,
  Radio,
  Search,
  Settings,
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
    key: 'd',
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
