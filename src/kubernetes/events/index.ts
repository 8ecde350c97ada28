/** Kubernetes events as log events. */
export {
  type EventRecord,
  eventsLogGroup,
  type InvolvedObject,
  parseEventRecord,
} from './record.ts';
export { EventRecorder, type EventRecorderDeps, type EventRecorderOptions } from './recorder.ts';
