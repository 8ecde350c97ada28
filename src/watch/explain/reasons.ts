/** What reasons of the cluster mean. `$c` is the container, or the init container by its name. */
export const reasonWords = {
  ErrImagePull: { en: 'the image cannot be pulled', ko: '이미지를 가져올 수 없어요' },
  ImagePullBackOff: { en: 'the image cannot be pulled', ko: '이미지를 가져올 수 없어요' },
  InvalidImageName: {
    en: 'the name of the image is not valid',
    ko: '이미지 이름이 올바르지 않아요',
  },
  ErrImageNeverPull: {
    en: 'the image is not on the node, and may not be pulled',
    ko: '노드에 이미지가 없고, 받아 오지 않게 되어 있어요',
  },
  ImageInspectError: {
    en: 'the node cannot read the image',
    ko: '노드가 이미지를 읽지 못해요',
  },
  RegistryUnavailable: {
    en: 'the registry does not answer',
    ko: '레지스트리가 응답하지 않아요',
  },
  SignatureValidationFailed: {
    en: 'the signature of the image is not valid',
    ko: '이미지 서명이 올바르지 않아요',
  },
  CrashLoopBackOff: {
    en: '$c ends again and again',
    ko: '$c가 계속 종료되고 다시 시작돼요',
  },
  OOMKilled: {
    en: '$c used more memory than its limit',
    ko: '$c가 메모리 한도를 넘었어요',
  },
  Error: { en: '$c ended with an error', ko: '$c가 오류로 종료됐어요' },
  ContainerCannotRun: { en: '$c cannot be started', ko: '$c를 시작할 수 없어요' },
  StartError: { en: '$c cannot be started', ko: '$c를 시작할 수 없어요' },
  RunContainerError: { en: '$c cannot be started', ko: '$c를 시작할 수 없어요' },
  CreateContainerError: { en: '$c cannot be made', ko: '$c를 만들 수 없어요' },
  CreateContainerConfigError: {
    en: '$c cannot be configured',
    ko: '$c 설정을 준비할 수 없어요',
  },
  ContainerStatusUnknown: {
    en: 'nobody knows how $c ended: its node lost it',
    ko: '노드와 연결이 끊겨 $c가 어떻게 끝났는지 알 수 없어요',
  },
  DeadlineExceeded: { en: 'it took longer than it may', ko: '제한 시간을 넘겼어요' },
  Evicted: { en: 'the node put the pod out', ko: '노드가 Pod를 축출했어요' },
  Unschedulable: { en: 'no node takes the pod', ko: 'Pod를 배치할 노드가 없어요' },
  PodPending: {
    en: 'the pod has not started for a long time',
    ko: 'Pod가 오래도록 시작하지 못하고 있어요',
  },
  NotReady: {
    en: '$c runs, but is not ready',
    ko: '$c가 실행 중이지만 Ready 상태가 아니에요',
  },
  HighRestartCount: { en: '$c was restarted often', ko: '$c가 자주 재시작됐어요' },
  NodeNotReady: {
    en: 'the node is not ready, and pods on it may be moved',
    ko: '노드가 Ready 상태가 아니라 Pod가 옮겨질 수 있어요',
  },
  NodeGone: {
    en: 'the node was removed while pods ran on it',
    ko: 'Pod가 실행 중인 노드가 제거됐어요',
  },
  MemoryPressure: {
    en: 'the node is short of memory and may put pods out',
    ko: '노드의 메모리가 부족해 Pod를 축출할 수 있어요',
  },
  DiskPressure: {
    en: 'the node is short of disk and may put pods out',
    ko: '노드의 디스크가 부족해 Pod를 축출할 수 있어요',
  },
  PIDPressure: {
    en: 'the node is short of process ids',
    ko: '노드의 PID가 부족해요',
  },
  NetworkUnavailable: {
    en: 'the network of the node is not set up',
    ko: '노드의 네트워크가 준비되지 않았어요',
  },
  ProgressDeadlineExceeded: {
    en: 'the rollout does not come to an end',
    ko: '롤아웃이 제한 시간 안에 끝나지 않았어요',
  },
  JobFailed: { en: 'the job failed', ko: 'Job이 실패했어요' },
  JobSuspended: { en: 'the job is suspended', ko: 'Job이 일시 중지됐어요' },
  BackoffLimitExceeded: { en: 'the job failed', ko: 'Job이 실패했어요' },
  PodFailurePolicy: { en: 'the job failed', ko: 'Job이 실패했어요' },
  FailedIndexes: { en: 'the job failed', ko: 'Job이 실패했어요' },
  MaxFailedIndexesExceeded: { en: 'the job failed', ko: 'Job이 실패했어요' },
  CronJobNotScheduled: {
    en: 'the cron job has not run when it should have',
    ko: 'CronJob이 예정된 시각에 실행되지 않았어요',
  },
  CronJobSuspended: { en: 'the cron job is suspended', ko: 'CronJob이 일시 중지됐어요' },
  DaemonSetUnavailable: {
    en: 'the DaemonSet has fewer pods ready than there are nodes for it',
    ko: 'DaemonSet의 Ready Pod가 대상 노드보다 적어요',
  },
  HPAMaxedOut: {
    en: 'the autoscaler is at its limit and wants more',
    ko: 'HPA가 최대 레플리카 수에 도달했지만 더 필요해요',
  },
  HPAScalingError: { en: 'the autoscaler cannot work', ko: 'HPA가 동작하지 못해요' },
  VolumeUsageHigh: { en: 'the volume is nearly full', ko: '볼륨이 거의 가득 찼어요' },
  FailedCreate: {
    en: 'the controller cannot make its pods: a quota, a policy or an admission hook refuses them',
    ko: '쿼터나 정책, admission 웹훅이 막아 컨트롤러가 Pod를 만들지 못해요',
  },
  NewErrorPattern: {
    en: 'errors of a kind that it has not written before',
    ko: '전에 없던 종류의 오류 로그가 나와요',
  },
  TLSCertExpiringSoon: { en: 'the certificate ends soon', ko: '인증서가 곧 만료돼요' },
  TLSCertExpired: { en: 'the certificate has ended', ko: '인증서가 만료됐어요' },
} as const;

