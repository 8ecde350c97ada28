import { flattenJson, type LogRow } from '../../../logs/log-row.ts';

const known = new WeakMap<LogRow, { readonly prefix: string; readonly row: LogRow }>();

/**
 * Lines of containers as their programs wrote them: the record that the agent has put around a line
 * becomes the fields of the open row, and the container's name stands for the stream. A row that stays
 * is the same object.
 * @param prefix what all pods' names begin with: it is left out
 */
export function containerRows(rows: readonly LogRow[], prefix = ''): readonly LogRow[] {
  return rows.map((row) => {
    const before = known.get(row);
    if (before?.prefix === prefix) return before.row;
    const made = containerRow(row, prefix);
    known.set(row, { prefix, row: made });
    return made;
  });
}

function containerRow(row: LogRow, prefix: string): LogRow {
  const fields = flattenJson(row.message);
  const log = fields?.find(([name]) => name === 'log')?.[1];
  // Of another shipper, or not of a container: it stays as it is.
  if (fields === undefined || log === undefined) return row;
  const rest = fields.filter(([name]) => name !== 'log' && !name.startsWith('log_processed.'));
  const of = (name: string): string | undefined =>
    rest.find(([field]) => field === `kubernetes.${name}`)?.[1];
  const pod = of('pod_name');
  const source = [
    pod !== undefined && prefix !== '' && pod.startsWith(prefix) ? pod.slice(prefix.length) : pod,
    of('container_name'),
  ].filter((part) => part !== undefined && part !== '');
  return {
    ...row,
    message: log.replace(/\n$/, ''),
    fields: rest,
    ...(source.length > 0 ? { stream: source.join('/') } : {}),
  };
}
