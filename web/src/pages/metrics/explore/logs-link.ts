import type { Labels } from '../../../api/metrics.ts';

/** Newest first; a page of them is enough to see what went on. */
const maxLines = 200;

/**
 * The Logs Insights query for what the labels of metrics name. Where the logs have the fields of
 * Kubernetes metadata, these are asked for; else the streams of a pod, or of the pods of a namespace,
 * as Container Insights names them (`POD_NAMESPACE_CONTAINER-…`); else all that was logged.
 * @param fields names of fields that the logs have
 */
export function logsQuery(labels: Labels, fields: ReadonlySet<string> = new Set()): string {
  return [
    'fields @timestamp, @message, @logStream',
    ...filtersOf(labels, fields).map((filter) => `| filter ${filter}`),
    '| sort @timestamp desc',
    `| limit ${maxLines}`,
  ].join('\n');
}

function filtersOf(labels: Labels, fields: ReadonlySet<string>): readonly string[] {
  const pod = labels['pod'] ?? labels['pod_name'];
  const namespace = labels['namespace'];
  const container = labels['container'] || undefined;
  if (fields.has('kubernetes.pod_name')) {
    const node = labels['node'] ?? (pod === undefined ? hostOf(labels['instance']) : undefined);
    const known: readonly (readonly [field: string, value: string | undefined])[] = [
      ['kubernetes.namespace_name', namespace],
      ['kubernetes.pod_name', pod],
      ['kubernetes.container_name', pod === undefined ? undefined : container],
      // A pod is on one node.
      ['kubernetes.host', pod === undefined ? node : undefined],
    ];
    return known.flatMap(([field, value]) =>
      value === undefined || !fields.has(field) ? [] : [`${field} = ${quoted(value)}`],
    );
  }
  const filters: string[] = [];
  if (pod !== undefined) filters.push(`@logStream like ${quoted(pod)}`);
  else if (namespace !== undefined) filters.push(`@logStream like ${quoted(`_${namespace}_`)}`);
  if (pod !== undefined && container !== undefined) {
    filters.push(`@logStream like ${quoted(`_${container}`)}`);
  }
  return filters;
}

/** A node's name; an address says nothing to the logs. */
function hostOf(instance: string | undefined): string | undefined {
  const host = instance?.replace(/:\d+$/, '');
  return host === undefined || host === 'localhost' || /^[\d.]+$|^\[/.test(host) ? undefined : host;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
