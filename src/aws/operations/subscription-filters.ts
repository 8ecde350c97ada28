import { type AwsError, invalid, notFound } from '../errors.ts';
import { mustParsePattern } from '../filter.ts';
import { type Operation, operation } from '../operation.ts';
import { flag, required, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { mustHaveGroup } from './groups.ts';

/**
 * Subscription filters deliver to Lambda, Kinesis, Firehose and CloudWatch destinations. AWS sends a
 * test message before it saves a filter, and refuses the filter when that does not arrive. None of
 * these can be reached from here, so every filter ends so: saved, it would look as if it worked.
 */
const ours = 'Nunchi delivers to no AWS service: ship logs with the outputs of its agent instead.';

/** What AWS says when the test message does not arrive, by the service in the ARN. */
function unreachable(destinationArn: string, roleArn: string | undefined): AwsError {
  const service = /^arn:[\w-]+:([\w-]+):[\w-]*:\d*:.+$/.exec(destinationArn)?.[1];
  switch (service) {
    case 'lambda':
      return invalid(
        `Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function. ${ours}`,
      );
    case 'kinesis':
    case 'firehose': {
      if (roleArn === undefined) {
        return invalid(`destinationArn for vendor ${service} cannot be used without roleArn`);
      }
      const kind = service === 'kinesis' ? 'Kinesis' : 'Firehose';
      return invalid(
        `Could not deliver test message to specified ${kind} stream. Check if the given ${kind} stream is in ACTIVE state. ${ours}`,
      );
    }
    case 'logs':
      return notFound(`The specified destination does not exist. ${ours}`);
    case undefined:
      return invalid(`Invalid destinationArn: ${destinationArn}`);
    default:
      return invalid(
        `PutSubscriptionFilter operation cannot work with destinationArn for vendor ${service}`,
      );
  }
}

export const subscriptionFilterOperations: readonly Operation[] = [
  operation(
    'PutSubscriptionFilter',
    'write',
    {
      logGroupName: required(shapes.logGroupName),
      filterName: required(shapes.filterName),
      filterPattern: required(shapes.filterPattern),
      destinationArn: required(text({ min: 1 })),
      roleArn: text({ min: 1 }),
      distribution: text({ values: ['Random', 'ByLogStream'] }),
      applyOnTransformedLogs: flag(),
    },
    (input, context) => {
      mustHaveGroup(context, input.logGroupName);
      mustParsePattern(input.filterPattern);
      throw unreachable(input.destinationArn, input.roleArn);
    },
  ),
  operation(
    'DescribeSubscriptionFilters',
    'read',
    {
      logGroupName: required(shapes.logGroupName),
      filterNamePrefix: shapes.filterName,
      nextToken: shapes.nextToken,
      limit: shapes.pageLimit,
    },
    ({ logGroupName }, context) => {
      mustHaveGroup(context, logGroupName);
      return { subscriptionFilters: [] };
    },
  ),
  operation(
    'DeleteSubscriptionFilter',
    'write',
    { logGroupName: required(shapes.logGroupName), filterName: required(shapes.filterName) },
    ({ logGroupName }, context) => {
      mustHaveGroup(context, logGroupName);
      throw notFound('The specified filter does not exist.');
    },
  ),
];
