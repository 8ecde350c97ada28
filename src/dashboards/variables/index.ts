export {
  adhocText,
  type FilterMatcher,
  filterMatcher,
  readAdhocText,
  type SourceFilters,
  sourceFilters,
} from './adhoc.ts';
export {
  allVariablesLookup,
  allVariablesText,
  intervalLookup,
  type PlaceValues,
  placeLookup,
  type RangeValues,
  rangeLookup,
} from './built-ins.ts';
export {
  type AdhocFilter,
  allText,
  allValue,
  type Formatter,
  type Interpolated,
  type Lookup,
  type Option,
  type Reference,
  type VariableState,
  type VariableStates,
} from './contract.ts';
export { chosenAll } from './current.ts';
export { cyclesIn, dependenciesOf } from './dependencies.ts';
export { formatNames, formatValue } from './format.ts';
export { frameOptions, type OptionFrame } from './frame-options.ts';
export { interpolate, interpolateAll, referencesIn } from './interpolate.ts';
export {
  boxOf as layoutBox,
  type Layout,
  layOut,
  type Placed,
  type PlacedPanel,
  type PlacedRow,
} from './layout.ts';
export { currentValue, firstOf, variablesLookup } from './lookup.ts';
export { type MetricFind, parseMetricFind, seriesText } from './metric-find.ts';
export { type KnownDataSource, optionOf } from './options.ts';
export {
  type AskedSource,
  mixedUid,
  panelRange,
  type QuestionRange,
  questionRange,
  sharedUid,
  targetQuery,
  targetSource,
} from './panel-question.ts';
export { promqlFormat } from './prometheus-format.ts';
export {
  type ResolveRequest,
  resolveVariables,
  type VariableQuery,
  type VariableSources,
  type WantedValues,
} from './resolve.ts';
export { type ScopedVars, scopedLookup } from './scoped.ts';
export {
  alignToStep,
  defaultSourceIntervalMs,
  goDurationText,
  intervalText,
  panelIntervalMs,
  parseIntervalMs,
  queryStep,
  roundIntervalMs,
  type Step,
  type StepRequest,
} from './step.ts';
export { type SwitchValues, switchValues } from './switch.ts';
export {
  type LinkParameters,
  readPanelId,
  readTimeWindow,
  readVariables,
  writeVariables,
} from './url-state.ts';
