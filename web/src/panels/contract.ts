import type { DataFrame } from '@grafana/data';
import type { Interpolate } from '../../../src/dashboards/fields/contract.ts';
import type { AnnotationMark } from '../../../src/dashboards/marks/contract.ts';
import type { Panel } from '../../../src/dashboards/model/contract.ts';

export type { Interpolate, ScopedVars } from '../../../src/dashboards/fields/contract.ts';
export type { AnnotationMark } from '../../../src/dashboards/marks/contract.ts';

/** What a panel's queries came to. */
export interface PanelData {
  /**
   * `loading` keeps the frames of before: the page dims them. `error`: no query was answered; with
   * some answered it is `done` and `errors` says which were not.
   */
  readonly state: 'loading' | 'done' | 'error';
  /** Before transformations and field config, each with its `refId`, in the order of the targets. */
  readonly frames: readonly DataFrame[];
  readonly annotations: readonly AnnotationMark[];
  readonly errors: readonly { readonly refId?: string; readonly message: string }[];
  /** `$__interval` of the panel, in ms. */
  readonly intervalMs: number;
}

/** A value of a cell or label that somebody wants to filter by. */
export interface PanelFilter {
  readonly key: string;
  readonly value: string;
  readonly operator: '=' | '!=';
}

export interface PanelViewProps {
  /** Its texts still hold variables. */
  readonly panel: Panel;
  readonly data: PanelData;
  /** Of the panel's body, without its title. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** What the panel shows, after its own `timeFrom` and `timeShift`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly interpolate: Interpolate;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** Charts with the same key share a crosshair; absent: the panel has its own. */
  readonly crosshairKey?: string | undefined;
  /** Whether the others' tooltips are shown with the crosshair. */
  readonly sharesTooltip?: boolean;
  readonly onFilter?: (filter: PanelFilter) => void;
  /** A double click: back out of the last zoom. */
  readonly onZoomOut?: () => void;
  /**
   * Under which a browser keeps what its reader did to the panel in place, as a column's width.
   * Absent: until the page is left.
   */
  readonly viewKey?: string;
  /** Takes over what somebody did to the panel in place, for an editor; `viewKey` keeps nothing then. */
  readonly onChange?: (apply: (panel: Panel) => Panel) => void;
}
