/** The log of one run of a container. */
export interface ContainerRun {
  readonly group: string;
  readonly stream: string;
  readonly container: string;
  readonly id: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Of the agent and of Fluent Bit's configuration for Container Insights. */
const heads = { application: 'application.', dataplane: 'dataplane.tail.' } as const;

/** What all streams of a pod begin with, in a group. */
export function streamPrefix(group: string, node: string, namespace: string, pod: string): string {
  const head = group.endsWith('/dataplane') ? heads.dataplane : heads.application;
  return `${node}-${head}var.log.containers.${pod}_${namespace}_`;
}

/** Which runs are asked for: of one container or all, the last run, the one before it, or every one. */
export function chosenRuns(
  runs: readonly ContainerRun[],
  container: string,
  which: 'all' | 'last' | 'previous',
): readonly ContainerRun[] {
  const wanted = runs.filter((run) => container === '' || run.container === container);
  if (which === 'all') return wanted;
  const byContainer = Map.groupBy(wanted, (run) => run.container);
  return [...byContainer.values()].flatMap((list) => {
    const run = list.at(which === 'last' ? -1 : -2);
    return run === undefined ? [] : [run];
  });
}

/** For groups where streams have other names: a filter pattern over the fields of the record. */
export function podPattern(of: {
  readonly namespace?: string | undefined;
  /** May end with `*`. */
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly node?: string | undefined;
}): string {
  const conditions = [
    ['namespace_name', of.namespace],
    ['pod_name', of.pod],
    ['container_name', of.container],
    ['host', of.node],
  ].flatMap(([field, value]) =>
    value === undefined || value === ''
      ? []
      : [`($.kubernetes.${field} = ${JSON.stringify(value)})`],
  );
  return conditions.length === 0 ? '' : `{ ${conditions.join(' && ')} }`;
}

/** A Logs Insights query for the same. */
export function podQuery(of: Parameters<typeof podPattern>[0]): string {
  const filters = [
    ['namespace_name', of.namespace],
    ['pod_name', of.pod],
    ['container_name', of.container],
    ['host', of.node],
  ].flatMap(([field, value]) => {
    if (value === undefined || value === '') return [];
    const name = `kubernetes.${field}`;
    const isPrefix = value.endsWith('*');
    const text = JSON.stringify(isPrefix ? value.slice(0, -1) : value);
    return [isPrefix ? `| filter ${name} like ${text}` : `| filter ${name} = ${text}`];
  });
  return [
    'fields @timestamp, log, @logStream, @message',
    ...filters,
    '| sort @timestamp desc',
    '| limit 1000',
  ].join('\n');
}
