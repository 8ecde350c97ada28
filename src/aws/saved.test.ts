import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type EdgeFixture, listOf, nowMs, openEdge, type Reply } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
});
after(() => edge[Symbol.asyncDispose]());

describe('query definitions', () => {
  it('are saved, replaced, listed and deleted', async () => {
    const { queryDefinitionId } = await edge.ok('PutQueryDefinition', {
      name: 'eks/errors',
      queryString: 'fields @message',
      logGroupNames: ['a'],
    });
    await edge.ok('PutQueryDefinition', {
      queryDefinitionId,
      name: 'eks/errors',
      queryString: 'stats count(*)',
      parameters: [{ name: 'p', defaultValue: 'x' }],
    });
    const found = await edge.ok('DescribeQueryDefinitions', { queryDefinitionNamePrefix: 'eks/' });
    assert.deepEqual(found, {
      queryDefinitions: [
        {
          queryLanguage: 'CWLI',
          queryDefinitionId,
          name: 'eks/errors',
          queryString: 'stats count(*)',
          lastModified: nowMs,
          logGroupNames: [],
          parameters: [{ name: 'p', defaultValue: 'x' }],
        },
      ],
    });
    assert.deepEqual(
      await edge.ok('DescribeQueryDefinitions', { queryDefinitionNamePrefix: 'x' }),
      {
        queryDefinitions: [],
      },
    );
    assert.deepEqual(await edge.ok('DeleteQueryDefinition', { queryDefinitionId }), {
      success: true,
    });
    await edge.fails('DeleteQueryDefinition', { queryDefinitionId }, 'ResourceNotFoundException');
    await edge.fails(
      'PutQueryDefinition',
      { queryDefinitionId, name: 'a', queryString: 'b' },
      'ResourceNotFoundException',
    );
  });
});

