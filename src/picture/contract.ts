import type { ThemeName } from './theme.ts';

/** What every picture has. Sizes are px of the SVG; a PNG of it may have more. */
export interface PictureOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: ThemeName;
  readonly title?: string | undefined;
  /** A line below the title: an expression, a range. */
  readonly subtitle?: string | undefined;
  /** Of values, on the axis and in the legend. Default: short numbers. */
  readonly formatValue?: ((value: number) => string) | undefined;
}

/** Columns of equal length. Times are Unix ms and rise; NaN is a gap. */
export interface Series {
  readonly name: string;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Default: by the name. */
  readonly color?: string | undefined;
}

export interface Threshold {
  readonly value: number;
  readonly color?: string | undefined;
  readonly label?: string | undefined;
  /** The side that is bad, filled faintly. */
  readonly region?: 'above' | 'below' | undefined;
}

/** A moment, such as the start of an alert: a line from top to bottom with a flag. */
export interface Mark {
  readonly timeMs: number;
  readonly label: string;
  readonly color?: string | undefined;
}

export interface TimeSeriesOptions extends PictureOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** IANA name. */
  readonly zone: string;
  /** Between two points of a series: a longer way is a gap. Default: whatever stands side by side is joined. */
  readonly stepMs?: number | undefined;
  readonly series: readonly Series[];
  readonly thresholds?: readonly Threshold[] | undefined;
  readonly marks?: readonly Mark[] | undefined;
  /** Share of the area under a line that is filled, 0 to 1. Default 0.08 for one series, else 0. */
  readonly fillOpacity?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Ticks are round in powers of 1024, for bytes. */
  readonly isBinary?: boolean | undefined;
  /** Series on top of each other. */
  readonly isStacked?: boolean | undefined;
  readonly legend?: 'below' | 'none' | undefined;
  /** In place of an empty plot. */
  readonly emptyText?: string | undefined;
}

/** Pictures side by side and below each other. */
export interface ReportOptions extends PictureOptions {
  readonly pictures: readonly {
    readonly left: number;
    /** Below the report's own title. */
    readonly top: number;
    readonly width: number;
    readonly height: number;
    /** An SVG document of this module, of that size. */
    readonly svg: string;
  }[];
  /** Between pictures; `top` as theirs. */
  readonly headings?: readonly { readonly top: number; readonly text: string }[] | undefined;
}
