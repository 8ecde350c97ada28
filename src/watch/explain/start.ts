import type { Phrase } from './language.ts';
import { lastMeaning, meaningOf, type Sayings, sayings } from './pattern.ts';

export const configWords = {
  noMapKey: { en: 'the ConfigMap $2 has no key $1', ko: '$2 ConfigMap에 $1 키가 없어요' },
  noSecretKey: { en: 'the Secret $2 has no key $1', ko: '$2 Secret에 $1 키가 없어요' },
  noMap: { en: 'the ConfigMap $1 is not there', ko: '$1 ConfigMap이 없어요' },
  noSecret: { en: 'the Secret $1 is not there', ko: '$1 Secret이 없어요' },
  noAccount: { en: 'the ServiceAccount $1 is not there', ko: '$1 ServiceAccount가 없어요' },
  unread: {
    en: 'the kubelet cannot read its $1 from the API server',
    ko: 'kubelet이 API 서버에서 $1 리소스를 읽지 못해요',
  },
  root: {
    en: 'it must not run as root (runAsNonRoot), and its image would',
    ko: 'root로 실행하면 안 되는데(runAsNonRoot) 이미지가 root로 실행돼요',
  },
  user: {
    en: 'it must not run as root (runAsNonRoot), and its user $1 is no number: set runAsUser',
    ko: 'root로 실행하면 안 되는데(runAsNonRoot) 사용자 $1 값이 숫자가 아니에요. runAsUser를 지정하세요',
  },
  subPath: {
    en: 'the subPath of its mount $1 cannot be made',
    ko: '$1 마운트의 subPath를 만들 수 없어요',
  },
} as const;

/** What a container names and does not find, or may not be. */
const configSayings: Sayings = sayings(configWords, [
  [/couldn't find key (\S+) in ConfigMap (\S+)/i, 'noMapKey'],
  [/couldn't find key (\S+) in Secret (\S+)/i, 'noSecretKey'],
  [/configmap "([^"]+)" not found/i, 'noMap'],
  [/secret "([^"]+)" not found/i, 'noSecret'],
  [/serviceaccount "([^"]+)" not found/i, 'noAccount'],
  [/failed to sync (configmap|secret) cache/i, 'unread'],
  [/runAsNonRoot and image will run as root/i, 'root'],
  [/runAsNonRoot and image has non-numeric user \(([^)]+)\)/i, 'user'],
  [/failed to (?:prepare|create) subPath .*volumeMount "([^"]+)"/i, 'subPath'],
]);

export const startWords = {
  noCommand: { en: 'its command $1 is not in the image', ko: '$1 명령이 이미지에 없어요' },
  notExecutable: {
    en: 'its command $1 may not be executed: chmod +x it',
    ko: '$1 명령에 실행 권한이 없어요. chmod +x가 필요해요',
  },
  format: {
    en: 'its program is for another processor than that of the node, or a script without #!',
    ko: '노드와 다른 CPU 아키텍처용 프로그램이거나, #! 줄이 없는 스크립트예요',
  },
  unnamed: {
    en: 'neither the image nor the pod names a command',
    ko: '이미지에도 Pod에도 실행할 명령이 없어요',
  },
  memory: {
    en: 'its memory limit is too low to start at all',
    ko: '메모리 한도가 너무 작아 시작조차 못 해요',
  },
  fileOverFolder: {
    en: 'a file is mounted over a folder, or a folder over a file, at $1',
    ko: '$1 경로에서 폴더 위에 파일을, 또는 파일 위에 폴더를 마운트했어요',
  },
  mount: { en: 'nothing can be mounted at $1', ko: '$1 경로에 마운트할 수 없어요' },
  nameTaken: {
    en: 'the runtime still has the container of before: the node is slow or stuck',
    ko: '런타임에 이전 컨테이너가 남아 있어요. 노드가 느리거나 멈췄어요',
  },
  diskFull: { en: 'the disk of the node is full', ko: '노드의 디스크가 가득 찼어요' },
  slowRuntime: {
    en: 'the runtime of the node did not answer in time',
    ko: '노드의 런타임이 제때 응답하지 않았어요',
  },
  portTaken: {
    en: 'a port that it wants is taken',
    ko: '쓰려는 포트를 이미 다른 프로세스가 쓰고 있어요',
  },
  device: { en: 'a device (GPU) cannot be given to it', ko: '장치(GPU)를 할당할 수 없어요' },
} as const;

/** What keeps a container from being made or started. */
const startSayings: Sayings = sayings(startWords, [
  [/exec:? "([^"]+)": executable file not found/i, 'noCommand'],
  [/exec:? "([^"]+)": (?:stat [^:]+: )?no such file or directory/i, 'noCommand'],
  [/exec:? "?([^":]+)"?: permission denied/i, 'notExecutable'],
  [/exec format error/i, 'format'],
  [/no command specified/i, 'unnamed'],
  [/container init was OOM-killed|init caused .*oom|memory limit too low/i, 'memory'],
  [/error mounting "[^"]*" to rootfs at "([^"]+)".*not a directory/i, 'fileOverFolder'],
  [/error mounting .* to rootfs at "([^"]+)"/i, 'mount'],
  [/failed to reserve container name/i, 'nameTaken'],
  [/no space left/i, 'diskFull'],
  [/context deadline exceeded/i, 'slowRuntime'],
  [/bind: address already in use|port is already allocated/i, 'portTaken'],
  [/linux runtime spec devices|could not select device driver|nvidia/i, 'device'],
]);

