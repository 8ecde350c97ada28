import { groupOfIdentifier } from '../arn.ts';
import { AwsError, invalid } from '../errors.ts';
import { type CallContext, type Operation, operation } from '../operation.ts';
import { list, required } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { mustHaveGroup } from './groups.ts';

/** Of one resource. */
const maxTags = 50;

/** Only log groups carry tags here. */
function groupOfArn(arn: string): string {
  if (!arn.startsWith('arn:')) throw invalid(`Invalid resource ARN: ${arn}`);
  return groupOfIdentifier(arn);
}

async function addTags(
  name: string,
  added: Readonly<Record<string, string>>,
  context: CallContext,
): Promise<undefined> {
  const tags = { ...mustHaveGroup(context, name).tags, ...added };
  if (Object.keys(tags).length > maxTags) {
    throw new AwsError('TooManyTagsException', 'The maximum number of tags per resource is 50.', {
      members: { resourceName: name },
    });
  }
  await context.store.updateGroup(name, { tags });
  return undefined;
}

async function removeTags(
  name: string,
  keys: readonly string[],
  context: CallContext,
): Promise<undefined> {
  const gone = new Set(keys);
  const kept = Object.entries(mustHaveGroup(context, name).tags).filter(([key]) => !gone.has(key));
  await context.store.updateGroup(name, { tags: Object.fromEntries(kept) });
  return undefined;
}

/** By ARN, and the older twins by name. */
export const tagOperations: readonly Operation[] = [
  operation(
    'TagResource',
    'write',
    { resourceArn: required(shapes.resourceArn), tags: required(shapes.tags) },
    (input, context) => addTags(groupOfArn(input.resourceArn), input.tags, context),
  ),
  operation(
    'UntagResource',
    'write',
    { resourceArn: required(shapes.resourceArn), tagKeys: required(shapes.tagKeys) },
    (input, context) => removeTags(groupOfArn(input.resourceArn), input.tagKeys, context),
  ),
  operation(
    'ListTagsForResource',
    'read',
    { resourceArn: required(shapes.resourceArn) },
    (input, context) => ({ tags: mustHaveGroup(context, groupOfArn(input.resourceArn)).tags }),
  ),
  operation(
    'TagLogGroup',
    'write',
    { logGroupName: required(shapes.logGroupName), tags: required(shapes.tags) },
    (input, context) => addTags(input.logGroupName, input.tags, context),
  ),
  operation(
    'UntagLogGroup',
    'write',
    {
      logGroupName: required(shapes.logGroupName),
      tags: required(list(shapes.tagKey, { min: 1 })),
    },
    (input, context) => removeTags(input.logGroupName, input.tags, context),
  ),
  operation(
    'ListTagsLogGroup',
    'read',
    { logGroupName: required(shapes.logGroupName) },
    (input, context) => ({ tags: mustHaveGroup(context, input.logGroupName).tags }),
  ),
];
