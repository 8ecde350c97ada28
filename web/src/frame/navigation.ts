import {
  FolderTree,
  LayoutDashboard,
  type LucideIcon,
  Radio,
  Search,
  Settings,
} from 'lucide-react';

/** A page of the rail; `word` is a key of the frame's words, `key` the letter after `g`. */
export interface PageLink {
  readonly to: string;
  readonly word: 'overview' | 'insights' | 'liveTail' | 'groups' | 'settings';
  readonly section?: 'logs';
  readonly icon: LucideIcon;
  readonly key: string;
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
};

/** Only what exists. A new page adds its line here and its route in router.tsx. */
export const pageLinks: readonly PageLink[] = [
  { to: '/', word: 'overview', icon: LayoutDashboard, key: 'o' },
  insightsLink,
  liveTailLink,
  { to: '/logs/groups', word: 'groups', section: 'logs', icon: FolderTree, key: 'l' },
];

/** At the foot of the rail. */
export const settingsLink: PageLink = {
  to: '/settings',
  word: 'settings',
  icon: Settings,
  key: 's',
};
