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
  it('subscription filters are kept, two a group', async () => {
    const subscription = {
      logGroupName,
      filterPattern: '',
      destinationArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s',
    };
    await edge.ok('PutSubscriptionFilter', { ...subscription, filterName: 'a' });
    await edge.ok('PutSubscriptionFilter', { ...subscription, filterName: 'b' });
    await edge.fails(
      'PutSubscriptionFilter',
      { ...subscription, filterName: 'c' },
      'LimitExceededException',
      'Resource limit exceeded.',
    );
    const found = listOf(
      await edge.ok('DescribeSubscriptionFilters', { logGroupName }),
      'subscriptionFilters',
    );
    assert.deepEqual(found[0], {
      ...subscription,
      filterName: 'a',
      distribution: 'ByLogStream',
      creationTime: nowMs,
    });
    await edge.ok('DeleteSubscriptionFilter', { logGroupName, filterName: 'a' });
  });
});
