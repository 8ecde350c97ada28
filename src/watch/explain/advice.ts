import type { Trouble } from '../contract.ts';
import type { Language } from './language.ts';
import { explainUnschedulable } from './schedule.ts';
import { type Known, pullMeaning } from './trouble.ts';

export const adviceWords = {
  checkTag: {
    en: 'Check the tag, or push the image.',
    ko: '태그를 확인하거나 이미지를 푸시하세요.',
  },
  credentials: {
    en: 'Check the name, and the imagePullSecrets of the pod or its service account.',
    ko: '이미지 이름과, Pod나 서비스 어카운트의 imagePullSecrets를 확인하세요.',
  },
  rateLimit: {
    en: 'Pull with credentials or through a mirror; it is tried again by itself.',
    ko: '인증 정보를 쓰거나 미러를 거쳐 받으세요. 자동으로 다시 시도해요.',
  },
  wayToRegistry: {
    en: 'Check the way from the node to the registry: DNS, proxy, firewall.',
    ko: '노드에서 레지스트리까지의 경로(DNS, 프록시, 방화벽)를 확인하세요.',
  },
  memory: {
    en: 'Find out what needs the memory, or give it more.',
    ko: '어디서 메모리를 쓰는지 찾거나, 메모리를 늘리세요.',
  },
  memoryLimit: {
    en: 'Raise resources.limits.memory, or find out what needs the memory.',
    ko: 'resources.limits.memory를 늘리거나, 어디서 메모리를 쓰는지 찾으세요.',
  },
  createMissing: {
    en: 'Create what is missing, or correct its name: the pod starts by itself then.',
    ko: '없는 것을 만들거나 이름을 고치세요. 그러면 Pod가 저절로 시작돼요.',
  },
  moreNodes: {
    en: 'Add nodes, or ask for less in resources.requests.',
    ko: '노드를 늘리거나 resources.requests를 줄이세요.',
  },
  toleration: {
    en: 'Add a toleration, or nodes without the taint.',
    ko: 'toleration을 추가하거나, 테인트가 없는 노드를 늘리세요.',
  },
  labelNode: {
    en: 'Label a node, or correct the nodeSelector.',
    ko: '노드에 레이블을 붙이거나 nodeSelector를 고치세요.',
  },
  noTraffic: {
    en: 'No traffic is sent to it until the probe succeeds.',
    ko: '프로브가 성공할 때까지 트래픽을 받지 않아요.',
  },
  undoRollout: {
    en: 'The pods of before serve on. kubectl rollout undo takes it back.',
    ko: '이전 Pod가 계속 서비스하고 있어요. kubectl rollout undo로 되돌릴 수 있어요.',
  },
  nodeDown: {
    en: 'After five minutes its pods are started elsewhere, where their owner allows it.',
    ko: '5분 뒤에도 그대로면 컨트롤러가 다른 노드에서 Pod를 다시 시작해요.',
  },
  growVolume: {
    en: 'Free space, or grow the claim where its StorageClass allows that.',
    ko: '공간을 비우거나, StorageClass가 허용하면 PVC 용량을 늘리세요.',
  },
  maxReplicas: {
    en: 'Raise maxReplicas, or make each pod do more.',
    ko: 'maxReplicas를 늘리거나, Pod 하나의 처리량을 높이세요.',
  },
  renew: {
    en: 'Renew it, or see why cert-manager has not.',
    ko: '인증서를 갱신하거나, cert-manager가 갱신하지 못한 이유를 확인하세요.',
  },
  command: {
    en: 'Check command and args of the container, and the image.',
    ko: '컨테이너의 command와 args, 이미지를 확인하세요.',
  },
  needed: {
    en: 'Look at what it needs first: it recovers with that.',
    ko: '의존하는 대상부터 확인하세요. 그쪽이 복구되면 함께 복구돼요.',
  },
} as const;

type Code = keyof typeof adviceWords;

/** By the codes of `explainPull`. */
const pullAdvice: Readonly<Record<string, Code>> = {
  noImage: 'checkTag',
  noRepository: 'credentials',
  wantsCredentials: 'credentials',
  refusesCredentials: 'credentials',
  rateLimit: 'rateLimit',
  noAnswer: 'wayToRegistry',
  noName: 'wayToRegistry',
  refusesConnection: 'wayToRegistry',
};

/** By the codes of `explainUnschedulable`; what is said of some nodes counts, the first of these first. */
const scheduleAdvice: readonly (readonly [code: string, advice: Code])[] = [
  ['cpu', 'moreNodes'],
  ['memory', 'moreNodes'],
  ['resource', 'moreNodes'],
  ['taint', 'toleration'],
  ['taints', 'toleration'],
  ['unready', 'toleration'],
  ['labels', 'labelNode'],
];

const reasonAdvice: Readonly<Record<string, Code>> = {
  CreateContainerConfigError: 'createMissing',
  NotReady: 'noTraffic',
  ProgressDeadlineExceeded: 'undoRollout',
  NodeNotReady: 'nodeDown',
  VolumeUsageHigh: 'growVolume',
  HPAMaxedOut: 'maxReplicas',
  TLSCertExpired: 'renew',
  TLSCertExpiringSoon: 'renew',
};

/** What to look at first, in one sentence; undefined: nothing better than the reason itself. */
export function advise(
  trouble: Trouble,
  known: Known,
  language: Language = 'en',
): string | undefined {
  const code = codeOf(trouble, known);
  return code === undefined ? undefined : adviceWords[code][language];
}

function codeOf({ reason, message, exitCode, needs }: Trouble, known: Known): Code | undefined {
  if (needs !== undefined) return 'needed';
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return pullAdvice[pullMeaning(message, known.events)?.code ?? ''];
    case 'OOMKilled':
      return known.container?.memoryLimit === undefined ? 'memory' : 'memoryLimit';
    case 'Unschedulable': {
      const codes = explainUnschedulable(message)?.codes ?? [];
      return scheduleAdvice.find(([code]) => codes.includes(code))?.[1];
    }
    default:
      return reasonAdvice[reason] ?? (exitCode === 127 || exitCode === 126 ? 'command' : undefined);
  }
}
