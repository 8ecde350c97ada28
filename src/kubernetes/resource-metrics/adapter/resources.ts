import type { ApiDiscovery, ServedResource } from '#kubernetes/client';
import type { ListedMetric } from './metrics-list.ts';
import { labelOf } from './query.ts';

/** Stand for what a template is filled with. */
const marks = { Group: '\u0001', Resource: '\u0002' };

/** The resources whose objects a metric's labels name. @throws {KubernetesError} */
export async function resourcesOf(
  { rule: { labels }, labels: own }: ListedMetric,
  discovery: Pick<ApiDiscovery, 'lookUp'>,
): Promise<readonly ServedResource[]> {
  const found: ServedResource[] = [];
  for (const [label, { group, resource }] of labels.overrides) {
    if (!own.has(label)) continue;
    const type = await discovery.lookUp(resource, group ?? '');
    if (type !== undefined) found.push(type);
  }
  if (labels.template === undefined) return found;
  const shape = new RegExp(
    `^${RegExp.escape(labels.template.execute(marks))
      .replace(RegExp.escape(marks.Group), '.+?')
      .replace(RegExp.escape(marks.Resource), '(?<resource>.+?)')}$`,
  );
  for (const label of own) {
    const resource = shape.exec(label)?.groups?.['resource'];
    if (resource === undefined) continue;
    const type = await discovery.lookUp(resource);
    if (type !== undefined && labelOf(labels, type) === label) found.push(type);
  }
  return found;
}