describe('filters of log groups', () => {
  const logGroupName = 'filters';
  const metricTransformations = [
    { metricName: 'Errors', metricNamespace: 'App', metricValue: '1', defaultValue: 0 },
  ];
  const filter = {
    logGroupName,
    filterName: 'errors',
    filterPattern: 'ERROR',
    metricTransformations,
  };
  before(async () => {
    await edge.ok('CreateLogGroup', { logGroupName });
  });
  it('metric filters are saved, listed and deleted', async () => {
    await edge.ok('PutMetricFilter', filter);
    await edge.ok('PutMetricFilter', { ...filter, filterName: 'another' });
    const reply = await edge.call('DescribeMetricFilters', { logGroupName });
    assert.match(reply.text, /"defaultValue":0\.0/);
    const found = listOf(reply.json, 'metricFilters');
    assert.deepEqual(
      found.map((f) => f['filterName']),
      ['another', 'errors'],
    );
    assert.deepEqual(found[1], { ...filter, creationTime: nowMs });
    const byMetric = await edge.ok('DescribeMetricFilters', {
      metricName: 'Errors',
      metricNamespace: 'App',
      filterNamePrefix: 'err',
    });
    assert.equal(listOf(byMetric, 'metricFilters').length, 1);
    const [group] = listOf(
      await edge.ok('DescribeLogGroups', { logGroupNamePrefix: logGroupName }),
      'logGroups',
    );
    assert.equal(group?.['metricFilterCount'], 2);
    await edge.ok('DeleteMetricFilter', { logGroupName, filterName: 'another' });
    await edge.fails(
      'DeleteMetricFilter',
      { logGroupName, filterName: 'another' },
      'ResourceNotFoundException',
    );
  });
  it('default values of any size come back as doubles', async () => {
    for (const [defaultValue, written] of [
      [1e21, '1e+21'],
      [-5, '-5.0'],
      [0.5, '0.5'],
    ] as const) {
      const changed = [{ ...metricTransformations[0], defaultValue }];
      await edge.ok('PutMetricFilter', { ...filter, metricTransformations: changed });
      const reply = await edge.call('DescribeMetricFilters', { logGroupName });
      assert.ok(reply.text.includes(`"defaultValue":${written}}`), reply.text);
    }
    const text = JSON.stringify({ ...filter, metricTransformations: [{ defaultValue: 7 }] });
    const reply = await edge.post(text.replace('7', '1e999'), {
      'x-amz-target': 'Logs_20140328.PutMetricFilter',
    });
    assert.equal(reply.json['__type'], 'SerializationException', reply.text);
  });
  it('metric filters are checked', async () => {
    const f = (change: object): Promise<Reply> =>
      edge.fails(
        'PutMetricFilter',
        { ...filter, metricTransformations: [{ ...metricTransformations[0], ...change }] },
        'InvalidParameterException',
      );
    await f({ metricValue: 'abc' });
    await f({ dimensions: { a: '$.a' } });
    await f({ defaultValue: undefined, dimensions: { a: 'plain' } });
    await f({ defaultValue: undefined, dimensions: { a: '$a', b: '$b', c: '$c', d: '$d' } });
    await f({ unit: 'Parsecs' });
    await f({ metricNamespace: 'a:b' });
    await edge.fails(
      'PutMetricFilter',
      { ...filter, metricTransformations: [] },
      'InvalidParameterException',
    );
    await edge.fails('DescribeMetricFilters', { metricName: 'x' }, 'InvalidParameterException');
  });
  it('filters end with their group', async () => {
    await edge.ok('CreateLogGroup', { logGroupName: 'short' });
    await edge.ok('PutMetricFilter', { ...filter, logGroupName: 'short' });
    await edge.store.deleteGroup('short'); // by somebody else than us
    edge.clock.jumpTo(nowMs + 1);
    await edge.ok('CreateLogGroup', { logGroupName: 'short' });
    edge.clock.jumpTo(nowMs);
    assert.deepEqual(await edge.ok('DescribeMetricFilters', { logGroupName: 'short' }), {
      metricFilters: [],
    });
  });
  it('patterns are tried', async () => {
    const reply = await edge.ok('TestMetricFilter', {
      filterPattern: 'ERROR',
      logEventMessages: ['fine', 'an ERROR'],
    });
    assert.deepEqual(reply, {
      matches: [{ eventNumber: 2, eventMessage: 'an ERROR', extractedValues: {} }],
    });
  });
  it('a subscription filter is refused as one whose destination cannot be reached', async () => {
    const f = (destinationArn: string, code: string, message: RegExp, more = {}): Promise<void> =>
      edge
        .fails(
          'PutSubscriptionFilter',
          { logGroupName, filterName: 'a', filterPattern: '', destinationArn, ...more },
          code,
        )
        .then(({ text }) => assert.match(text, message));
    const place = 'us-east-1:123456789012';
    const roleArn = { roleArn: 'arn:aws:iam::123456789012:role/r' };
    const bad = 'InvalidParameterException';
    await f(`arn:aws:lambda:${place}:function:f`, bad, /Could not execute the lambda function/);
    await f(`arn:aws:kinesis:${place}:stream/s`, bad, /kinesis cannot be used without roleArn/);
    await f(`arn:aws:kinesis:${place}:stream/s`, bad, /test message to .* Kinesis/, roleArn);
    await f(`arn:aws:firehose:${place}:deliverystream/s`, bad, /message to .* Firehose/, roleArn);
    await f(`arn:aws:logs:${place}:destination:d`, 'ResourceNotFoundException', /does not exist/);
    await f('arn:aws:s3:::bucket', bad, /cannot work with destinationArn for vendor s3/);
    await f('somewhere', bad, /Invalid destinationArn/);
    await f(`arn:aws:lambda:${place}:function:f`, bad, /Invalid filter pattern/, {
      filterPattern: '{',
    });
    assert.deepEqual(await edge.ok('DescribeSubscriptionFilters', { logGroupName }), {
      subscriptionFilters: [],
    });
    await edge.fails(
      'DeleteSubscriptionFilter',
      { logGroupName, filterName: 'a' },
      'ResourceNotFoundException',
    );
    await edge.fails(
      'DescribeSubscriptionFilters',
      { logGroupName: 'none' },
      'ResourceNotFoundException',
    );
  });
});
