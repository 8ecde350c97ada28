import type { Phrase } from './language.ts';
import { meaningOf, type Sayings, sayings } from './pattern.ts';

export const readyWords = {
  silent: {
    en: 'its kubelet has stopped answering: the machine is down, cut off, or out of memory',
    ko: 'kubelet이 응답하지 않아요. 서버가 꺼졌거나, 네트워크가 끊겼거나, 메모리가 부족해요',
  },
  network: {
    en: 'its container network (CNI) is not set up',
    ko: '컨테이너 네트워크(CNI)가 준비되지 않았어요',
  },
  pleg: {
    en: 'its container runtime is too slow (PLEG)',
    ko: '컨테이너 런타임이 너무 느려요 (PLEG)',
  },
  runtimeDown: { en: 'its container runtime is down', ko: '컨테이너 런타임이 죽었어요' },
  runtime: { en: 'its container runtime is not ready', ko: '컨테이너 런타임이 준비되지 않았어요' },
  shutdown: { en: 'it is being shut down', ko: '노드를 종료하는 중이에요' },
  storage: {
    en: 'its storage drivers (CSI) are not set up yet',
    ko: '스토리지 드라이버(CSI)가 아직 준비되지 않았어요',
  },
  disk: { en: 'it has too little disk', ko: '디스크가 부족해요' },
} as const;

/** Of the Ready condition of a node. */
const readySayings: Sayings = sayings(readyWords, [
  [/NodeStatusUnknown|Kubelet (?:stopped|never) post/i, 'silent'],
  [/NetworkPluginNotReady|cni (?:config|plugin)/i, 'network'],
  [/PLEG is not healthy/i, 'pleg'],
  [/container runtime (?:is down|status check may not)/i, 'runtimeDown'],
  [/container runtime not ready/i, 'runtime'],
  [/kubelet is (?:shutting down|stopping)|node is shutting down/i, 'shutdown'],
  [/CSINode is not yet initialized/i, 'storage'],
  [/disk pressure|out of disk/i, 'disk'],
]);

export const evictedWords = {
  memory: { en: 'the node had too little memory', ko: '노드의 메모리가 부족했어요' },
  disk: { en: 'the node had too little disk', ko: '노드의 디스크가 부족했어요' },
  processes: { en: 'the node had too many processes', ko: '노드의 프로세스가 너무 많았어요' },
  ownDisk: {
    en: 'it wrote more to its disk than its limit of $1',
    ko: '임시 디스크를 한도($1)보다 많이 썼어요',
  },
  emptyDir: { en: 'its emptyDir $1 went over $2', ko: 'emptyDir $1 사용량이 한도($2)를 넘었어요' },
  condition: { en: 'the node had $1', ko: '노드가 $1 상태였어요' },
} as const;

const evictedSayings: Sayings = sayings(evictedWords, [
  [/low on resource: memory/i, 'memory'],
  [/low on resource: (?:ephemeral-storage|nodefs|imagefs|inodes)/i, 'disk'],
  [/low on resource: pids/i, 'processes'],
  [/exceeded its local ephemeral storage limit "([^"]+)"/i, 'ownDisk'],
  [/local storage usage exceeds the total limit of containers (\S+?)\.?$/im, 'ownDisk'],
  [/EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"/i, 'emptyDir'],
  [/node had condition: \[?(\w+)/i, 'condition'],
]);

export const autoscalerWords = {
  noRequest: {
    en: 'the container $2 has no request for $1, of which the use would be a part',
    ko: '$2 컨테이너에 $1 requests가 없어 사용률을 계산할 수 없어요',
  },
  someNoRequest: {
    en: 'a container has no request for $1, of which the use would be a part',
    ko: '$1 requests가 없는 컨테이너가 있어 사용률을 계산할 수 없어요',
  },
  noApi: {
    en: 'the cluster has no resource metrics (metrics.k8s.io)',
    ko: '클러스터에 리소스 메트릭(metrics.k8s.io)이 없어요',
  },
  noMetrics: { en: 'there are no metrics of its pods', ko: '대상 Pod의 메트릭이 없어요' },
  noMetric: { en: 'its metric $1 is not there', ko: '$1 메트릭이 없어요' },
  someMetric: { en: 'a metric of it is not there', ko: '기준으로 쓰는 메트릭이 없어요' },
  silent: { en: 'the metrics API does not answer', ko: '메트릭 API가 응답하지 않아요' },
  noTarget: { en: 'its target $2 is not there', ko: '스케일 대상 $2 오브젝트가 없어요' },
} as const;

const autoscalerSayings: Sayings = sayings(autoscalerWords, [
  [/missing request for (\w+) in container (\S+)/i, 'noRequest'],
  [/missing request for (\w+)/i, 'someNoRequest'],
  [/could not find the requested resource|no matches for kind|metrics\.k8s\.io/i, 'noApi'],
  [/no metrics returned|did not receive metrics/i, 'noMetrics'],
  [/unable to (?:fetch|get) (?:external|object|pods?) metric (\S+)/i, 'noMetric'],
  [/unable to (?:fetch|get) (?:external|object|pods?) metric|custom\.metrics/i, 'someMetric'],
  [/the server is currently unable|connection refused/i, 'silent'],
  [/(\w+)\.(?:apps|\S+) "([^"]+)" not found/i, 'noTarget'],
]);

export const jobWords = {
  final: {
    en: 'its container $1 ended with exit code $2, which its rules take for final',
    ko: '$1 컨테이너가 종료 코드 $2 상태로 끝났고, 규칙(podFailurePolicy)상 재시도하지 않아요',
  },
  backoff: {
    en: 'it failed as often as it may (backoffLimit)',
    ko: '허용된 횟수만큼 실패했어요 (backoffLimit)',
  },
  deadline: {
    en: 'it took longer than it may (activeDeadlineSeconds)',
    ko: '제한 시간을 넘겼어요 (activeDeadlineSeconds)',
  },
  indexes: { en: 'too many of its indexes failed', ko: '실패한 인덱스가 너무 많아요' },
} as const;

const jobSayings: Sayings = sayings(jobWords, [
  [/container (\S+) for pod \S+ failed with exit code (\d+) matching FailJob/i, 'final'],
  [/specified backoff limit/i, 'backoff'],
  [/active longer than specified deadline/i, 'deadline'],
  [/maximum number of failed indexes|failed indexes/i, 'indexes'],
]);

export const explainNode = (message: string): Phrase | undefined =>
  meaningOf(message, readySayings);
export const explainEviction = (message: string): Phrase | undefined =>
  meaningOf(message, evictedSayings);
export const explainAutoscaler = (message: string): Phrase | undefined =>
  meaningOf(message, autoscalerSayings);
export const explainJob = (message: string): Phrase | undefined => meaningOf(message, jobSayings);
