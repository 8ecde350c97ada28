import { both, type Language, type Text } from './language.ts';
import { meaningOf, type Sayings, sayings } from './pattern.ts';

/** `%` is `has` or `have`. */
export const nodeWords = {
  cpu: { en: '% too little CPU free', ko: '남은 CPU가 부족' },
  memory: { en: '% too little $1 free', ko: '남은 $1 부족' },
  resource: { en: '% too little $1 free', ko: '남은 $1 부족' },
  pods: { en: '% as many pods as fit', ko: 'Pod 수 한도에 도달' },
  unready: { en: '% not become ready (taint $1)', ko: '아직 Ready가 아님 (테인트 $1)' },
  cordoned: { en: '% been cordoned', ko: 'cordon 상태' },
  taint: {
    en: '% the taint $1=$2 that it does not tolerate',
    ko: '허용하지 않은 테인트 $1=$2',
  },
  taints: { en: '% taints that it does not tolerate', ko: '허용하지 않은 테인트' },
  labels: {
    en: '% other labels than its nodeSelector or nodeAffinity wants',
    ko: 'nodeSelector나 nodeAffinity와 다른 레이블',
  },
  zone: {
    en: '% no way to its volume, which is in another zone or node',
    ko: '볼륨이 다른 영역이나 노드에 있음',
  },
  antiAffinity: {
    en: '% a pod that its anti-affinity keeps away from',
    ko: 'anti-affinity로 피해야 할 Pod가 있음',
  },
  affinity: {
    en: '% none of the pods that its affinity wants beside it',
    ko: 'affinity로 함께 있어야 할 Pod가 없음',
  },
  spread: {
    en: '% more pods than its topology spread allows',
    ko: 'topology spread 제약을 넘음',
  },
  ports: { en: '% its host port taken', ko: 'hostPort가 이미 사용 중' },
  volumes: { en: '% as many volumes as they may', ko: '연결할 수 있는 볼륨 수를 다 씀' },
  unbound: {
    en: '% no volume: a claim of the pod is not bound',
    ko: 'Pod의 PVC가 바인딩되지 않음',
  },
  noVolume: { en: '% no volume that fits its claim', ko: 'PVC에 맞는 볼륨이 없음' },
  noClaim: { en: '% no claim $1', ko: '$1 PVC가 없음' },
  device: {
    en: '% no device that its resource claim wants',
    ko: 'ResourceClaim에 맞는 장치가 없음',
  },
  notReady: { en: '% not become ready', ko: '아직 Ready가 아님' },
} as const;

/** One of the scheduler's reasons, after its count of nodes. */
const nodeSayings: Sayings = sayings(nodeWords, [
  [/^Insufficient (cpu)/i, 'cpu'],
  [/^Insufficient (memory|ephemeral-storage)/i, 'memory'],
  [/^Insufficient (\S+)/i, 'resource'],
  [/^Too many pods/i, 'pods'],
  [/taint \{(node\.kubernetes\.io\/(?:not-ready|unreachable))/i, 'unready'],
  [/taint \{node\.kubernetes\.io\/unschedulable/i, 'cordoned'],
  [/taint \{([^:}]+): ?([^}]*)\}/i, 'taint'],
  [/taints? that the pod didn't tolerate/i, 'taints'],
  [/were unschedulable/i, 'cordoned'],
  [
    /didn't match (?:Pod's )?node (?:affinity\/)?selector|didn't match (?:Pod's )?node affinity/i,
    'labels',
  ],
  [/volume node affinity conflict/i, 'zone'],
  [/anti-affinity/i, 'antiAffinity'],
  [/pod affinity/i, 'affinity'],
  [/topology spread/i, 'spread'],
  [/free ports/i, 'ports'],
  [/max volume count/i, 'volumes'],
  [/unbound immediate PersistentVolumeClaims/i, 'unbound'],
  [/find available persistent volumes/i, 'noVolume'],
  [/persistentvolumeclaim "([^"]+)" not found/i, 'noClaim'],
  [/pods? with resource claims|resourceclaim/i, 'device'],
  [/were not ready|not ready/i, 'notReady'],
]);

export const podWords = {
  noNodes: { en: 'the cluster has no nodes', ko: '클러스터에 노드가 없어요' },
  noClaim: { en: 'the claim $1 is not there', ko: '$1 PVC가 없어요' },
  unbound: { en: 'a claim of the pod is not bound', ko: 'Pod의 PVC가 바인딩되지 않았어요' },
} as const;

const podSayings: Sayings = sayings(podWords, [
  [/^no nodes available/i, 'noNodes'],
  [/persistentvolumeclaim "([^"]+)" not found/i, 'noClaim'],
  [/unbound immediate PersistentVolumeClaims/i, 'unbound'],
]);

/** What keeps a pod from every node, with the codes of what is said. */
export interface Unschedulable extends Text {
  readonly codes: readonly string[];
}

/**
 * `of 5 nodes, 4 have too little CPU free, 1 has the taint …`, by the scheduler's own counts.
 * @returns undefined for what is no message of the scheduler
 */
export function explainUnschedulable(message: string): Unschedulable | undefined {
  const match = /^\d+\/(\d+) nodes are available:? ([\s\S]*)$/.exec(message.trim());
  if (match === null) {
    const meaning = meaningOf(message, podSayings);
    return meaning === undefined ? undefined : { ...meaning, codes: [meaning.code] };
  }
  const total = Number(match[1]);
  // What is after it says whether pods could make room; nobody asked for that.
  const list = (match[2] ?? '').replace(/\.? ?preemption: [\s\S]*$/, '').replace(/\.\s*$/, '');
  const counted = list
    .split(/, (?=\d+ )/)
    .map((text) => {
      const [, count, rest] = /^(\d+) (?:node\(s\) )?([\s\S]*)$/.exec(text) ?? [];
      return { count: count === undefined ? total : Number(count), said: rest ?? text };
    })
    .sort((a, b) => b.count - a.count)
    .map(({ count, said }) => ({ count, said, meaning: meaningOf(said, nodeSayings) }));
  const codes = counted.flatMap(({ meaning }) => meaning?.code ?? []);
  return { ...both((language) => listed(counted, total, language)), codes };
}

interface Counted {
  readonly count: number;
  readonly said: string;
  readonly meaning: Text | undefined;
}

function listed(counted: readonly Counted[], total: number, language: Language): string {
  const parts = counted.map(({ count, said, meaning }) => {
    // A taint may have no value.
    const words = meaning?.[language]
      .replace('%', count === 1 ? 'has' : 'have')
      .replace(/(taint \S+)= that/, '$1 that')
      .replace(/(테인트 \S+)=$/, '$1');
    return { count, words: words ?? said, isKnown: words !== undefined };
  });
  const only = total === 1 ? parts[0] : undefined;
  if (language === 'ko') {
    if (only !== undefined) return `하나뿐인 노드: ${only.words}`;
    return `노드 ${total}개 중 ${parts.map(({ count, words }) => `${count}개는 ${words}`).join(', ')}`;
  }
  if (only !== undefined) return `the only node ${only.isKnown ? '' : '1: '}${only.words}`;
  const each = parts.map(({ count, words, isKnown }) => `${count}${isKnown ? '' : ':'} ${words}`);
  return `of ${total} nodes, ${each.join(', ')}`;
}
