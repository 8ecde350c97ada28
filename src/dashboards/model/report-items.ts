import type { Words } from './panel-kinds/index.ts';

/**
 * What reading a document had to say. `note`: changed on the way in, means the same. `warning`:
 * something looks or works otherwise. `problem`: something does not work.
 */
export type Severity = 'note' | 'warning' | 'problem';

export type ReportCode =
  | 'clones-dropped'
  | 'color-mode-unknown'
  | 'condition-dropped'
  | 'data-source-type'
  | 'default-title'
  | 'duplicate-id'
  | 'duplicate-ref-id'
  | 'element-missing'
  | 'field-unknown'
  | 'layout-became-rows'
  | 'library-panel-missing'
  | 'matcher-unknown'
  | 'not-an-object'
  | 'option-dropped'
  | 'option-not-drawn'
  | 'option-unknown'
  | 'option-value'
  | 'panel-alert'
  | 'panel-type-migrated'
  | 'panel-type-not-drawn'
  | 'panel-type-unknown'
  | 'schema-migrated'
  | 'time-zone'
  | 'transformation-unknown'
  | 'variable-type';

/** Words of every kind of item; `{name}` is filled from `params`. */
const reportWords: Readonly<Record<ReportCode, Words>> = {
  'schema-migrated': {
    en: 'Schema version {from} was brought to {to}',
    ko: '스키마 버전 {from}을(를) {to}(으)로 변환했습니다',
  },
  'panel-type-migrated': {
    en: 'Panel type {from} became {to}',
    ko: '패널 종류 {from}을(를) {to}(으)로 바꿨습니다',
  },
  'panel-type-unknown': {
    en: 'Panel type {type} is not known: its query result is shown as a table',
    ko: '패널 종류 {type}을(를) 모릅니다. 쿼리 결과를 표로 표시합니다',
  },
  'panel-type-not-drawn': {
    en: 'Panel type {type} is not drawn: its query result is shown as a table',
    ko: '패널 종류 {type}은(는) 그릴 수 없습니다. 쿼리 결과를 표로 표시합니다',
  },
  'option-unknown': {
    en: 'Option {name} of {type} is not known: kept, without effect',
    ko: '{type}의 옵션 {name}을(를) 모릅니다. 보관만 하고 적용하지 않습니다',
  },
  'option-dropped': {
    en: 'Option {name} of {type} has no counterpart: dropped',
    ko: '{type}의 옵션 {name}에 해당하는 것이 없어 버렸습니다',
  },
  'option-not-drawn': {
    en: 'Option {name} of {type} has no effect: {instead.en}',
    ko: '{type}의 옵션 {name}은(는) 적용되지 않습니다: {instead.ko}',
  },
  'option-value': {
    en: '{name} of {type} is {value}: allowed is {allowed}',
    ko: '{type}의 {name} 값이 {value}입니다. 허용되는 값: {allowed}',
  },
  'field-unknown': {
    en: 'Field option {name} is not known: kept, without effect',
    ko: '필드 옵션 {name}을(를) 모릅니다. 보관만 하고 적용하지 않습니다',
  },
  'matcher-unknown': {
    en: 'An override matches by {id}, which is not known: it changes nothing',
    ko: '재정의 조건 {id}을(를) 모릅니다. 아무것도 바꾸지 않습니다',
  },
  'transformation-unknown': {
    en: 'Transformation {id} is not known: it is left out',
    ko: '변환 {id}을(를) 모릅니다. 건너뜁니다',
  },
  'color-mode-unknown': {
    en: 'Color mode {mode} is not known: the panel’s own is used',
    ko: '색 방식 {mode}을(를) 모릅니다. 패널의 기본값을 씁니다',
  },
  'variable-type': {
    en: 'Variables of type {type} are not supported: {name} keeps its stored value',
    ko: '{type} 종류의 변수는 지원하지 않습니다. {name}은(는) 저장된 값을 씁니다',
  },
  'data-source-type': {
    en: 'No data source of type {type} can be asked',
    ko: '{type} 종류의 데이터 소스에 물을 수 없습니다',
  },
  'panel-alert': {
    en: 'The alert rule inside the panel is kept but never evaluated',
    ko: '패널 안의 알림 규칙은 보관만 하고 평가하지 않습니다',
  },
  'clones-dropped': {
    en: '{count} stored copies of repeated panels were dropped: they are made when shown',
    ko: '저장된 반복 패널 복사본 {count}개를 버렸습니다. 표시할 때 만듭니다',
  },
  'not-an-object': {
    en: 'Not an object: left out',
    ko: '객체가 아니어서 뺐습니다',
  },
  'duplicate-id': {
    en: 'Panel id {id} was used before: it became {to}',
    ko: '패널 id {id}가 이미 쓰여 {to}(으)로 바꿨습니다',
  },
  'duplicate-ref-id': {
    en: 'Query {refId} occurs twice: the second became {to}',
    ko: '쿼리 {refId}가 두 번 있어 둘째를 {to}(으)로 바꿨습니다',
  },
  'layout-became-rows': {
    en: '{kind} was turned into rows and a grid',
    ko: '{kind}을(를) 행과 격자로 바꿨습니다',
  },
  'condition-dropped': {
    en: 'Conditions for showing were dropped: it is always shown',
    ko: '표시 조건을 버렸습니다. 항상 표시합니다',
  },
  'library-panel-missing': {
    en: 'Library panel {name} is not in this document',
    ko: '라이브러리 패널 {name}이(가) 이 문서에 없습니다',
  },
  'element-missing': {
    en: 'Element {name} of the layout is not there: left out',
    ko: '배치에 있는 요소 {name}이(가) 없어 뺐습니다',
  },
  'time-zone': {
    en: 'Time zone {zone} is not known: the default is used',
    ko: '시간대 {zone}을(를) 모릅니다. 기본값을 씁니다',
  },
  'default-title': {
    en: 'There was no title',
    ko: '제목이 없었습니다',
  },
};

export interface ReportItem {
  readonly severity: Severity;
  readonly code: ReportCode;
  /** In the document that was read: `panels[3].options.legend`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** The panel it is about, once it has an id. */
  readonly panel?: { readonly id: number; readonly title: string };
}

/** The words of an item in a language: `describeReportItem(item, 'en')`. */
export function describeReportItem(item: ReportItem, language: keyof Words): string {
  return reportWords[item.code][language].replace(
    /\{([\w.]+)\}/g,
    (whole, name: string) => item.params[name] ?? whole,
  );
}

/** A report that repeats one finding a thousand times helps nobody. */
const maxReportItems = 1_000;

/** Collects items while a document is read. */
export class Report {
  readonly items: ReportItem[] = [];

  add(
    severity: Severity,
    code: ReportCode,
    path: string,
    params: Readonly<Record<string, string | number>> = {},
    panel?: ReportItem['panel'],
  ): void {
    if (this.items.length >= maxReportItems) return;
    this.items.push({
      severity,
      code,
      path,
      params: Object.fromEntries(
        Object.entries(params).map(([name, value]) => [name, String(value)]),
      ),
      ...(panel === undefined ? {} : { panel }),
    });
  }
}
