import { AwsError } from '../errors.ts';
import { list, map, required, text } from '../shape.ts';
import { tagKey } from '../shapes.ts';
import { type EksOperation, eksOperation } from './operation.ts';

const resourceArn = required(text());
const tagValue = text({ max: 256 });
const path = '/tags/:resourceArn';

/** Only clusters carry tags here. Region and account of an ARN are not compared. */
function clusterOfArn(arn: string): string {
  const match = /^arn:[\w-]+:eks:[\w-]*:\d*:cluster\/([^/]+)$/.exec(arn);
  if (match !== null) return match[1]!;
  throw new AwsError('BadRequestException', `Invalid ARN: ${arn}`);
}

export const eksTagOperations: readonly EksOperation[] = [
  eksOperation(
    { name: 'ListTagsForResource', access: 'read', method: 'GET', path, members: { resourceArn } },
    async (input, { controlPlane }) => ({
      tags: (await controlPlane.get(clusterOfArn(input.resourceArn))).tags,
    }),
  ),
  eksOperation(
    {
      name: 'TagResource',
      access: 'write',
      method: 'POST',
      path,
      members: { resourceArn, tags: required(map(tagKey, tagValue, { min: 1, max: 50 })) },
    },
    async (input, { controlPlane }) => {
      const added = input.tags;
      await controlPlane.changeTags(clusterOfArn(input.resourceArn), (tags) => ({
        ...tags,
        ...added,
      }));
      return {};
    },
  ),
  eksOperation(
    {
      name: 'UntagResource',
      access: 'write',
      method: 'DELETE',
      path,
      members: { resourceArn, tagKeys: required(list(tagKey, { min: 1, max: 50 })) },
      lists: ['tagKeys'],
    },
    async (input, { controlPlane }) => {
      const gone = new Set(input.tagKeys);
      await controlPlane.changeTags(clusterOfArn(input.resourceArn), (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
      );
      return {};
    },
  ),
];
