/** Known by name only: kept as they are, shown as a table of what their queries answer. */
import type { PanelKind } from './contract.ts';
import { valueFields } from './standard-fields.ts';

const named = (type: string, en: string, ko: string, hasQueries = true): PanelKind => ({
  type,
  name: { en, ko },
  isDrawn: false,
  hasQueries,
  standardFields: hasQueries ? valueFields : [],
  fieldDefaults: {},
  options: [],
  custom: [],
});

export const others: readonly PanelKind[] = [
  named('news', 'News', '뉴스', false),
  named('traces', 'Traces', '트레이스'),
];