export const volumeWords = {
  attached: {
    en: 'the volume $1 is still attached to another node, and allows only one',
    ko: '$1 볼륨이 아직 다른 노드에 연결되어 있고, 한 노드에만 연결할 수 있어요',
  },
  noMap: {
    en: 'the ConfigMap $2 of the volume $1 is not there',
    ko: '$1 볼륨이 쓰는 $2 ConfigMap이 없어요',
  },
  noSecret: {
    en: 'the Secret $2 of the volume $1 is not there',
    ko: '$1 볼륨이 쓰는 $2 Secret이 없어요',
  },
  noKey: {
    en: 'the volume $1 wants the $2 key $3, which is not there',
    ko: '$1 볼륨이 쓰는 $2 키 $3 항목이 없어요',
  },
  noClaim: { en: 'the claim $1 is not there', ko: '$1 PVC가 없어요' },
  noClass: {
    en: 'the StorageClass $1 of its claim is not there',
    ko: 'PVC가 쓰는 $1 StorageClass가 없어요',
  },
  noVolume: {
    en: 'there is no volume for its claim, and no StorageClass that makes one',
    ko: 'PVC에 맞는 볼륨이 없고, 만들어 줄 StorageClass도 없어요',
  },
  noDriver: {
    en: 'the CSI driver $1 does not run on the node',
    ko: '$1 CSI 드라이버가 노드에서 실행되고 있지 않아요',
  },
  notAttached: {
    en: 'the volume $1 cannot be attached to the node',
    ko: '$1 볼륨을 노드에 연결할 수 없어요',
  },
  hostPath: {
    en: 'the path $1 of the node is not what the pod wants',
    ko: '노드의 $1 경로가 Pod가 원하는 종류가 아니에요',
  },
  notMounted: {
    en: 'the volume $1 cannot be mounted ($2)',
    ko: '$1 볼륨을 마운트할 수 없어요 ($2)',
  },
  network: {
    en: 'the network of the pod cannot be set up (CNI, or no addresses left)',
    ko: 'Pod 네트워크를 만들 수 없어요 (CNI 문제이거나 남은 IP가 없음)',
  },
  sandbox: {
    en: 'the sandbox of the pod cannot be made',
    ko: 'Pod 샌드박스를 만들 수 없어요',
  },
  quota: {
    en: 'the quota $1 of the namespace is used up',
    ko: '네임스페이스의 $1 쿼터를 다 썼어요',
  },
} as const;

const volumeSayings: Sayings = sayings(volumeWords, [
  [/Multi-Attach error for volume "([^"]+)"/i, 'attached'],
  [/MountVolume\.SetUp failed for volume "([^"]+)" ?: configmap "([^"]+)" not found/i, 'noMap'],
  [/MountVolume\.SetUp failed for volume "([^"]+)" ?: secret "([^"]+)" not found/i, 'noSecret'],
  [/for volume "([^"]+)" ?: .*references non-existent (config|secret) key: (\S+)/i, 'noKey'],
  [/persistentvolumeclaim "([^"]+)" not found/i, 'noClaim'],
  [/storageclass\.storage\.k8s\.io "([^"]+)" not found/i, 'noClass'],
  [/no persistent volumes available for this claim and no storage class/i, 'noVolume'],
  [/driver name (\S+) not found in the list of registered CSI drivers/i, 'noDriver'],
  [/AttachVolume\.Attach failed for volume "([^"]+)"/i, 'notAttached'],
  [/hostPath type check failed: (\S+)/i, 'hostPath'],
  [
    /MountVolume\.\w+ failed for volume "([^"]+)"[\s\S]*?(access denied|No such file|timed out|exit status \d+)/i,
    'notMounted',
  ],
  [/failed to (?:create|setup|set up).*(?:sandbox|network).*(?:add|assign|IP)/i, 'network'],
  [/Failed to create pod sandbox/i, 'sandbox'],
  [/exceeded quota: (\S+?),/i, 'quota'],
]);

export const vagueWords = {
  notMounted: { en: 'the volume $1 cannot be mounted', ko: '$1 볼륨을 마운트할 수 없어요' },
  notComing: { en: 'its volumes do not come: $1', ko: '볼륨이 준비되지 않아요: $1' },
} as const;

/** What is said when nothing better is. */
const vagueSayings: Sayings = sayings(vagueWords, [
  [/MountVolume\.\w+ failed for volume "([^"]+)"/i, 'notMounted'],
  [/Unable to attach or mount volumes: unmounted volumes=\[([^\]]*)\]/i, 'notComing'],
]);

/** Which ConfigMap, Secret or key is missing, or what is not allowed. */
export const explainConfig = (message: string): Phrase | undefined =>
  meaningOf(message, configSayings);

/** What keeps a container from starting. */
export const explainStart = (message: string): Phrase | undefined =>
  meaningOf(message, configSayings, startSayings);

/** What keeps a pod that has a node from starting, from its events. */
export const explainWaiting = (events: readonly string[]): Phrase | undefined =>
  lastMeaning(events, volumeSayings, configSayings, startSayings) ??
  lastMeaning(events, vagueSayings);
