import type { JsonObject } from '../json.ts';
import { currentSchemaVersion } from '../limits.ts';
import { migratePanelTypes } from '../panel-types/index.ts';
import type { Report } from '../report-items.ts';
import { nameDataLinkVariables, panelLinksToUrls } from './links.ts';
import {
  hideFromTooltipToo,
  legendsSayWhetherShown,
  mergeAfterLabelsToFields,
  minSpanToMaxPerRow,
  refreshIsText,
  statsByRefId,
  timeAxisStaysVisible,
  tooltipOptionsToTooltip,
  withoutTimeOptions,
} from './panels.ts';
import {
  currentMatchesMulti,
  refreshAndClearOptions,
  visibleConstantsToTextBoxes,
  withoutTagKeys,
} from './variables.ts';

interface Step {
  /** Documents of lower versions need it. */
  readonly version: number;
  readonly run: (dashboard: JsonObject, report: Report) => void;
}

/**
 * What each schema version since the grid changed, in order. What may occur at any version is not here: panel types
 * in `panel-types/`, mappings, colors, references to data sources and stored clones beside `read.ts`.
 */
const steps: readonly Step[] = [
  { version: 17, run: minSpanToMaxPerRow },
  { version: 19, run: panelLinksToUrls },
  { version: 21, run: nameDataLinkVariables },
  { version: 23, run: currentMatchesMulti },
  { version: 27, run: visibleConstantsToTextBoxes },
  { version: 28, run: withoutTagKeys },
  { version: 29, run: refreshAndClearOptions },
  { version: 30, run: tooltipOptionsToTooltip },
  { version: 31, run: mergeAfterLabelsToFields },
  { version: 35, run: timeAxisStaysVisible },
  { version: 37, run: legendsSayWhetherShown },
  { version: 39, run: statsByRefId },
  { version: 40, run: refreshIsText },
  { version: 41, run: withoutTimeOptions },
  { version: 42, run: hideFromTooltipToo },
];

/** Brings a document from its schema version to the present one, in place. */
export function migrate(dashboard: JsonObject, from: number, report: Report): void {
  // First, so that each step sees panels of today's types only.
  migratePanelTypes(dashboard, report);
  for (const step of steps) if (from < step.version) step.run(dashboard, report);
  if (from < currentSchemaVersion) {
    report.add('note', 'schema-migrated', 'schemaVersion', { from, to: currentSchemaVersion });
  }
}
