import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppError } from '#base';
import { encodePointer } from '#logs/insights';
import type { QueryRows, ResultColumn } from '#logs/queries';
import {
  type EdgeFixture,
  events,
  type FakeRun,
  nowMs,
  openEdge,
  type Reply,
} from './edge.fixture.ts';
import { AwsError, toAwsError } from './errors.ts';
import { recordOf } from './operations/log-record.ts';
import { queryRange, resultRows } from './operations/queries.ts';

const column = (name: string, kind: ResultColumn['kind']): ResultColumn => ({
  name,
  kind,
  isTimeBin: false,
  isAggregate: false,
});

describe('resultRows() lists fields as texts', () => {
  it('leaves nulls out, writes times in words and puts @ptr last', () => {
    const rows: QueryRows = {
      columnNames: ['@timestamp', 'n', 'verb', 'ok'],
      columns: [
        [Date.parse('2024-03-26T03:43:54Z'), null],
        [1.5, 10n],
        ['list', null],
        [true, false],
      ],
      rowCount: 2,
      pointers: ['p1', 'p2'],
    };
    const columns = [
      column('@timestamp', 'timestamp'),
      column('n', 'number'),
      column('verb', 'string'),
      column('ok', 'boolean'),
    ];
    assert.deepEqual(resultRows(rows, columns), [
      [
        { field: '@timestamp', value: '2024-03-26 03:43:54.000' },
        { field: 'n', value: '1.5' },
        { field: 'verb', value: 'list' },
        { field: 'ok', value: '1' },
        { field: '@ptr', value: 'p1' },
      ],
      [
        { field: 'n', value: '10' },
        { field: 'ok', value: '0' },
        { field: '@ptr', value: 'p2' },
      ],
    ]);
  });
});

describe('queryRange()', () => {
  it('takes seconds, both inclusive', () =>
    assert.deepEqual(queryRange(100, 200), { fromMs: 100_000, toMs: 200_999 }));
  it('takes milliseconds too', () =>
    assert.deepEqual(queryRange(1711424131000, 1711424132000), {
      fromMs: 1711424131000,
      toMs: 1711424132000,
    }));
  it('refuses an end before its start', () => {
    assert.throws(() => queryRange(2, 1), AwsError);
  });
});

describe('a compile error', () => {
  it('has its place in the message and in the body', () => {
    const { code, message, members } = toAwsError(
      new AppError('QUERY_MALFORMED', 'unexpected symbol found = at line 2 and position 14', {
        hint: 'A field, a value or a function is expected here.',
        details: {
          diagnostics: [
            {
              severity: 'error',
              message: 'unexpected symbol found =',
              startOffset: 37,
              endOffset: 38,
              line: 2,
              column: 14,
            },
          ],
        },
      }),
    );
    assert.equal(code, 'MalformedQueryException');
    assert.equal(
      message,
      'unexpected symbol found = at line 2 and position 14. A field, a value or a function is expected here.',
    );
    assert.deepEqual(members, {
      queryCompileError: {
        location: { startCharOffset: 37, endCharOffset: 38 },
        message: 'unexpected symbol found =',
      },
    });
  });
});

