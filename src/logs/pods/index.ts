/** The lines of pods, wherever the log groups of Container Insights hold them. */
export {
  lastPodLines,
  lineOf,
  type PodLine,
  type PodLines,
  type PodLinesRequest,
} from './last-lines.ts';
