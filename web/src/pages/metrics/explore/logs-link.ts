import type { Labels } from '../../../api/metrics.ts';

/** Newest first; a page of them is enough to see what went on. */
const maxLines = 200;

/**
 * The Logs Insights query for what the labels of metrics name: the streams of a pod, or of the pods
 * of a namespace, as Container Insights names them (`POD_NAMESPACE_CONTAINER-…`); else all that was logged.
 */
export function logsQuery(labels: Labels): string {
  const filters: string[] = [];
  const pod = labels['pod'] ?? labels['pod_name'];
  const namespace = labels['namespace'];
  const container = labels['container'];
  if (pod !== undefined) filters.push(`@logStream like ${quoted(pod)}`);
  else if (namespace !== undefined) filters.push(`@logStream like ${quoted(`_${namespace}_`)}`);
  if (pod !== undefined && container !== undefined && container !== '') {
    filters.push(`@logStream like ${quoted(`_${container}`)}`);
  }
  return [
    'fields @timestamp, @message, @logStream',
    ...filters.map((filter) => `| filter ${filter}`),
    '| sort @timestamp desc',
    `| limit ${maxLines}`,
  ].join('\n');
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
