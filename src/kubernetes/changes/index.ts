/** What has changed in a cluster, as log events. */
export {
  type ChangedBy,
  type ChangedObject,
  type ChangeKind,
  type ChangeRecord,
  changeKinds,
  changesLogGroup,
  parseChangeRecord,
  type Severity,
} from './record.ts';
export { ChangeRecorder, type ChangeRecorderDeps, type ChangeRecorderOptions } from './recorder.ts';