describe('queries over the wire', () => {
  let edge: EdgeFixture;
  const seconds = nowMs / 1000;
  const query = {
    logGroupName: 'g',
    startTime: seconds - 60,
    endTime: seconds,
    queryString: 'fields @message',
  };
  before(async () => {
    edge = await openEdge();
    await edge.call('CreateLogGroup', { logGroupName: 'g' });
  });
  after(() => edge[Symbol.asyncDispose]());

  const start = async (input: object = {}): Promise<FakeRun> => {
    const reply = await edge.call('StartQuery', { ...query, ...input });
    assert.equal(reply.status, 200, reply.text);
    return edge.runs.find((run) => run.id === reply.json['queryId'])!;
  };
  const fails = async (
    operation: string,
    input: object,
    code: string,
    message?: RegExp,
  ): Promise<Reply> => {
    const reply = await edge.call(operation, input);
    assert.equal(reply.json['__type'], code, reply.text);
    if (message !== undefined) assert.match(String(reply.json['message']), message);
    return reply;
  };
  const fill = (run: FakeRun, count: number): void => {
    run.rowCount = count;
    run.columns = [column('n', 'number')];
    run.rows = (offset, limit) => {
      const rowCount = Math.max(0, Math.min(limit, count - offset));
      const values = Array.from({ length: rowCount }, (_, i) => offset + i);
      return { columnNames: ['n'], columns: [values], rowCount, pointers: undefined };
    };
  };

  it('pass on groups, range, limit and language', async () => {
    const run = await start({ logGroupName: undefined, logGroupNames: ['g', 'g'], limit: 5 });
    assert.deepEqual(run.request, {
      text: 'fields @message',
      language: 'CWLI',
      groups: ['g'],
      fromMs: nowMs - 60_000,
      toMs: nowMs + 999,
      maxRows: 5,
      user: 'local',
    });
    const byArn = await start({
      logGroupName: undefined,
      logGroupIdentifiers: ['arn:aws:logs:r:1:log-group:g'],
    });
    assert.deepEqual(byArn.request.groups, ['g']);
    assert.equal(byArn.request.maxRows, 10_000);
    for (const queryString of [
      'SOURCE logGroups()',
      '# of all groups | filter\n  | source "g" | limit 1',
    ]) {
      const bySource = await start({ logGroupName: undefined, queryString });
      assert.deepEqual(bySource.request.groups, []);
    }
  });
  it('refuse what does not fit', async () => {
    await fails('StartQuery', { ...query, logGroupName: undefined }, 'InvalidParameterException');
    await fails('StartQuery', { ...query, logGroupNames: ['g'] }, 'InvalidParameterException');
    await fails('StartQuery', { ...query, logGroupName: 'none' }, 'ResourceNotFoundException');
    await fails('StartQuery', { ...query, queryLanguage: 'PPL' }, 'InvalidParameterException');
    await fails(
      'StartQuery',
      { ...query, queryLanguage: 'KQL' },
      'InvalidParameterException',
      /enum/,
    );
    await fails('StartQuery', { ...query, startTime: seconds + 9 }, 'InvalidParameterException');
    await fails(
      'StartQuery',
      { ...query, queryString: 'x'.repeat(10_001) },
      'InvalidParameterException',
    );
    await fails(
      'StartQuery',
      { ...query, startTime: 1, endTime: 2 },
      'MalformedQueryException',
      /^Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings \(\[0,14\]\)$/,
    );
  });
  it('give their results with doubles in the statistics', async () => {
    const run = await start();
    fill(run, 2);
    const reply = await edge.call('GetQueryResults', { queryId: run.id });
    assert.match(reply.text, /"recordsMatched":2\.0,"recordsScanned":3\.0/);
    assert.equal(reply.json['status'], 'Complete');
    assert.equal(reply.json['queryLanguage'], 'CWLI');
    assert.deepEqual(reply.json['results'], [
      [{ field: 'n', value: '0' }],
      [{ field: 'n', value: '1' }],
    ]);
  });
  it('give 10,000 rows a page and 100,000 in all', async () => {
    const run = await start();
    fill(run, 120_000);
    const sizes: number[] = [];
    let nextToken: unknown;
    do {
      const { json } = await edge.call('GetQueryResults', { queryId: run.id, nextToken });
      sizes.push((json['results'] as unknown[]).length);
      nextToken = json['nextToken'];
    } while (nextToken !== undefined);
    assert.deepEqual(
      sizes,
      Array.from({ length: 10 }, () => 10_000),
    );
    const few = await edge.call('GetQueryResults', { queryId: run.id, maxItems: 3 });
    assert.equal((few.json['results'] as unknown[]).length, 3);
  });
  it('wait a moment for a query that is about to end', async () => {
    const run = await start();
    run.status = 'Running';
    let end = (): void => {};
    run.done = new Promise((resolve) => {
      end = resolve;
    });
    const polled = edge.call('GetQueryResults', { queryId: run.id });
    setImmediate(() => {
      run.status = 'Complete';
      end();
    });
    assert.equal((await polled).json['status'], 'Complete');
  });
  it('do not wait for a query that runs for long', async () => {
    const run = await start();
    run.status = 'Running';
    run.createdMs = nowMs - 10_000;
    run.done = new Promise(() => {});
    const reply = await edge.call('GetQueryResults', { queryId: run.id });
    assert.equal(reply.json['status'], 'Running');
    assert.deepEqual((await edge.call('StopQuery', { queryId: run.id })).json, { success: true });
    await fails('StopQuery', { queryId: run.id }, 'InvalidParameterException', /not running/);
  });
  it('are listed newest first', async () => {
    const reply = await edge.call('DescribeQueries', { logGroupName: 'g', status: 'Complete' });
    const [first] = reply.json['queries'] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(first!).sort(), [
      'bytesScanned',
      'createTime',
      'logGroupName',
      'queryDuration',
      'queryId',
      'queryLanguage',
      'queryString',
      'status',
      'userIdentity',
    ]);
    await fails('DescribeQueries', { status: 'Done' }, 'InvalidParameterException');
  });
  it('unknown ones are not found', async () => {
    for (const operation of ['GetQueryResults', 'StopQuery', 'ListLogGroupsForQuery']) {
      await fails(operation, { queryId: 'none' }, 'ResourceNotFoundException');
    }
  });
  it('fields of a group come by share', async () => {
    const reply = await edge.call('GetLogGroupFields', { logGroupName: 'g' });
    assert.deepEqual(reply.json['logGroupFields'], [
      { name: '@timestamp', percent: 100 },
      { name: '@message', percent: 100 },
      { name: 'verb', percent: 33 },
    ]);
  });
});

