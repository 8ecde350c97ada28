import type { Interpolate, PanelFields, WireResult } from '#dashboards/fields';
import type { AnnotationMark } from '#dashboards/marks';
import type { Panel } from '#dashboards/model';
import type { Box, Theme, ThemeName } from '#picture';

/** A panel with its answers, to be drawn as the page draws it. */
export interface PanelPictureRequest {
  readonly panel: Panel;
  /** Unique among the panels of a picture: ids of its elements begin with it. */
  readonly key: string;
  /** Variables put in. */
  readonly title: string;
  /** By `refId`, as `POST /api/ds/query` answers. */
  readonly results: Readonly<Record<string, WireResult>>;
  /** Marked in charts over time. */
  readonly annotations?: readonly AnnotationMark[];
  readonly interpolate: Interpolate;
  /** Size of the picture, px. */
  readonly width: number;
  readonly height: number;
  readonly theme: ThemeName;
  readonly fromMs: number;
  readonly toMs: number;
  /** IANA name. */
  readonly zone: string;
  readonly language: PictureLanguage;
}

export type PictureLanguage = 'en' | 'ko';

/** What the body of each kind of panel is drawn from. */
export interface DrawContext extends PanelPictureRequest {
  readonly fields: PanelFields;
  readonly colors: Theme;
  /** Room for the body. */
  readonly box: Box;
  readonly words: PictureWords;
  /** An id that no other element of the document has. */
  readonly newId: () => string;
}

export interface PictureWords {
  readonly noData: string;
  readonly noNumbers: string;
  readonly noTime: string;
  readonly name: string;
  readonly more: (count: number) => string;
  readonly rows: (count: number) => string;
  readonly percent: string;
  readonly value: string;
  readonly notDrawn: (kind: string) => string;
}
