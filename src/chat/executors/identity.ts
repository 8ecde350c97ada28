import type { RbacContext, RbacSubject } from '../config/contract.ts';

/** Whom a command is run as. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Who asks, and where. */
export interface Asker {
  readonly channelName: string;
  /** As the chat has it: `U0123` on Slack; `automation:NAME` of an action. */
  readonly userId: string;
}

const internalUser = 'botkube-internal-static-user';

/** Undefined: the configuration says nobody, and nothing is run. */
export function identityOf(rbac: RbacContext | undefined, asker: Asker): Identity | undefined {
  if (rbac === undefined) return undefined;
  const groups = rbac.group === undefined ? [] : namesOf(rbac.group, asker);
  const [user] = rbac.user === undefined ? [] : namesOf(rbac.user, asker);
  if (user === undefined && groups.length === 0) return undefined;
  return { user: user ?? internalUser, groups };
}

function namesOf(subject: RbacSubject, { channelName, userId }: Asker): readonly string[] {
  const { prefix } = subject;
  switch (subject.type) {
    case 'ChannelName':
      return [`${prefix}${channelName}`];
    case 'UserID':
      return [`${prefix}${userId}`];
    case 'Static':
      return subject.values.map((value) => `${prefix}${value}`);
  }
}

/** Commands of the same kind that two bindings allow must be run as the same. */
export const sameRbac = (a: RbacContext | undefined, b: RbacContext | undefined): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** As the API server says it. @param resource `pods`, `pods/exec` */
export function forbiddenText(
  { user, groups }: Identity,
  asked: {
    readonly verb: string;
    readonly resource: string;
    readonly namespace?: string | undefined;
  },
): string {
  const of = groups.length === 0 ? '' : ` of ${groups.map((group) => `"${group}"`).join(', ')}`;
  const where =
    asked.namespace === undefined
      ? 'at the cluster scope'
      : `in the namespace "${asked.namespace}"`;
  return `Error from server (Forbidden): User "${user}"${of} cannot ${asked.verb} resource "${asked.resource}" ${where}`;
}

export const withoutRbac = (tool: string): string =>
  `The kubeconfig data is missing. Please make sure that you have specified a valid RBAC configuration for "${tool}" plugin.`;
