/** Text and lists of dashboards whose settings lay beside their options. */
import { objectOf, setDefined, stringOf } from '../json.ts';
import type { PanelMigration } from './index.ts';

export const migrateText: PanelMigration = (panel) => {
  if (panel['content'] === undefined && panel['mode'] === undefined) return;
  const options = objectOf(panel['options']);
  const mode = stringOf(options['mode']) ?? stringOf(panel['mode']) ?? 'markdown';
  options['content'] ??= stringOf(panel['content']) ?? '';
  // Plain text kept its lines and its signs, as code does.
  options['mode'] = mode === 'text' ? 'code' : mode;
  panel['options'] = options;
  delete panel['content'];
  delete panel['mode'];
};

const dashboardListOptions: Readonly<Record<string, string>> = {
  starred: 'showStarred',
  recent: 'showRecentlyViewed',
  search: 'showSearch',
  headings: 'showHeadings',
  limit: 'maxItems',
  query: 'query',
  tags: 'tags',
  folderId: 'folderId',
};

export const migrateDashboardList: PanelMigration = (panel) => {
  const options = objectOf(panel['options']);
  for (const [old, present] of Object.entries(dashboardListOptions)) {
    if (panel[old] === undefined) continue;
    if (options[present] === undefined) setDefined(options, present, panel[old]);
    delete panel[old];
  }
  panel['options'] = options;
};
