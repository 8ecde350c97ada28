import { meaningOf, type Sayings } from './pattern.ts';

/** Of the Ready condition of a node. */
const nodeSayings: Sayings = [
  [
    /NodeStatusUnknown|Kubelet (?:stopped|never) post/i,
    'its kubelet has stopped answering: the machine is down, cut off, or out of memory',
  ],
  [/NetworkPluginNotReady|cni (?:config|plugin)/i, 'its container network (CNI) is not set up'],
  [/PLEG is not healthy/i, 'its container runtime is too slow (PLEG)'],
  [/container runtime (?:is down|status check may not)/i, 'its container runtime is down'],
  [/container runtime not ready/i, 'its container runtime is not ready'],
  [/kubelet is (?:shutting down|stopping)|node is shutting down/i, 'it is being shut down'],
  [/CSINode is not yet initialized/i, 'its storage drivers (CSI) are not set up yet'],
  [/disk pressure|out of disk/i, 'it has too little disk'],
];

const evictedSayings: Sayings = [
  [/low on resource: memory/i, 'the node had too little memory'],
  [/low on resource: (?:ephemeral-storage|nodefs|imagefs|inodes)/i, 'the node had too little disk'],
  [/low on resource: pids/i, 'the node had too many processes'],
  [
    /exceeded its local ephemeral storage limit "([^"]+)"/i,
    'it wrote more to its disk than its limit of $1',
  ],
  [
    /local storage usage exceeds the total limit of containers (\S+?)\.?$/im,
    'it wrote more to its disk than its limit of $1',
  ],
  [/EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"/i, 'its emptyDir $1 went over $2'],
  [/node had condition: \[?(\w+)/i, 'the node had $1'],
];

const autoscalerSayings: Sayings = [
  [
    /missing request for (\w+) in container (\S+)/i,
    'the container $2 has no request for $1, of which the use would be a part',
  ],
  [
    /missing request for (\w+)/i,
    'a container has no request for $1, of which the use would be a part',
  ],
  [
    /could not find the requested resource|no matches for kind|metrics\.k8s\.io/i,
    'the cluster has no resource metrics (metrics.k8s.io)',
  ],
  [/no metrics returned|did not receive metrics/i, 'there are no metrics of its pods'],
  [
    /unable to (?:fetch|get) (?:external|object|pods?) metric (\S+)?|custom\.metrics/i,
    'its metric $1 is not there',
  ],
  [/the server is currently unable|connection refused/i, 'the metrics API does not answer'],
  [/(\w+)\.(?:apps|\S+) "([^"]+)" not found/i, 'its target $2 is not there'],
];

const jobSayings: Sayings = [
  [
    /container (\S+) for pod \S+ failed with exit code (\d+) matching FailJob/i,
    'its container $1 ended with exit code $2, which its rules take for final',
  ],
  [/specified backoff limit/i, 'it failed as often as it may (backoffLimit)'],
  [/active longer than specified deadline/i, 'it took longer than it may (activeDeadlineSeconds)'],
  [/maximum number of failed indexes|failed indexes/i, 'too many of its indexes failed'],
];

export const explainNode = (message: string): string | undefined => meaningOf(nodeSayings, message);
export const explainEviction = (message: string): string | undefined =>
  meaningOf(evictedSayings, message);
export const explainAutoscaler = (message: string): string | undefined =>
  meaningOf(autoscalerSayings, message)?.replace('its metric  is', 'a metric of it is');
export const explainJob = (message: string): string | undefined => meaningOf(jobSayings, message);