/** Sentences around the reasons. */
export const troubleWords = {
  unknownReason: { en: 'the cluster says $1', ko: '클러스터가 알린 사유: $1' },
  container: { en: 'the container', ko: '컨테이너' },
  // The name stands before the noun: what follows it in Korean is the same for every name.
  initContainer: { en: 'the init container $1', ko: '$1 초기화 컨테이너' },
  once: { en: '; restarted once', ko: ' · 재시작 1회' },
  times: { en: '; restarted $1 times', ko: ' · 재시작 $1회' },
  afterInit: {
    en: '; the pod starts when it succeeds',
    ko: '. 이 컨테이너가 성공해야 Pod가 시작돼요',
  },
  theImage: { en: 'the image cannot be pulled', ko: '이미지를 가져올 수 없어요' },
  namedImage: { en: 'the image $1 cannot be pulled', ko: '$1 이미지를 가져올 수 없어요' },
  killedForMemory: {
    en: '$c used more memory than its limit, and the kernel killed it (exit code $1)',
    ko: '$c가 메모리 한도를 넘어 커널이 종료했어요 (종료 코드 $1)',
  },
  killedForMemoryOf: {
    en: '$c used more memory than its limit of $2, and the kernel killed it (exit code $1)',
    ko: '$c가 메모리 한도($2)를 넘어 커널이 종료했어요 (종료 코드 $1)',
  },
  runsBut: { en: '$c runs, but $1', ko: '$c가 실행 중이지만 $1' },
  readinessFails: {
    en: '$c runs, but is not ready: its readiness probe fails ($1)',
    ko: '$c가 실행 중이지만 readiness 프로브가 실패해요 ($1)',
  },
  endedWith: { en: '$c ended with $1', ko: '$c가 종료됐어요: $1' },
  livenessFailed: { en: 'its liveness probe failed', ko: 'liveness 프로브가 실패했어요' },
  volume: {
    en: 'the volume is $1% full (warned of from $2% on)',
    ko: '볼륨을 $1% 사용 중이에요 (경고 기준 $2%)',
  },
  volumeOf: {
    en: 'the volume is $1% full (warned of from $2% on), mounted by the pod $3',
    ko: '볼륨을 $1% 사용 중이에요 (경고 기준 $2%, 마운트한 Pod: $3)',
  },
  boundPods: {
    en: '$1 pods are bound to a node that does not exist any more',
    ko: '없어진 노드에 Pod $1개가 묶여 있어요',
  },
  available: { en: '$1 of $2 pods are available', ko: 'Pod $2개 중 $1개만 사용할 수 있어요' },
  notRun: {
    en: 'The run that was due at $1 UTC ($2) has not begun',
    ko: '$1 UTC에 예정된 실행($2)이 시작되지 않았어요',
  },
  notRunBlocked: {
    en: 'The run that was due at $1 UTC ($2) has not begun: a run that has not ended keeps the next ones from starting',
    ko: '$1 UTC에 예정된 실행($2)이 시작되지 않았어요. 끝나지 않은 이전 실행이 막고 있어요',
  },
  certificateEnds: {
    en: 'The certificate of $1 ends on $2 UTC, in $3 days',
    ko: '$1 인증서는 $2 UTC에 만료돼요 ($3일 남음)',
  },
  certificateEnded: {
    en: 'The certificate of $1 ended on $2 UTC, $3 days ago',
    ko: '$1 인증서는 $2 UTC에 만료됐어요 ($3일 지남)',
  },
} as const;

/** How it is known that something needs a Service that is down. */
export const needWords = {
  environment: {
    en: 'it needs the Service $1 ($2), which has no ready pod',
    ko: '$1 Service($2)가 필요한데 Ready 상태인 Pod가 없어요',
  },
  arguments: {
    en: 'it needs the Service $1 (arguments of $2), which has no ready pod',
    ko: '$1 Service($2 컨테이너 인수)가 필요한데 Ready 상태인 Pod가 없어요',
  },
  configMap: {
    en: 'it needs the Service $1 (ConfigMap $2), which has no ready pod',
    ko: '$1 Service(ConfigMap $2)가 필요한데 Ready 상태인 Pod가 없어요',
  },
  initContainer: {
    en: 'its init container $2 waits for the Service $1, which has no ready pod',
    ko: '$2 초기화 컨테이너가 $1 Service를 기다리는데 Ready 상태인 Pod가 없어요',
  },
  log: {
    en: 'it cannot reach the Service $1, which has no ready pod',
    ko: '$1 Service에 연결하지 못해요. Ready 상태인 Pod가 없어요',
  },
  probe: {
    en: 'its probe cannot reach the Service $1, which has no ready pod',
    ko: '프로브가 $1 Service에 연결하지 못해요. Ready 상태인 Pod가 없어요',
  },
  dns: {
    en: "it cannot resolve names: the cluster's DNS (Service $1) has no ready pod",
    ko: '이름을 찾지 못해요. 클러스터 DNS(Service $1)에 Ready 상태인 Pod가 없어요',
  },
} as const;
