import { invalid } from './errors.ts';
import type { GroupReference } from './shapes.ts';

/** Names of our resources in AWS's form. The region is the one the caller signed for. */
export interface ArnScope {
  readonly region: string;
  readonly accountId: string;
}

/** `arn:aws:logs:R:ACCT:log-group:NAME`, the form of `logGroupArn` and of tag operations. */
export const groupArn = ({ region, accountId }: ArnScope, name: string): string =>
  `arn:aws:logs:${region}:${accountId}:log-group:${name}`;

export const streamArn = (scope: ArnScope, group: string, stream: string): string =>
  `${groupArn(scope, group)}:log-stream:${stream}`;

/**
 * The group that an identifier (a name or an ARN) means. Region and account of an ARN are not
 * compared: one store answers for all of them.
 */
export function groupOfIdentifier(identifier: string): string {
  if (!identifier.startsWith('arn:')) return identifier;
  const match = /^arn:[\w-]+:logs:[\w-]*:\d*:log-group:([^:*]+)$/.exec(identifier);
  if (match === null) throw invalid(`Invalid log group ARN: ${identifier}`);
  return match[1]!;
}

/** Exactly one of name and identifier must be given. */
export function groupOf({ logGroupName, logGroupIdentifier }: GroupReference): string {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalid(
      logGroupName === undefined
        ? 'Either logGroupName or logGroupIdentifier must be specified.'
        : 'LogGroup name and LogGroup identifier are mutually exclusive parameters.',
    );
  }
  return logGroupName ?? groupOfIdentifier(logGroupIdentifier!);
}
