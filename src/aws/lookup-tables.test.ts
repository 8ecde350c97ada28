import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLookupTableCommand,
  DeleteLookupTableCommand,
  DescribeLookupTablesCommand,
  GetLookupTableCommand,
  type LookupTable,
  UpdateLookupTableCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type EdgeFixture, nowMs, openEdge } from './edge.fixture.ts';

describe('lookup tables', () => {
  let edge: EdgeFixture;
  let client: CloudWatchLogsClient;
  before(async () => {
    edge = await openEdge();
    client = new CloudWatchLogsClient({
      endpoint: edge.server.url,
      region: 'ap-northeast-2',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
  });
  after(async () => {
    client.destroy();
    await edge[Symbol.asyncDispose]();
  });
  const arn = (name: string): string =>
    `arn:aws:logs:ap-northeast-2:123456789012:lookup-table:${name}`;

  it('are made, read, listed in pages, changed and deleted by the SDK', async () => {
    const tableBody = 'id,name\r\n1,"Kim, ""J"""\r\n2,이\r\n';
    const made = await client.send(
      new CreateLookupTableCommand({
        lookupTableName: 'users',
        description: 'people',
        tableBody,
        tags: { team: 'a' },
      }),
    );
    assert.equal(made.lookupTableArn, arn('users'));
    assert.equal(made.createdAt, nowMs);
    await client.send(new CreateLookupTableCommand({ lookupTableName: 'apps', tableBody: 'a\nb' }));
    const read = await client.send(new GetLookupTableCommand({ lookupTableArn: arn('users') }));
    assert.equal(read.tableBody, tableBody);
    assert.equal(read.sizeBytes, Buffer.byteLength(tableBody));
    const updated = await client.send(
      new UpdateLookupTableCommand({ lookupTableArn: arn('users'), tableBody: 'id\n7\n8\n9\n' }),
    );
    assert.equal(updated.lookupTableArn, arn('users'));
    const tables: LookupTable[] = [];
    let nextToken: string | undefined;
    do {
      const command = new DescribeLookupTablesCommand({ maxResults: 1, nextToken });
      const page = await client.send(command);
      assert.equal(page.lookupTables?.length, 1);
      tables.push(...page.lookupTables);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    assert.deepEqual(
      tables.map(({ lookupTableName, tableFields, recordsCount, description }) => ({
        lookupTableName,
        tableFields,
        recordsCount,
        description,
      })),
      [
        { lookupTableName: 'apps', tableFields: ['a'], recordsCount: 1, description: undefined },
        { lookupTableName: 'users', tableFields: ['id'], recordsCount: 3, description: 'people' },
      ],
    );
    await client.send(new DeleteLookupTableCommand({ lookupTableArn: arn('apps') }));
    const left = await edge.ok('DescribeLookupTables', { lookupTableNamePrefix: 'a' });
    assert.deepEqual(left, { lookupTables: [] });
  });

  it('takes the rows of an ended query', async () => {
    const { queryId } = await edge.ok('StartQuery', {
      queryString: "SOURCE '/g' | stats count(*) by verb",
      startTime: 0,
      endTime: 1,
    });
    const run = edge.runs.at(-1)!;
    run.columns = [
      { name: 'verb', kind: 'string', isTimeBin: false, isAggregate: false },
      { name: 'count(*)', kind: 'number', isTimeBin: false, isAggregate: true },
    ];
    run.rowCount = 2;
    run.rows = () => ({
      columnNames: ['verb', 'count(*)'],
      columns: [
        ['li,st', null],
        [3, 4],
      ],
      rowCount: 2,
      pointers: undefined,
    });
    await edge.ok('CreateLookupTable', { lookupTableName: 'verbs', queryId });
    const { tableBody } = await edge.ok('GetLookupTable', { lookupTableArn: arn('verbs') });
    assert.equal(tableBody, 'verb,count(*)\n"li,st",3\n,4\n');
    run.status = 'Running';
    await edge.fails(
      'UpdateLookupTable',
      { lookupTableArn: arn('verbs'), queryId },
      'InvalidParameterException',
      /neither complete nor cancelled/,
    );
  });

  it('takes 10 MB and refuses more', async () => {
    const line = `"k","${'v'.repeat(90)}"\n`;
    const tableBody = `a,b\n${line.repeat(Math.floor((10 * 1024 * 1024 - 10) / line.length))}`;
    await edge.ok('CreateLookupTable', { lookupTableName: 'large', tableBody });
    await edge.fails(
      'UpdateLookupTable',
      { lookupTableArn: arn('large'), tableBody: tableBody + line.repeat(2) },
      'InvalidParameterException',
      /at most 10485760 bytes/,
    );
  });

  const missing = { lookupTableArn: arn('none') };
  const f = (operation: string, input: object, code: string, message?: RegExp): void =>
    void it(`${operation} ${JSON.stringify(input)} fails`, async () => {
      await edge.fails(operation, input, code, message);
    });
  const create = 'CreateLookupTable';
  const lookupTableName = 'x';
  f('GetLookupTable', missing, 'ResourceNotFoundException');
  f('DeleteLookupTable', missing, 'ResourceNotFoundException');
  f('UpdateLookupTable', { ...missing, tableBody: 'a' }, 'ResourceNotFoundException');
  f('GetLookupTable', { lookupTableArn: 'arn:aws:s3:::x' }, 'InvalidParameterException');
  f(create, { lookupTableName }, 'InvalidParameterException', /Exactly one of/);
  f(create, { lookupTableName, tableBody: 'a', queryId: 'q' }, 'InvalidParameterException');
  f(create, { lookupTableName, queryId: 'none' }, 'ResourceNotFoundException');
  f(create, { lookupTableName: 'a-b', tableBody: 'a' }, 'InvalidParameterException', /pattern/);
  f(create, { lookupTableName, tableBody: 'a\n1,2' }, 'InvalidParameterException', /Line 2/);
  f(create, { lookupTableName: 'users', tableBody: 'a' }, 'ResourceAlreadyExistsException');
});
