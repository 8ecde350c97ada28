import type { LogGroup } from '#logs/store';
import { groupArn, groupOfIdentifier } from '../arn.ts';
import { AwsError, groupNotFound, invalid } from '../errors.ts';
import { type CallContext, type Operation, operation } from '../operation.ts';
import { metricFiltersOf } from '../saved.ts';
import { flag, integer, invalidParameter, list, required, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { pageOf } from '../tokens.ts';

/** What PutRetentionPolicy accepts. Groups may hold other values that our own API has set. */
const retentionDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** The group, or ResourceNotFoundException. */
export function mustHaveGroup(context: Pick<CallContext, 'store'>, name: string): LogGroup {
  const group = context.store.group(name);
  if (group === undefined) throw groupNotFound();
  return group;
}

const createLogGroup: Operation = operation(
  'CreateLogGroup',
  'ingest',
  {
    logGroupName: required(shapes.logGroupName),
    kmsKeyId: text({ max: 256 }),
    tags: shapes.tags,
    logGroupClass: shapes.logGroupClass,
    deletionProtectionEnabled: flag(),
  },
  async (input, { store }) => {
    if (/^aws\//i.test(input.logGroupName)) {
      throw invalid('Log groups starting with AWS/ are reserved for AWS.');
    }
    await store.createGroup(input.logGroupName, {
      class: input.logGroupClass ?? 'STANDARD',
      tags: input.tags ?? {},
      deletionProtection: input.deletionProtectionEnabled ?? false,
      ...(input.kmsKeyId !== undefined && { kmsKeyId: input.kmsKeyId }),
    });
    return undefined;
  },
);

const deleteLogGroup: Operation = operation(
  'DeleteLogGroup',
  'write',
  { logGroupName: required(shapes.logGroupName) },
  async ({ logGroupName }, context) => {
    if (mustHaveGroup(context, logGroupName).deletionProtection) {
      throw new AwsError(
        'ValidationException',
        'The specified log group cannot be deleted because deletion protection is enabled.',
      );
    }
    await context.store.deleteGroup(logGroupName);
    await metricFiltersOf(context).deleteAll(logGroupName);
    return undefined;
  },
);

const describeLogGroups: Operation = operation(
  'DescribeLogGroups',
  'read',
  {
    accountIdentifiers: list(text({ min: 12, max: 12, pattern: String.raw`\d{12}` }), {
      min: 0,
      max: 20,
    }),
    logGroupNamePrefix: shapes.logGroupName,
    logGroupNamePattern: text({ min: 0, max: 512, pattern: String.raw`[\.\-_/#A-Za-z0-9]*` }),
    nextToken: shapes.nextToken,
    limit: shapes.pageLimit,
    includeLinkedAccounts: flag(),
    logGroupClass: shapes.logGroupClass,
    logGroupIdentifiers: list(shapes.logGroupIdentifier, { min: 1, max: 50 }),
  },
  async (input, context) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: contains } = input;
    if (prefix !== undefined && contains !== undefined) {
      throw invalid(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      );
    }
    const named =
      input.logGroupIdentifiers && new Set(input.logGroupIdentifiers.map(groupOfIdentifier));
    const isOurs = input.accountIdentifiers?.includes(context.scope.accountId) ?? true;
    const groups = (isOurs ? context.store.groups(nameFilter(prefix, contains)) : []).filter(
      (group) =>
        (named === undefined || named.has(group.name)) &&
        (input.logGroupClass === undefined || group.class === input.logGroupClass),
    );
    const { page, nextToken } = pageOf(groups, {
      keyOf: (group) => group.name,
      limit: input.limit ?? 50,
      token: input.nextToken,
      question: ['groups', prefix, contains, input.logGroupClass, input.logGroupIdentifiers],
    });
    const filters = await metricFiltersOf(context).list();
    const filterCounts = new Map<string, number>();
    for (const { logGroupName } of filters) {
      filterCounts.set(logGroupName, (filterCounts.get(logGroupName) ?? 0) + 1);
    }
    return {
      logGroups: page.map((group) => describe(group, filterCounts.get(group.name) ?? 0, context)),
      nextToken,
    };
  },
);

