import { lastMeaning, meaningOf, type Sayings } from './pattern.ts';

/** What a container names and does not find, or may not be. */
const configSayings: Sayings = [
  [/couldn't find key (\S+) in ConfigMap (\S+)/i, 'the ConfigMap $2 has no key $1'],
  [/couldn't find key (\S+) in Secret (\S+)/i, 'the Secret $2 has no key $1'],
  [/configmap "([^"]+)" not found/i, 'the ConfigMap $1 is not there'],
  [/secret "([^"]+)" not found/i, 'the Secret $1 is not there'],
  [/serviceaccount "([^"]+)" not found/i, 'the ServiceAccount $1 is not there'],
  [
    /failed to sync (configmap|secret) cache/i,
    'the kubelet cannot read its $1 from the API server',
  ],
  [
    /runAsNonRoot and image will run as root/i,
    'it must not run as root (runAsNonRoot), and its image would',
  ],
  [
    /runAsNonRoot and image has non-numeric user \(([^)]+)\)/i,
    'it must not run as root (runAsNonRoot), and its user $1 is no number: set runAsUser',
  ],
  [
    /failed to (?:prepare|create) subPath .*volumeMount "([^"]+)"/i,
    'the subPath of its mount $1 cannot be made',
  ],
];

/** What keeps a container from being made or started. */
const startSayings: Sayings = [
  [/exec:? "([^"]+)": executable file not found/i, 'its command $1 is not in the image'],
  [
    /exec:? "([^"]+)": (?:stat [^:]+: )?no such file or directory/i,
    'its command $1 is not in the image',
  ],
  [/exec:? "?([^":]+)"?: permission denied/i, 'its command $1 may not be executed: chmod +x it'],
  [
    /exec format error/i,
    'its program is for another processor than that of the node, or a script without #!',
  ],
  [/no command specified/i, 'neither the image nor the pod names a command'],
  [
    /container init was OOM-killed|init caused .*oom|memory limit too low/i,
    'its memory limit is too low to start at all',
  ],
  [
    /error mounting "[^"]*" to rootfs at "([^"]+)".*not a directory/i,
    'a file is mounted over a folder, or a folder over a file, at $1',
  ],
  [/error mounting .* to rootfs at "([^"]+)"/i, 'nothing can be mounted at $1'],
  [
    /failed to reserve container name/i,
    'the runtime still has the container of before: the node is slow or stuck',
  ],
  [/no space left/i, 'the disk of the node is full'],
  [/context deadline exceeded/i, 'the runtime of the node did not answer in time'],
  [/bind: address already in use|port is already allocated/i, 'a port that it wants is taken'],
  [
    /linux runtime spec devices|could not select device driver|nvidia/i,
    'a device (GPU) cannot be given to it',
  ],
];

const volumeSayings: Sayings = [
  [
    /Multi-Attach error for volume "([^"]+)"/i,
    'the volume $1 is still attached to another node, and allows only one',
  ],
  [
    /MountVolume\.SetUp failed for volume "([^"]+)" ?: configmap "([^"]+)" not found/i,
    'the ConfigMap $2 of the volume $1 is not there',
  ],
  [
    /MountVolume\.SetUp failed for volume "([^"]+)" ?: secret "([^"]+)" not found/i,
    'the Secret $2 of the volume $1 is not there',
  ],
  [
    /for volume "([^"]+)" ?: .*references non-existent (config|secret) key: (\S+)/i,
    'the volume $1 wants the $2 key $3, which is not there',
  ],
  [/persistentvolumeclaim "([^"]+)" not found/i, 'the claim $1 is not there'],
  [
    /storageclass\.storage\.k8s\.io "([^"]+)" not found/i,
    'the StorageClass $1 of its claim is not there',
  ],
  [
    /no persistent volumes available for this claim and no storage class/i,
    'there is no volume for its claim, and no StorageClass that makes one',
  ],
  [
    /driver name (\S+) not found in the list of registered CSI drivers/i,
    'the CSI driver $1 does not run on the node',
  ],
  [
    /AttachVolume\.Attach failed for volume "([^"]+)"/i,
    'the volume $1 cannot be attached to the node',
  ],
  [/hostPath type check failed: (\S+)/i, 'the path $1 of the node is not what the pod wants'],
  [
    /MountVolume\.\w+ failed for volume "([^"]+)"[\s\S]*?(access denied|No such file|timed out|exit status \d+)/i,
    'the volume $1 cannot be mounted ($2)',
  ],
  [
    /failed to (?:create|setup|set up).*(?:sandbox|network).*(?:add|assign|IP)/i,
    'the network of the pod cannot be set up (CNI, or no addresses left)',
  ],
  [/Failed to create pod sandbox/i, 'the sandbox of the pod cannot be made'],
  [/exceeded quota: (\S+?),/i, 'the quota $1 of the namespace is used up'],
];

/** What is said when nothing better is. */
const vagueSayings: Sayings = [
  [/MountVolume\.\w+ failed for volume "([^"]+)"/i, 'the volume $1 cannot be mounted'],
  [
    /Unable to attach or mount volumes: unmounted volumes=\[([^\]]*)\]/i,
    'its volumes do not come: $1',
  ],
];

/** Which ConfigMap, Secret or key is missing, or what is not allowed. */
export const explainConfig = (message: string): string | undefined =>
  meaningOf(configSayings, message);

/** What keeps a container from starting. */
export const explainStart = (message: string): string | undefined =>
  meaningOf(configSayings, message) ?? meaningOf(startSayings, message);

/** What keeps a pod that has a node from starting, from its events. */
export const explainWaiting = (events: readonly string[]): string | undefined =>
  lastMeaning([...volumeSayings, ...configSayings, ...startSayings], events) ??
  lastMeaning(vagueSayings, events);
