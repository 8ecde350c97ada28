import type { PanelFields } from '../../../src/dashboards/fields/panel-fields.ts';
import type { PanelViewProps } from './contract.ts';

/** What the body of each type of panel gets: the panel's own props and its fields. */
export interface PanelBodyProps extends PanelViewProps {
  readonly fields: PanelFields;
  readonly isDark: boolean;
}