const nameFilter = (
  prefix: string | undefined,
  contains: string | undefined,
): { prefix?: string; contains?: string } => ({
  ...(prefix !== undefined && { prefix }),
  ...(contains !== undefined && { contains }),
});

function describe(group: LogGroup, metricFilterCount: number, { scope }: CallContext): object {
  const arn = groupArn(scope, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.createdMs,
    retentionInDays: group.retentionDays,
    metricFilterCount,
    arn: `${arn}:*`,
    storedBytes: group.storedBytes,
    kmsKeyId: group.kmsKeyId,
    logGroupClass: group.class,
    logGroupArn: arn,
    deletionProtectionEnabled: group.deletionProtection,
  };
}

const listLogGroups: Operation = operation(
  'ListLogGroups',
  'read',
  {
    logGroupNamePattern: text({
      min: 3,
      max: 129,
      pattern: String.raw`(\^?[.\-_/#A-Za-z0-9]{3,24})(\|\^?[.\-_/#A-Za-z0-9]{3,24}){0,4}`,
    }),
    logGroupClass: shapes.logGroupClass,
    nextToken: shapes.nextToken,
    limit: integer({ min: 1, max: 1000 }),
  },
  (input, { store, scope }) => {
    // Alternatives of plain text, each anchored by ^ or found anywhere.
    const wanted = input.logGroupNamePattern?.split('|');
    const isWanted = (name: string): boolean =>
      wanted === undefined ||
      wanted.some((part) =>
        part.startsWith('^') ? name.startsWith(part.slice(1)) : name.includes(part),
      );
    const groups = store
      .groups()
      .filter(
        (group) =>
          isWanted(group.name) &&
          (input.logGroupClass === undefined || group.class === input.logGroupClass),
      );
    const { page, nextToken } = pageOf(groups, {
      keyOf: (group) => group.name,
      limit: input.limit ?? 50,
      token: input.nextToken,
      question: ['list-groups', input.logGroupNamePattern, input.logGroupClass],
    });
    return {
      logGroups: page.map((group) => ({
        logGroupName: group.name,
        logGroupArn: groupArn(scope, group.name),
        logGroupClass: group.class,
      })),
      nextToken,
    };
  },
);

const putRetentionPolicy: Operation = operation(
  'PutRetentionPolicy',
  'ingest',
  { logGroupName: required(shapes.logGroupName), retentionInDays: required(integer()) },
  async (input, context) => {
    if (!retentionDays.includes(input.retentionInDays)) {
      throw invalidParameter([
        {
          path: 'retentionInDays',
          value: `'${input.retentionInDays}'`,
          constraint: `Member must satisfy enum value set: [${retentionDays.join(', ')}]`,
        },
      ]);
    }
    mustHaveGroup(context, input.logGroupName);
    await context.store.updateGroup(input.logGroupName, { retentionDays: input.retentionInDays });
    return undefined;
  },
);

const deleteRetentionPolicy: Operation = operation(
  'DeleteRetentionPolicy',
  'write',
  { logGroupName: required(shapes.logGroupName) },
  async ({ logGroupName }, context) => {
    mustHaveGroup(context, logGroupName);
    await context.store.updateGroup(logGroupName, { retentionDays: null });
    return undefined;
  },
);

const putDeletionProtection: Operation = operation(
  'PutLogGroupDeletionProtection',
  'write',
  {
    logGroupIdentifier: required(shapes.logGroupIdentifier),
    deletionProtectionEnabled: required(flag()),
  },
  async (input, context) => {
    const { name } = mustHaveGroup(context, groupOfIdentifier(input.logGroupIdentifier));
    await context.store.updateGroup(name, { deletionProtection: input.deletionProtectionEnabled });
    return undefined;
  },
);

export const groupOperations: readonly Operation[] = [
  createLogGroup,
  deleteLogGroup,
  describeLogGroups,
  listLogGroups,
  putRetentionPolicy,
  deleteRetentionPolicy,
  putDeletionProtection,
];
