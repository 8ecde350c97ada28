import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type AwsCli, awsCli, findAwsCli, skipWithout } from './aws-tool.ts';
import { eksGroup, eksStreams } from './eks-logs.ts';
import { eventually, type NunchiProcess, startNunchi } from './nunchi-process.ts';

const path = findAwsCli();
const skip = skipWithout('aws', path);

/** `field: value` of each row of query results. */
const rowsOf = (results: unknown): Record<string, string>[] =>
  (results as { results: { field: string; value: string }[][] }).results.map((row) =>
    Object.fromEntries(row.map(({ field, value }) => [field, value])),
  );

describe('the aws CLI', { skip }, () => {
  let server: NunchiProcess;
  let aws: AwsCli;
  /** The newest event is of this time; the others are a second apart. */
  const nowMs = Math.floor(Date.now() / 1000) * 1000;

  const logs = (...args: string[]): Promise<unknown> => aws.json('logs', ...args);

  /** Must fail as a service error does: exit code 254, code and message on stderr. */
  const fails = async (args: readonly string[], stderr: RegExp): Promise<void> => {
    const result = await aws.run('logs', ...args);
    assert.equal(result.code, 254, result.stderr);
    assert.match(result.stderr, stderr);
  };

  before(async () => {
    server = await startNunchi();
    aws = awsCli(path!, { url: server.url, home: server.folder });
    await logs('create-log-group', '--log-group-name', eksGroup, '--tags', 'team=platform');
    for (const { name, messages } of eksStreams) {
      const stream = ['--log-group-name', eksGroup, '--log-stream-name', name];
      await logs('create-log-stream', ...stream);
      const file = join(server.folder, 'events.json');
      const events = messages.map((message, i) => ({
        timestamp: nowMs - (messages.length - 1 - i) * 1000,
        message,
      }));
      await writeFile(file, JSON.stringify(events));
      const reply = await logs('put-log-events', ...stream, '--log-events', `file://${file}`);
      assert.match((reply as { nextSequenceToken: string }).nextSequenceToken, /^\d{56}$/);
    }
  });
  after(() => server?.[Symbol.asyncDispose]());

  it('describes groups and streams', async () => {
    const { logGroups } = (await logs('describe-log-groups')) as {
      logGroups: Record<string, unknown>[];
    };
    const found = logGroups.find((group) => group['logGroupName'] === eksGroup);
    assert.equal(
      found?.['arn'],
      `arn:aws:logs:ap-northeast-2:123456789012:log-group:${eksGroup}:*`.replace(
        '123456789012',
        String(found?.['arn']).split(':')[4]!,
      ),
    );
    const reply = (await logs(
      'describe-log-streams',
      '--log-group-name',
      eksGroup,
      '--order-by',
      'LastEventTime',
      '--descending',
    )) as { logStreams: Record<string, unknown>[] };
    assert.equal(reply.logStreams.length, eksStreams.length);
    assert.equal(reply.logStreams[0]?.['lastEventTimestamp'], nowMs);
  });

  it('pages through a list by itself', async () => {
    const reply = (await logs(
      'describe-log-streams',
      '--log-group-name',
      eksGroup,
      '--page-size',
      '1',
      '--query',
      'logStreams[].logStreamName',
    )) as string[];
    assert.deepEqual(reply, eksStreams.map(({ name }) => name).sort());
  });

  it('sets and removes retention, tags and deletion', async () => {
    const group = ['--log-group-name', 'cli/short'];
    await logs('create-log-group', ...group);
    await logs('put-retention-policy', ...group, '--retention-in-days', '7');
    const [described] = (await logs(
      'describe-log-groups',
      '--log-group-name-prefix',
      'cli/short',
      '--query',
      'logGroups[]',
    )) as { retentionInDays?: number; arn: string }[];
    assert.equal(described?.retentionInDays, 7);
    await logs('delete-retention-policy', ...group);
    const arn = described.arn.replace(/:\*$/, '');
    await logs('tag-resource', '--resource-arn', arn, '--tags', 'a=1,b=2');
    await logs('untag-resource', '--resource-arn', arn, '--tag-keys', 'a');
    assert.deepEqual(await logs('list-tags-for-resource', '--resource-arn', arn), {
      tags: { b: '2' },
    });
    assert.deepEqual(await logs('list-tags-log-group', '--log-group-name', eksGroup), {
      tags: { team: 'platform' },
    });
    await logs('create-log-stream', ...group, '--log-stream-name', 's');
    await logs('delete-log-stream', ...group, '--log-stream-name', 's');
    await logs('delete-log-group', ...group);
    await fails(['delete-log-group', ...group], /ResourceNotFoundException/);
  });

  it('gets events of a stream, forward with tokens', async () => {
    const [{ name, messages }] = eksStreams as [(typeof eksStreams)[number]];
    const stream = ['--log-group-name', eksGroup, '--log-stream-name', name, '--start-from-head'];
    const first = (await logs('get-log-events', ...stream, '--limit', '3')) as {
      events: { message: string }[];
      nextForwardToken: string;
    };
    const second = (await logs(
      'get-log-events',
      ...stream,
      '--next-token',
      first.nextForwardToken,
    )) as typeof first;
    assert.deepEqual(
      [...first.events, ...second.events].map(({ message }) => message),
      messages,
    );
    const end = (await logs(
      'get-log-events',
      ...stream,
      '--next-token',
      second.nextForwardToken,
    )) as typeof first;
    assert.equal(end.nextForwardToken, second.nextForwardToken);
    assert.deepEqual(end.events, []);
  });

  it('filters events by pattern and stream', async () => {
    const filter = async (...args: string[]): Promise<unknown> =>
      logs(
        'filter-log-events',
        '--log-group-name',
        eksGroup,
        '--query',
        'events[].message',
        ...args,
      );
    const [audits, , controllers] = eksStreams;
    assert.deepEqual(
      await filter('--filter-pattern', '{ $.verb = "create" && $.responseStatus.code >= 400 }'),
      [audits!.messages[3]],
    );
    assert.deepEqual(await filter('--filter-pattern', '"Too many replicas"'), [
      controllers!.messages[0],
    ]);
    assert.deepEqual(await filter('--log-stream-names', controllers!.name), controllers!.messages);
    assert.equal(((await filter('--page-size', '2')) as unknown[]).length, 8);
  });

  describe('logs tail', () => {
    const controllers = eksStreams[2]!;
    const prefix = ['--log-stream-name-prefix', 'kube-controller-manager'];
    const tail = async (...args: string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await aws.run('logs', 'tail', eksGroup, ...args);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split('\n');
    };
    const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

    it('prints the detailed format', async () => {
      const lines = await tail('--since', '10m', ...prefix);
      assert.deepEqual(
        lines,
        controllers.messages.map(
          (message, i) =>
            `${iso(nowMs - 1000 + i * 1000)}.000000+00:00 ${controllers.name} ${message}`,
        ),
      );
    });
    it('prints the short format', async () => {
      const lines = await tail(
        '--since',
        '1h',
        '--format',
        'short',
        '--filter-pattern',
        'reflector',
      );
      assert.deepEqual(lines, [`${iso(nowMs)} ${controllers.messages[1]}`]);
    });
    it('prints the json format', async () => {
      const lines = await tail(
        '--since',
        iso(nowMs - 600_000),
        '--format',
        'json',
        '--filter-pattern',
        '{ $.responseStatus.code = 403 }',
      );
      assert.match(lines[0]!, /kube-apiserver-audit-/);
      const document = JSON.parse(lines.slice(1).join('\n')) as { verb: string };
      assert.equal(document.verb, 'create');
    });
    it('follows: each new line once', async () => {
      const follow = aws.start(
        ...['logs', 'tail', eksGroup, '--follow', '--since', '10m', '--format', 'short', ...prefix],
      );
      try {
        await eventually(() => follow.output().includes('Too many replicas') || undefined);
        for (const message of ['first new line', 'second new line']) {
          await logs(
            ...['put-log-events', '--log-group-name', eksGroup],
            ...['--log-stream-name', controllers.name],
            ...['--log-events', `timestamp=${Date.now()},message=${message}`],
          );
        }
        await eventually(() => follow.output().includes('second new line') || undefined);
      } finally {
        await follow.stop();
      }
      const lines = follow.output().trimEnd().split('\n');
      for (const text of [
        'Too many replicas',
        'reflector.go',
        'first new line',
        'second new line',
      ]) {
        assert.equal(lines.filter((line) => line.includes(text)).length, 1, follow.output());
      }
    });
  });

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
    const text = await aws.run('logs', 'get-query-results', '--query-id', started.queryId);
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
    await fails(
      ['create-log-group', '--log-group-name', eksGroup],
      /An error occurred \(ResourceAlreadyExistsException\) when calling the CreateLogGroup operation: The specified log group already exists/,
    );
    await fails(
      ['create-log-group', '--log-group-name', 'bad name!'],
      /InvalidParameterException.*1 validation error detected: Value 'bad name!' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: \[/,
    );
    await fails(
      ['put-retention-policy', '--log-group-name', eksGroup, '--retention-in-days', '2'],
      /InvalidParameterException/,
    );
    await fails(
      ['get-log-events', '--log-group-name', eksGroup, '--log-stream-name', 'none'],
      /ResourceNotFoundException.*The specified log stream does not exist\./,
    );
    await fails(
      ['filter-log-events', '--log-group-name', eksGroup, '--filter-pattern', '{ $.a = '],
      /InvalidParameterException.*Invalid filter pattern/,
    );
  });

  it('learns who it is', async () => {
    const { Arn, Account } = (await aws.json('sts', 'get-caller-identity')) as Record<
      string,
      string
    >;
    assert.match(Account!, /^\d{12}$/);
    assert.ok(Arn!.startsWith(`arn:aws:iam::${Account}:user/`));
  });
});
