import type { NodeUsage, PodUsage, ReadUsage, Usage, UsageSnapshot } from '#kubernetes/usage';
import { labelValue } from '#metrics/model';
import { type AdapterDeps, ask, type Value } from './api.ts';
import type { AdapterConfig, UsageRule } from './contract.ts';
import { labelOf, queryOf } from './query.ts';

type UsageRules = NonNullable<AdapterConfig['usage']>;

const core = (resource: string) => ({ group: '', resource: `${resource}s`, singular: resource });

/** What pods and nodes use, by the queries of `resourceRules`. */
export function ruledUsage(
  rules: UsageRules,
  deps: Pick<AdapterDeps, 'engine' | 'clock'>,
): ReadUsage {
  return async (signal): Promise<UsageSnapshot> => {
    const { cpu, memory, windowMs } = rules;
    const nodes = new Map<string, NodeUsage>();
    const nodeMemory = await byKey(memory, ['node'], deps, signal);
    for (const [key, value] of await byKey(cpu, ['node'], deps, signal)) {
      const usage = usageOf(value, nodeMemory.get(key));
      const name = key;
      if (usage !== undefined) nodes.set(name, { name, timeMs: value.timeMs, windowMs, usage });
    }
    const containers = ['namespace', 'pod', 'container'];
    const podMemory = await byKey(memory, containers, deps, signal);
    const pods = new Map<string, PodUsage>();
    for (const [key, value] of await byKey(cpu, containers, deps, signal)) {
      const usage = usageOf(value, podMemory.get(key));
      if (usage === undefined) continue;
      const [namespace = '', pod = '', name = ''] = key.split('/');
      const known = pods.get(`${namespace}/${pod}`);
      pods.set(`${namespace}/${pod}`, {
        namespace,
        name: pod,
        timeMs: value.timeMs,
        windowMs,
        containers: [...(known?.containers ?? []), { name, usage }],
      });
    }
    return { nodes, pods };
  };
}

function usageOf(cpu: Value, memory: Value | undefined): Usage | undefined {
  return memory === undefined || !Number.isFinite(cpu.value) || !Number.isFinite(memory.value)
    ? undefined
    : { cpuCores: Math.max(0, cpu.value), memoryBytes: memory.value };
}

/** Values by the names of what they are of, joined by slashes. */
async function byKey(
  rule: UsageRule,
  resources: readonly string[],
  deps: Pick<AdapterDeps, 'engine' | 'clock'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Value>> {
  const labels = resources.map((resource) =>
    resource === 'container'
      ? rule.containerLabel
      : (labelOf(rule.labels, core(resource)) ?? resource),
  );
  const template = resources.length === 1 ? rule.nodeQuery : rule.containerQuery;
  const matchers = labels.map((label) => `${label}!=""`);
  const query = queryOf(template, { series: '', values: new Map(), matchers, groupBy: labels });
  const found = new Map<string, Value>();
  for (const value of await ask(deps, query, signal)) {
    const names = labels.map((label) => labelValue(value.labels, label));
    if (!names.includes('')) found.set(names.join('/'), value);
  }
  return found;
}
