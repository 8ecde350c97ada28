import { randomUUID } from 'node:crypto';
import { AwsError, notFound } from '../errors.ts';
import { type Operation, operation } from '../operation.ts';
import { queryDefinitionsOf } from '../saved.ts';
import { integer, list, required, struct, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { pageOf } from '../tokens.ts';

/** In a region. */
const maxDefinitions = 1000;
const unknownDefinition = (): AwsError => notFound('Query definition does not exist.');

const putQueryDefinition: Operation = operation(
  'PutQueryDefinition',
  'write',
  {
    queryLanguage: shapes.queryLanguage,
    name: required(text({ min: 1, max: 255 })),
    queryDefinitionId: shapes.queryId,
    logGroupNames: list(shapes.logGroupName),
    queryString: required(text({ min: 1, max: 10_000 })),
    clientToken: text({ min: 36, max: 128, pattern: String.raw`\S{36,128}` }),
    parameters: list(
      struct({
        name: required(text({ min: 1, max: 128, pattern: '[a-zA-Z_][a-zA-Z0-9_]*' })),
        defaultValue: text({ max: 1024 }),
        description: text({ max: 512 }),
      }),
      { max: 20 },
    ),
  },
  async (input, { state, clock }) => {
    const definitions = queryDefinitionsOf(state);
    const id = input.queryDefinitionId ?? input.clientToken ?? randomUUID();
    const isKnown = (await definitions.get(id)) !== undefined;
    if (input.queryDefinitionId !== undefined && !isKnown) throw unknownDefinition();
    // A repeated client token names the definition that its first call has made.
    if (!isKnown && (await definitions.list()).length >= maxDefinitions) {
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    }
    await definitions.put(id, {
      name: input.name,
      queryString: input.queryString,
      queryLanguage: input.queryLanguage ?? 'CWLI',
      logGroupNames: input.logGroupNames ?? [],
      parameters: input.parameters ?? [],
      lastModifiedMs: clock.nowMs(),
    });
    return { queryDefinitionId: id };
  },
);

const describeQueryDefinitions: Operation = operation(
  'DescribeQueryDefinitions',
  'read',
  {
    queryLanguage: shapes.queryLanguage,
    queryDefinitionNamePrefix: text({ min: 1, max: 255 }),
    maxResults: integer({ min: 1, max: 1000 }),
    nextToken: shapes.nextToken,
  },
  async (input, { state }) => {
    const { queryDefinitionNamePrefix: prefix = '', queryLanguage } = input;
    const found = (await queryDefinitionsOf(state).list())
      .filter(
        ({ value }) =>
          value.name.startsWith(prefix) &&
          (queryLanguage === undefined || value.queryLanguage === queryLanguage),
      )
      .map((saved) => ({ ...saved, key: `${saved.value.name}\0${saved.id}` }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const { page, nextToken } = pageOf(found, {
      keyOf: ({ key }) => key,
      limit: input.maxResults ?? 1000,
      token: input.nextToken,
      question: ['definitions', prefix, queryLanguage],
    });
    return {
      queryDefinitions: page.map(({ id, value }) => ({
        queryLanguage: value.queryLanguage,
        queryDefinitionId: id,
        name: value.name,
        queryString: value.queryString,
        lastModified: value.lastModifiedMs,
        logGroupNames: value.logGroupNames,
        ...(value.parameters.length > 0 && { parameters: value.parameters }),
      })),
      nextToken,
    };
  },
);

const deleteQueryDefinition: Operation = operation(
  'DeleteQueryDefinition',
  'write',
  { queryDefinitionId: required(shapes.queryId) },
  async ({ queryDefinitionId }, { state }) => {
    if (!(await queryDefinitionsOf(state).delete(queryDefinitionId))) throw unknownDefinition();
    return { success: true };
  },
);

export const queryDefinitionOperations: readonly Operation[] = [
  putQueryDefinition,
  describeQueryDefinitions,
  deleteQueryDefinition,
];
