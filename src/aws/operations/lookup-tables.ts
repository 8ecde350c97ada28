import { isAppError } from '#base';
import { formatCell } from '#logs/insights';
import { formatCsv, type LookupTableInfo, maxLookupTableBytes } from '#logs/lookup-tables';
import type { QueryRun } from '#logs/queries';
import type { ArnScope } from '../arn.ts';
import { AwsError, invalid, notFound } from '../errors.ts';
import { type CallContext, type Operation, operation } from '../operation.ts';
import { integer, required, type Shape, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { pageOf } from '../tokens.ts';

const description: Shape<string> = text({ max: 1024 });
/** Bytes are counted where they are stored. */
const tableBody: Shape<string> = text({ min: 1, isValueHidden: true });
const kmsKeyId: Shape<string> = text({ max: 256 });
const lookupTableArn = required(shapes.resourceArn);

const arnOf = ({ region, accountId }: ArnScope, name: string): string =>
  `arn:aws:logs:${region}:${accountId}:lookup-table:${name}`;

/** Region and account are not compared: one store answers for all. A bare name will do. */
function nameOf(arn: string): string {
  const match = /^(?:arn:[\w-]+:logs:[\w-]*:\d*:lookup-table:)?([A-Za-z0-9_]+)$/.exec(arn);
  if (match === null) throw invalid(`Invalid lookup table ARN: ${arn}`);
  return match[1]!;
}

function mustHave({ lookupTables }: CallContext, arn: string): LookupTableInfo {
  const table = lookupTables.get(nameOf(arn));
  if (table === undefined) throw unknownTable();
  return table;
}

const unknownTable = (): AwsError => notFound('The specified lookup table does not exist.');

/** Exactly one of text and query must be given. */
function csvOf(
  input: { readonly tableBody?: string | undefined; readonly queryId?: string | undefined },
  context: CallContext,
): string {
  if ((input.tableBody === undefined) === (input.queryId === undefined)) {
    throw invalid('Exactly one of tableBody and queryId must be specified.');
  }
  if (input.tableBody !== undefined) return input.tableBody;
  const run = context.queries.get(input.queryId!);
  if (run === undefined) throw notFound(`Query ${input.queryId} does not exist.`);
  if (run.status !== 'Complete' && run.status !== 'Cancelled') {
    throw invalid(`The query ${run.id} is neither complete nor cancelled.`);
  }
  return csvOfResults(run);
}

const rowsAtOnce = 10_000;

function csvOfResults(run: QueryRun): string {
  let csv = formatCsv([run.columns.map((column) => column.name)]);
  for (let offset = 0; offset < run.rowCount; offset += rowsAtOnce) {
    const { columns, rowCount } = run.rows(offset, rowsAtOnce);
    const rows = Array.from({ length: rowCount }, (_, row) =>
      columns.map((values, i) => formatCell(run.columns[i]?.kind ?? 'string', values[row]!)),
    );
    csv += formatCsv(rows);
    // More is refused where it is stored; it need not be made first.
    if (csv.length > maxLookupTableBytes) break;
  }
  return csv;
}

/** What the tables refuse, in AWS's terms. */
async function stored(work: Promise<LookupTableInfo>): Promise<LookupTableInfo> {
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error)) throw error;
    switch (error.code) {
      case 'LOOKUP_TABLE_EXISTS':
        throw new AwsError('ResourceAlreadyExistsException', error.message);
      case 'LOOKUP_TABLE_LIMIT':
        throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
      case 'LOOKUP_TABLE_NOT_FOUND':
        throw unknownTable();
      case 'LOOKUP_TABLE_INVALID':
        throw invalid([error.message, error.hint].filter(Boolean).join('. '));
      default:
        throw error;
    }
  }
}

const createLookupTable: Operation = operation(
  'CreateLookupTable',
  'write',
  {
    lookupTableName: required(text({ min: 1, max: 256, pattern: '[a-zA-Z0-9_]+' })),
    description,
    tableBody,
    queryId: shapes.queryId,
    kmsKeyId,
    tags: shapes.tags,
  },
  async (input, context) => {
    const csv = csvOf(input, context);
    const { lookupTableName: name } = input;
    const made = context.lookupTables.create({ name, description: input.description, csv });
    const { createdMs } = await stored(made);
    return { lookupTableArn: arnOf(context.scope, name), createdAt: createdMs };
  },
);

const updateLookupTable: Operation = operation(
  'UpdateLookupTable',
  'write',
  { lookupTableArn, description, tableBody, queryId: shapes.queryId, kmsKeyId },
  async (input, context) => {
    const { name } = mustHave(context, input.lookupTableArn);
    const csv = csvOf(input, context);
    const change = { description: input.description, csv };
    const { updatedMs } = await stored(context.lookupTables.update(name, change));
    return { lookupTableArn: arnOf(context.scope, name), lastUpdatedTime: updatedMs };
  },
);

const aboutTable = (table: LookupTableInfo, scope: ArnScope) => ({
  lookupTableArn: arnOf(scope, table.name),
  lookupTableName: table.name,
  description: table.description,
  sizeBytes: table.sizeBytes,
  lastUpdatedTime: table.updatedMs,
});

const getLookupTable: Operation = operation(
  'GetLookupTable',
  'read',
  { lookupTableArn },
  async (input, context) => {
    const table = mustHave(context, input.lookupTableArn);
    const body = await context.lookupTables.csv(table.name);
    return { ...aboutTable(table, context.scope), tableBody: body };
  },
);

const describeLookupTables: Operation = operation(
  'DescribeLookupTables',
  'read',
  {
    lookupTableNamePrefix: text({ min: 1, max: 256 }),
    maxResults: integer({ min: 1, max: 100 }),
    nextToken: shapes.nextToken,
  },
  (input, { lookupTables, scope }) => {
    const { lookupTableNamePrefix: prefix = '' } = input;
    const found = lookupTables.list().filter(({ name }) => name.startsWith(prefix));
    const { page, nextToken } = pageOf(found, {
      keyOf: ({ name }) => name,
      limit: input.maxResults ?? 50,
      token: input.nextToken,
      question: ['lookup-tables', prefix],
    });
    return {
      lookupTables: page.map((table) => ({
        ...aboutTable(table, scope),
        tableFields: table.columns,
        recordsCount: table.records,
      })),
      nextToken,
    };
  },
);

const deleteLookupTable: Operation = operation(
  'DeleteLookupTable',
  'write',
  { lookupTableArn },
  async (input, { lookupTables }) => {
    if (!(await lookupTables.delete(nameOf(input.lookupTableArn)))) throw unknownTable();
    return undefined;
  },
);

export const lookupTableOperations: readonly Operation[] = [
  createLookupTable,
  updateLookupTable,
  getLookupTable,
  describeLookupTables,
  deleteLookupTable,
];
