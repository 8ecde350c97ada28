import type { Words } from './panel-kinds/index.ts';

/** A step between queries and panel. */
export interface TransformationKind {
  readonly id: string;
  readonly name: Words;
  /** Not carried out: the data pass as they are. */
  readonly isSupported: boolean;
}

const done = (id: string, en: string, ko: string): TransformationKind => ({
  id,
  name: { en, ko },
  isSupported: true,
});

const notDone = (id: string, en: string, ko: string): TransformationKind => ({
  id,
  name: { en, ko },
  isSupported: false,
});

/** Transformations by id, those that work and those that are only known. */
export const transformationKinds: readonly TransformationKind[] = [
  done('organize', 'Organize fields', '필드 정리'),
  done('joinByField', 'Join by field', '필드로 합치기'),
  done('seriesToColumns', 'Join by field', '필드로 합치기'),
  done('merge', 'Merge', '병합'),
  done('groupBy', 'Group by', '그룹화'),
  done('calculateField', 'Add a calculated field', '계산 필드 추가'),
  done('labelsToFields', 'Labels to fields', '레이블을 필드로'),
  done('sortBy', 'Sort', '정렬'),
  done('filterFieldsByName', 'Filter fields by name', '이름으로 필드 거르기'),
  done('filterFields', 'Filter fields', '필드 거르기'),
  done('filterFrames', 'Filter frames', '프레임 거르기'),
  done('filterByRefId', 'Filter by query', '쿼리로 거르기'),
  done('filterByValue', 'Filter by value', '값으로 거르기'),
  done('reduce', 'Reduce', '줄이기'),
  done('renameByRegex', 'Rename by pattern', '패턴으로 이름 바꾸기'),
  done('rename', 'Rename', '이름 바꾸기'),
  done('order', 'Order fields', '필드 순서'),
  done('limit', 'Limit rows', '행 수 제한'),
  done('convertFieldType', 'Convert types', '자료형 바꾸기'),
  done('convertFrameType', 'Convert frames', '프레임 바꾸기'),
  done('formatString', 'Format text', '글자 형식'),
  done('formatTime', 'Format times', '시각 형식'),
  done('seriesToRows', 'Series to rows', '시리즈를 행으로'),
  done('concatenate', 'Concatenate', '이어 붙이기'),
  done('append', 'Append', '덧붙이기'),
  done('ensureColumns', 'Ensure columns', '열 맞추기'),
  done('groupingToMatrix', 'Grouping to matrix', '행렬로'),
  done('groupToNestedTable', 'Group to nested tables', '중첩 표로'),
  done('histogram', 'Histogram', '히스토그램'),
  done('transpose', 'Transpose', '행과 열 바꾸기'),
  done('noop', 'Nothing', '없음'),
  done('configFromData', 'Config from data', '데이터에서 설정'),
  done('extractFields', 'Extract fields', '필드 꺼내기'),
  done('fieldLookup', 'Look up places', '장소 찾기'),
  done('heatmap', 'Heatmap', '히트맵'),
  done('joinByLabels', 'Join by labels', '레이블로 합치기'),
  done('partitionByValues', 'Partition by values', '값으로 나누기'),
  done('prepareTimeSeries', 'Prepare time series', '시계열 준비'),
  done('regression', 'Regression', '회귀'),
  done('rowsToFields', 'Rows to fields', '행을 필드로'),
  done('smoothing', 'Smoothing', '평활'),
  notDone('spatial', 'Spatial', '공간'),
  done('timeSeriesTable', 'Time series to table', '시계열을 표로'),
];

const byId = new Map(transformationKinds.map((kind) => [kind.id, kind]));

export const transformationKind = (id: string): TransformationKind | undefined => byId.get(id);
