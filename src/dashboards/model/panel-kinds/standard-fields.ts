import type { StandardField, Words } from './contract.ts';
import { words } from './spec.ts';

export interface StandardFieldSpec {
  readonly id: StandardField;
  readonly kind:
    | 'boolean'
    | 'color'
    | 'links'
    | 'mappings'
    | 'number'
    | 'text'
    | 'thresholds'
    | 'unit';
  readonly label: Words;
  /** Said under the label. */
  readonly hint?: Words;
}

/** Standard field options in the order of a form. */
export const standardFieldSpecs: readonly StandardFieldSpec[] = [
  { id: 'unit', kind: 'unit', label: words(['Unit', '단위']) },
  {
    id: 'min',
    kind: 'number',
    label: words(['Minimum', '최솟값']),
    hint: words(['Empty: from the data', '비우면 데이터에서']),
  },
  {
    id: 'max',
    kind: 'number',
    label: words(['Maximum', '최댓값']),
    hint: words(['Empty: from the data', '비우면 데이터에서']),
  },
  {
    id: 'decimals',
    kind: 'number',
    label: words(['Decimals', '소수 자릿수']),
    hint: words(['Empty: as many as needed', '비우면 자동']),
  },
  { id: 'displayName', kind: 'text', label: words(['Display name', '표시 이름']) },
  { id: 'color', kind: 'color', label: words(['Color', '색']) },
  { id: 'noValue', kind: 'text', label: words(['Text for no value', '값이 없을 때 문구']) },
  { id: 'thresholds', kind: 'thresholds', label: words(['Thresholds', '임계값']) },
  { id: 'mappings', kind: 'mappings', label: words(['Value mappings', '값 매핑']) },
  { id: 'links', kind: 'links', label: words(['Data links', '데이터 링크']) },
  { id: 'description', kind: 'text', label: words(['Description', '설명']) },
  { id: 'filterable', kind: 'boolean', label: words(['Filter by value', '값으로 필터']) },
];

const withoutFilter: readonly StandardField[] = standardFieldSpecs
  .map((spec) => spec.id)
  .filter((id) => id !== 'filterable');

/** What a panel with values has. */
export const valueFields: readonly StandardField[] = withoutFilter;

/** Modes of `color.mode`. */
export const colorModes: readonly { readonly value: string; readonly label: Words }[] = [
  { value: 'fixed', label: words(['One color', '한 가지 색']) },
  { value: 'shades', label: words(['Shades of a color', '한 색의 음영']) },
  { value: 'gradient', label: words(['Gradient of a color', '한 색의 그러데이션']) },
  { value: 'thresholds', label: words(['From thresholds', '임계값 기준']) },
  { value: 'palette-classic', label: words(['Palette', '팔레트']) },
  { value: 'palette-classic-by-name', label: words(['Palette, by name', '팔레트(이름별)']) },
  {
    value: 'palette-colorblind',
    label: words(['Palette for the color-blind', '색각 이상 배려 팔레트']),
  },
  { value: 'palette-categorical-next', label: words(['Palette of categories', '범주형 팔레트']) },
  {
    value: 'palette-categorical-next-2',
    label: words(['Palette of categories 2', '범주형 팔레트 2']),
  },
  {
    value: 'palette-categorical-next-3',
    label: words(['Palette of categories 3', '범주형 팔레트 3']),
  },
  ...[
    'GrYlRd',
    'RdYlGr',
    'BlYlRd',
    'YlRd',
    'BlPu',
    'YlBl',
    'blues',
    'reds',
    'greens',
    'purples',
    'viridis',
    'magma',
    'plasma',
    'inferno',
    'cividis',
  ].map((scheme) => ({
    value: `continuous-${scheme}`,
    label: words([`Scale ${scheme}`, `연속 색 ${scheme}`]),
  })),
];
