import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findAwsCli, skipWithout } from './aws-tool.ts';
import { eksGroup, eksStreams } from './eks-logs.ts';
import { type EksServer, startEksServer } from './eks-server.ts';

const path = findAwsCli();

/** `field: value` of each row of query results. */
const rowsOf = (results: unknown): Record<string, string>[] =>
  (results as { results: { field: string; value: string }[][] }).results.map((row) =>
    Object.fromEntries(row.map(({ field, value }) => [field, value])),
  );

describe('the aws CLI: queries and filters', { skip: skipWithout('aws', path) }, () => {
  let eks: EksServer;
  let nowMs: number;
  const logs = (...args: string[]): Promise<unknown> => eks.logs(...args);
  const fails = (args: readonly string[], stderr: RegExp): Promise<void> => eks.fails(args, stderr);

  before(async () => {
    eks = await startEksServer(path!);
    ({ nowMs } = eks);
  });
  after(() => eks?.[Symbol.asyncDispose]());

  it('runs the query of the post, and has its results at once', async () => {
    const query = [
      'fields userAgent, requestURI, @timestamp, @message',
      '| filter @logStream ~= "kube-apiserver-audit"',
      '| stats count(userAgent) as count by userAgent',
      '| sort count desc',
    ].join('\n');
    const started = (await logs(
      ...['start-query', '--log-group-name', eksGroup],
      ...['--start-time', String(nowMs / 1000 - 3600), '--end-time', String(nowMs / 1000 + 60)],
      ...['--query-string', query],
    )) as { queryId: string };
    const results = await logs('get-query-results', '--query-id', started.queryId);
    const { status, statistics } = results as {
      status: string;
      statistics: Record<string, number>;
    };
    assert.equal(status, 'Complete');
    assert.deepEqual(
      rowsOf(results).map(({ userAgent, count }) => [userAgent?.split('/')[0], count]),
      [
        ['kubelet', '3'],
        ['kubectl', '2'],
      ],
    );
    assert.equal(statistics['recordsMatched'], 5);
    const text = await eks.aws.run('logs', 'get-query-results', '--query-id', started.queryId);
    assert.match(text.stdout, /"recordsMatched": 5\.0/);
    const { queries } = (await logs('describe-queries', '--log-group-name', eksGroup)) as {
      queries: { queryId: string }[];
    };
    assert.equal(queries[0]?.queryId, started.queryId);
    await fails(['stop-query', '--query-id', started.queryId], /InvalidParameterException/);
  });

  it('opens one record of a result by its pointer', async () => {
    const started = (await logs(
      ...['start-query', '--log-group-names', eksGroup],
      ...['--start-time', String(nowMs - 3_600_000), '--end-time', String(nowMs + 60_000)],
      ...['--query-string', 'fields @timestamp, verb | filter verb = "create" | limit 5'],
    )) as { queryId: string };
    const [row] = rowsOf(await logs('get-query-results', '--query-id', started.queryId));
    assert.equal(row?.['verb'], 'create');
    const { logRecord } = (await logs('get-log-record', '--log-record-pointer', row['@ptr']!)) as {
      logRecord: Record<string, string>;
    };
    assert.equal(logRecord['responseStatus.code'], '403');
    assert.equal(logRecord['@message'], eksStreams[0]!.messages[3]);
    const { logGroupFields } = (await logs(
      ...['get-log-group-fields', '--log-group-name', eksGroup, '--time', String(nowMs / 1000)],
    )) as { logGroupFields: { name: string; percent: number }[] };
    assert.ok(logGroupFields.some(({ name }) => name === 'userAgent'));
  });

  it('shows where a query does not compile', async () => {
    await fails(
      [
        ...['start-query', '--log-group-name', eksGroup],
        ...['--start-time', String(nowMs / 1000 - 60), '--end-time', String(nowMs / 1000)],
        ...['--query-string', 'fields @message\n| filter = 5'],
      ],
      /An error occurred \(MalformedQueryException\) when calling the StartQuery operation: .* at line 2 and position \d+/,
    );
  });

  it('keeps query definitions', async () => {
    const { queryDefinitionId } = (await logs(
      ...['put-query-definition', '--name', 'eks/agents', '--query-string', 'fields @message'],
      ...['--log-group-names', eksGroup],
    )) as { queryDefinitionId: string };
    const { queryDefinitions } = (await logs(
      ...['describe-query-definitions', '--query-definition-name-prefix', 'eks/'],
    )) as { queryDefinitions: Record<string, unknown>[] };
    assert.deepEqual(
      queryDefinitions.map((d) => [d['queryDefinitionId'], d['name'], d['logGroupNames']]),
      [[queryDefinitionId, 'eks/agents', [eksGroup]]],
    );
    const gone = await logs('delete-query-definition', '--query-definition-id', queryDefinitionId);
    assert.deepEqual(gone, { success: true });
  });

  it('keeps and tries metric filters', async () => {
    const filter = ['--log-group-name', eksGroup, '--filter-name', 'denied'];
    await logs(
      ...['put-metric-filter', ...filter, '--filter-pattern', '{ $.responseStatus.code = 403 }'],
      '--metric-transformations',
      'metricName=Denied,metricNamespace=EKS,metricValue=1,defaultValue=0',
    );
    const { metricFilters } = (await logs(
      'describe-metric-filters',
      '--log-group-name',
      eksGroup,
    )) as { metricFilters: Record<string, unknown>[] };
    assert.deepEqual(metricFilters[0]?.['metricTransformations'], [
      { metricName: 'Denied', metricNamespace: 'EKS', metricValue: '1', defaultValue: 0 },
    ]);
    const { matches } = (await logs(
      ...['test-metric-filter', '--filter-pattern', '[level=ERROR, code, ...]'],
      ...['--log-event-messages', 'INFO 200 fine', 'ERROR 503 not fine'],
    )) as { matches: Record<string, unknown>[] };
    assert.deepEqual(
      matches.map((m) => [m['eventNumber'], m['eventMessage']]),
      [[2, 'ERROR 503 not fine']],
    );
    const values = matches[0]?.['extractedValues'] as Record<string, string>;
    assert.equal(values['$code'], '503');
    await logs('delete-metric-filter', ...filter);
    await fails(
      [
        'put-metric-filter',
        ...filter,
        '--filter-pattern',
        '{ broken',
        '--metric-transformations',
        'metricName=a,metricNamespace=b,metricValue=1',
      ],
      /InvalidParameterException/,
    );
  });

  it('ends with 254 and the code on service errors', async () => {
    await Promise.all([
      fails(
        ['create-log-group', '--log-group-name', eksGroup],
        /An error occurred \(ResourceAlreadyExistsException\) when calling the CreateLogGroup operation: The specified log group already exists/,
      ),
      fails(
        ['create-log-group', '--log-group-name', 'bad name!'],
        /InvalidParameterException.*1 validation error detected: Value 'bad name!' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: \[/,
      ),
      fails(
        ['put-retention-policy', '--log-group-name', eksGroup, '--retention-in-days', '2'],
        /InvalidParameterException/,
      ),
      fails(
        ['get-log-events', '--log-group-name', eksGroup, '--log-stream-name', 'none'],
        /ResourceNotFoundException.*The specified log stream does not exist\./,
      ),
      fails(
        ['filter-log-events', '--log-group-name', eksGroup, '--filter-pattern', '{ $.a = '],
        /InvalidParameterException.*Invalid filter pattern/,
      ),
    ]);
  });
});
