import type { Trouble } from '../contract.ts';
import type { Known } from './trouble.ts';

/** What to look at first, in one sentence; undefined: nothing better than the reason itself. */
export function advise(trouble: Trouble, sentence: string, known: Known): string | undefined {
  const { reason, exitCode } = trouble;
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      if (/no such image or tag/.test(sentence)) return 'Check the tag, or push the image.';
      if (/credentials/.test(sentence))
        return 'Check the name, and the imagePullSecrets of the pod or its service account.';
      if (/rate limit/.test(sentence))
        return 'Pull with credentials or through a mirror; it is tried again by itself.';
      if (/does not answer|resolved|refuses the connection/.test(sentence))
        return 'Check the way from the node to the registry: DNS, proxy, firewall.';
      return undefined;
    case 'OOMKilled':
      return known.container?.memoryLimit === undefined
        ? 'Find out what needs the memory, or give it more.'
        : 'Raise resources.limits.memory, or find out what needs the memory.';
    case 'CreateContainerConfigError':
      return 'Create what is missing, or correct its name: the pod starts by itself then.';
    case 'Unschedulable':
      if (/too little/.test(sentence)) return 'Add nodes, or ask for less in resources.requests.';
      if (/taint/.test(sentence)) return 'Add a toleration, or nodes without the taint.';
      if (/labels/.test(sentence)) return 'Label a node, or correct the nodeSelector.';
      return undefined;
    case 'NotReady':
      return 'No traffic is sent to it until the probe succeeds.';
    case 'ProgressDeadlineExceeded':
      return 'The pods of before serve on. kubectl rollout undo takes it back.';
    case 'NodeNotReady':
      return 'After five minutes its pods are started elsewhere, where their owner allows it.';
    case 'VolumeUsageHigh':
      return 'Free space, or grow the claim where its StorageClass allows that.';
    case 'HPAMaxedOut':
      return 'Raise maxReplicas, or make each pod do more.';
    case 'TLSCertExpired':
    case 'TLSCertExpiringSoon':
      return 'Renew it, or see why cert-manager has not.';
    default:
      return exitCode === 127 || exitCode === 126
        ? 'Check command and args of the container, and the image.'
        : undefined;
  }
}