describe('log records', () => {
  const event = {
    group: 'g',
    stream: 's',
    timestampMs: nowMs,
    ingestionMs: nowMs + 1,
    sequence: 7,
    message:
      '{"verb":"list","user":{"groups":["a","b"]},"n":1.50,"id":12345678901234567890,"ok":true,"none":null,"@message":"x","__proto__":"p"}',
  };
  it('are found by their pointer, in the group it names', async () => {
    await using edge = await openEdge();
    await edge.ok('CreateLogGroup', { logGroupName: '/aws/eks/a' });
    await edge.ok('CreateLogStream', { logGroupName: '/aws/eks/a', logStreamName: 's' });
    await edge.ok('PutLogEvents', {
      logGroupName: '/aws/eks/a',
      logStreamName: 's',
      logEvents: events('one', '{"verb":"list"}'),
    });
    const pointer = (sequence: number): string =>
      encodePointer({ timestampMs: nowMs + 1, sequence, group: '/aws/eks/a' });
    const found = await edge.ok('GetLogRecord', { logRecordPointer: pointer(2) });
    assert.equal((found['logRecord'] as Record<string, string>)['verb'], 'list');
    await edge.fails('GetLogRecord', { logRecordPointer: pointer(9) }, 'ResourceNotFoundException');
    for (const logRecordPointer of ['', 'x', '한글']) {
      await edge.fails('GetLogRecord', { logRecordPointer }, 'InvalidParameterException');
    }
  });
  it('hold system fields and what the message holds, as texts', () => {
    assert.deepEqual(recordOf(event, '123456789012'), {
      '@message': event.message,
      '@timestamp': String(nowMs),
      '@ingestionTime': String(nowMs + 1),
      '@logStream': 's',
      '@log': '123456789012:g',
      verb: 'list',
      'user.groups.0': 'a',
      'user.groups.1': 'b',
      n: '1.50',
      id: '12345678901234567890',
      ok: '1',
      '@@message': 'x',
      ['__proto__']: 'p',
    });
  });
  it('hold at most 200 fields of a message, and any depth', () => {
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i, i])));
    assert.equal(Object.keys(recordOf({ ...event, message: wide }, '1')).length, 205);
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    assert.equal(Object.keys(recordOf({ ...event, message: deep }, '1')).length, 6);
    for (const message of ['{broken', '["a"]', '5', '"text"', 'null', '']) {
      assert.equal(Object.keys(recordOf({ ...event, message }, '1')).length, 5);
    }
  });
});
