/** Something that happened, to be marked in charts over time. */
export interface AnnotationMark {
  readonly fromMs: number;
  /** The same as `fromMs` for an instant, later for a region. */
  readonly toMs: number;
  readonly title: string;
  /** Plain text. */
  readonly text: string;
  readonly tags: readonly string[];
  /** A CSS colour, or a name such as `red`. */
  readonly color: string;
  /** Of the annotation query that it comes from. */
  readonly source: string;
  readonly href?: string;
}

/** Marks of one query, with the panels that they are for. */
export interface SourcedMarks {
  readonly marks: readonly AnnotationMark[];
  /** Panels by id; undefined: all. */
  readonly panels?: { readonly exclude: boolean; readonly ids: readonly number[] };
}

/** As much of a data frame as marks are made of. */
export interface MarkFrame {
  readonly schema: {
    readonly fields: readonly {
      readonly name: string;
      readonly type: string;
      readonly labels?: Readonly<Record<string, string>>;
    }[];
  };
  readonly data: { readonly values: readonly (readonly unknown[])[] };
}
