import { meaningOf, type Sayings } from './pattern.ts';

/** One of the scheduler's reasons, after its count of nodes. `%` is `has` or `have`. */
const nodeSayings: Sayings = [
  [/^Insufficient (cpu)/i, '% too little CPU free'],
  [/^Insufficient (memory|ephemeral-storage)/i, '% too little $1 free'],
  [/^Insufficient (\S+)/i, '% too little $1 free'],
  [/^Too many pods/i, '% as many pods as fit'],
  [/taint \{(node\.kubernetes\.io\/(?:not-ready|unreachable))/i, '% not become ready (taint $1)'],
  [/taint \{node\.kubernetes\.io\/unschedulable/i, '% been cordoned'],
  [/taint \{([^:}]+): ?([^}]*)\}/i, '% the taint $1=$2 that it does not tolerate'],
  [/taints? that the pod didn't tolerate/i, '% taints that it does not tolerate'],
  [/were unschedulable/i, '% been cordoned'],
  [
    /didn't match (?:Pod's )?node (?:affinity\/)?selector|didn't match (?:Pod's )?node affinity/i,
    '% other labels than its nodeSelector or nodeAffinity wants',
  ],
  [/volume node affinity conflict/i, '% no way to its volume, which is in another zone or node'],
  [/anti-affinity/i, '% a pod that its anti-affinity keeps away from'],
  [/pod affinity/i, '% none of the pods that its affinity wants beside it'],
  [/topology spread/i, '% more pods than its topology spread allows'],
  [/free ports/i, '% its host port taken'],
  [/max volume count/i, '% as many volumes as they may'],
  [/unbound immediate PersistentVolumeClaims/i, '% no volume: a claim of the pod is not bound'],
  [/find available persistent volumes/i, '% no volume that fits its claim'],
  [/persistentvolumeclaim "([^"]+)" not found/i, '% no claim $1'],
  [/pods? with resource claims|resourceclaim/i, '% no device that its resource claim wants'],
  [/were not ready|not ready/i, '% not become ready'],
];

/**
 * `of 5 nodes, 4 have too little CPU free, 1 has the taint …`, by the scheduler's own counts.
 * @returns undefined for what is no message of the scheduler
 */
export function explainUnschedulable(message: string): string | undefined {
  if (/^no nodes available/i.test(message)) return 'the cluster has no nodes';
  const match = /^\d+\/(\d+) nodes are available:? ([\s\S]*)$/.exec(message.trim());
  if (match === null) return meaningOf(podSayings, message);
  const total = Number(match[1]);
  // What is after it says whether pods could make room; nobody asked for that.
  const list = (match[2] ?? '').replace(/\.? ?preemption: [\s\S]*$/, '').replace(/\.\s*$/, '');
  const counted = list.split(/, (?=\d+ )/).map((text) => {
    const [, count, rest] = /^(\d+) (?:node\(s\) )?([\s\S]*)$/.exec(text) ?? [];
    return { count: count === undefined ? total : Number(count), text: rest ?? text };
  });
  const parts = counted
    .sort((a, b) => b.count - a.count)
    .map(({ count, text }) => {
      const words = meaningOf(nodeSayings, text);
      const has = count === 1 ? 'has' : 'have';
      return words === undefined ? `${count}: ${text}` : `${count} ${words.replace('%', has)}`;
    })
    .map((words) => words.replace(/(taint \S+)= that/, '$1 that'));
  const nodes = total === 1 ? 'the only node' : `${total} nodes`;
  if (total === 1) return `${nodes} ${(parts[0] ?? '').replace(/^1 /, '')}`;
  return `of ${nodes}, ${parts.join(', ')}`;
}

const podSayings: Sayings = [
  [/persistentvolumeclaim "([^"]+)" not found/i, 'the claim $1 is not there'],
  [/unbound immediate PersistentVolumeClaims/i, 'a claim of the pod is not bound'],
];
