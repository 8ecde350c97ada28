/** Who made what made a pod, told by the names that controllers give. */
export interface NamedOwner {
  readonly kind: string;
  readonly name: string;
}

/**
 * Controllers name what they make after themselves.
 * @param kind of what owns a pod; undefined is answered where its name does not tell who made it
 * @param podTemplateHash the pod's label `pod-template-hash`
 */
export function makerByName(
  { kind, name }: NamedOwner,
  podTemplateHash: string | undefined,
): NamedOwner | undefined {
  const isOfRollout = podTemplateHash !== undefined && name.endsWith(`-${podTemplateHash}`);
  if (kind === 'ReplicaSet' && isOfRollout) {
    return { kind: 'Deployment', name: name.slice(0, -podTemplateHash.length - 1) };
  }
  // A cron job's jobs end in their time: minutes since the epoch, before 1.21 seconds.
  const cron = kind === 'Job' ? /^(.+)-(?:\d{8}|\d{10})$/.exec(name)?.[1] : undefined;
  return cron === undefined ? undefined : { kind: 'CronJob', name: cron };
}
