/**
 * Grafana's classic dashboard document at its current schema version: what the store keeps, the page
 * draws and exports give. Documents of other versions and kinds become this form when they come in
 * (`readDashboard`). Keys that are not named here live on untouched, so that a document survives the
 * way through Nunchi.
 */
export interface Dashboard {
  readonly uid?: string;
  readonly title: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  /** One more with each save. */
  readonly version?: number;
  readonly editable?: boolean;
  /** `''` inherits; `browser`, `utc` or a zone's IANA name. */
  readonly timezone?: string;
  readonly time: { readonly from: string; readonly to: string };
  /** `''` is off. */
  readonly refresh?: string;
  readonly timepicker?: {
    readonly hidden?: boolean;
    readonly refresh_intervals?: readonly string[];
    readonly quick_ranges?: readonly {
      readonly display: string;
      readonly from: string;
      readonly to: string;
    }[];
    readonly nowDelay?: string;
  };
  readonly weekStart?: string;
  readonly fiscalYearStartMonth?: number;
  /** 0 off, 1 crosshair, 2 crosshair and tooltip. */
  readonly graphTooltip?: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly AnnotationQuery[] };
  readonly links: readonly DashboardLink[];
  readonly [key: string]: unknown;
}

/** A place in the grid of 24 columns; heights are cells of 30 px with gaps of 8 px. */
export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface DataSourceRef {
  readonly type?: string;
  /** May hold a variable: `$datasource`, `${DS_PROMETHEUS}`; `-- Mixed --`, `-- Dashboard --`, `-- Grafana --`. */
  readonly uid?: string;
}

/** A panel, a row, or a reference to a library panel. */
export interface Panel {
  readonly id: number;
  /** `timeseries`, `stat`, … or `row`; legacy types do not occur. */
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly transparent?: boolean;
  readonly gridPos: GridPos;
  readonly datasource?: DataSourceRef | null;
  readonly targets?: readonly Target[];
  readonly maxDataPoints?: number | null;
  /** Least step, such as `1m`; may hold a variable. */
  readonly interval?: string | null;
  readonly timeFrom?: string | null;
  readonly timeShift?: string | null;
  readonly hideTimeOverride?: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly fieldConfig: FieldConfigSource;
  readonly transformations?: readonly Transformation[];
  readonly links?: readonly PanelLink[];
  readonly repeat?: string;
  readonly repeatDirection?: 'h' | 'v';
  readonly maxPerRow?: number;
  readonly libraryPanel?: { readonly uid: string; readonly name?: string };
  /** Rows only. Panels of a collapsed row are in `panels`, those of an open one follow it. */
  readonly collapsed?: boolean;
  readonly panels?: readonly Panel[];
  readonly [key: string]: unknown;
}

/** One query of a panel. `refId` is always there; the rest belongs to the data source. */
export interface Target {
  readonly refId: string;
  readonly datasource?: DataSourceRef | null;
  readonly hide?: boolean;
  readonly [key: string]: unknown;
}

export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly {
    readonly matcher: { readonly id: string; readonly options?: unknown };
    readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
  }[];
}

export interface FieldConfig {
  readonly unit?: string;
  readonly decimals?: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly displayName?: string;
  readonly noValue?: string;
  readonly color?: {
    readonly mode: string;
    readonly fixedColor?: string;
    readonly seriesBy?: 'last' | 'min' | 'max';
  };
  readonly thresholds?: {
    readonly mode: 'absolute' | 'percentage';
    /** The first has the value null: from there downwards. */
    readonly steps: readonly { readonly value: number | null; readonly color: string }[];
  };
  readonly mappings?: readonly unknown[];
  readonly links?: readonly PanelLink[];
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export interface Transformation {
  readonly id: string;
  readonly disabled?: boolean;
  readonly filter?: { readonly id: string; readonly options?: unknown };
  readonly topic?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface PanelLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
  readonly [key: string]: unknown;
}

export interface DashboardLink {
  readonly type: 'link' | 'dashboards';
  readonly title: string;
  readonly url?: string;
  readonly tags?: readonly string[];
  readonly icon?: string;
  readonly tooltip?: string;
  readonly asDropdown?: boolean;
  readonly targetBlank?: boolean;
  readonly includeVars?: boolean;
  readonly keepTime?: boolean;
  readonly [key: string]: unknown;
}

export interface AnnotationQuery {
  readonly name: string;
  readonly enable: boolean;
  readonly hide?: boolean;
  readonly iconColor?: string;
  readonly builtIn?: number;
  readonly datasource?: DataSourceRef | null;
  readonly target?: Target;
  readonly [key: string]: unknown;
}

export interface VariableOption {
  readonly text: string | readonly string[];
  readonly value: string | readonly string[];
  readonly selected?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly description?: string;
  /** 0 shown, 1 without its label, 2 hidden, 3 in the menu of controls. */
  readonly hide?: number;
  readonly skipUrlSync?: boolean;
  readonly current?: Partial<VariableOption>;
  readonly options?: readonly VariableOption[];
  readonly query?: unknown;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string | null;
  readonly allowCustomValue?: boolean;
  readonly refresh?: number;
  readonly sort?: number;
  readonly regex?: string;
  readonly regexApplyTo?: 'value' | 'text';
  readonly datasource?: DataSourceRef | null;
  readonly [key: string]: unknown;
}
