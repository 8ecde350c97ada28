import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AwsError } from './errors.ts';
import { double, flag, integer, list, map, parseInput, required, struct, text } from './shape.ts';
import * as shapes from './shapes.ts';

const members = {
  logGroupName: required(shapes.logGroupName),
  logGroupIdentifier: shapes.logGroupIdentifier,
  limit: integer({ min: 1, max: 50 }),
  orderBy: text({ values: ['LogStreamName', 'LastEventTime'] }),
  names: list(shapes.logStreamName, { min: 1, max: 2 }),
  tags: shapes.tags,
  flag: flag(),
  number: double(),
  inner: struct({ key: required(text({ min: 1 })) }),
  map: map(text(), text({ max: 2 })),
};

describe('parseInput() tells what is wrong in the words of AWS', () => {
  const f = (body: unknown, code: string, message: string): void =>
    void it(message.slice(0, 100), () =>
      assert.throws(
        () => parseInput(members, body),
        (error: unknown) => {
          assert.ok(error instanceof AwsError);
          assert.equal(error.code, code);
          assert.equal(error.message, message);
          return true;
        },
      ),
    );
  const one = (what: string): string => `1 validation error detected: ${what}`;
  const name = { logGroupName: 'g' };
  const bad = 'InvalidParameterException';
  f(
    {},
    bad,
    one("Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"),
  );
  f(
    { logGroupName: '' },
    bad,
    "2 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
  );
  f(
    { logGroupName: 'bad name!' },
    bad,
    one(
      "Value 'bad name!' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    ),
  );
  f(
    { logGroupName: 'x'.repeat(513) },
    bad,
    one(
      `Value '${'x'.repeat(513)}' at 'logGroupName' failed to satisfy constraint: Member must have length less than or equal to 512`,
    ),
  );
  f(
    { ...name, logGroupIdentifier: 'arn:aws:logs:r:1:log-group:g:*' },
    bad,
    one(
      "Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
    ),
  );
  f(
    { ...name, limit: 51 },
    bad,
    one(
      "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    ),
  );
  f(
    { ...name, limit: 0 },
    bad,
    one(
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
  );
  f(
    { ...name, orderBy: 'Name' },
    bad,
    one(
      "Value 'Name' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]",
    ),
  );
  f(
    { ...name, names: [] },
    bad,
    one(
      "Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  );
  f(
    { ...name, names: ['a', 'b:c'] },
    bad,
    one(
      "Value 'b:c' at 'names.2.member' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
    ),
  );
  f(
    { ...name, inner: {} },
    bad,
    one("Value null at 'inner.key' failed to satisfy constraint: Member must not be null"),
  );
  f(
    { ...name, map: { a: 'long' } },
    bad,
    one(
      "Value 'long' at 'map.a.member' failed to satisfy constraint: Member must have length less than or equal to 2",
    ),
  );
  f(
    { logGroupName: 1 },
    'SerializationException',
    "NUMBER_VALUE can not be converted to String at 'logGroupName'",
  );
  f(
    { ...name, limit: '5' },
    'SerializationException',
    "STRING_VALUE can not be converted to Integer at 'limit'",
  );
  f(
    { ...name, limit: 1.5 },
    'SerializationException',
    "DECIMAL_VALUE can not be converted to Integer at 'limit'",
  );
  f(
    { ...name, flag: 'x' },
    'SerializationException',
    "STRING_VALUE can not be converted to Boolean at 'flag'",
  );
  f(
    { ...name, number: true },
    'SerializationException',
    "TRUE_VALUE can not be converted to Double at 'number'",
  );
  f(
    { ...name, names: {} },
    'SerializationException',
    "Start of structure can not be converted to List at 'names'",
  );
  f(
    { ...name, inner: [] },
    'SerializationException',
    "Start of list can not be converted to Structure at 'inner'",
  );
  f([], 'SerializationException', 'Start of list can not be converted to Structure');
  f(null, 'SerializationException', 'NULL_VALUE can not be converted to Structure');
  f(
    { ...name, number: Number.POSITIVE_INFINITY },
    'SerializationException',
    "DECIMAL_VALUE can not be converted to Double at 'number'",
  );
});

describe('parseInput() takes', () => {
  const f = (body: unknown, want: object): void =>
    void it(JSON.stringify(body), () => assert.deepEqual(parseInput(members, body), want));
  f({ logGroupName: '/aws/eks/myeks/cluster' }, { logGroupName: '/aws/eks/myeks/cluster' });
  f({ logGroupName: 'g', limit: null }, { logGroupName: 'g' });
  f({ logGroupName: 'g', other: 1 }, { logGroupName: 'g' });
  f(
    { logGroupName: 'g', tags: { 팀: '플랫폼 a' } },
    { logGroupName: 'g', tags: { 팀: '플랫폼 a' } },
  );
});

it('a value nested deeper than a stack is told as any other', () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
  const tags = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, deep]));
  for (const body of [{ names: [deep, 'a', 'b'] }, { tags }]) {
    assert.throws(() => parseInput(members, { logGroupName: 'g', ...body }), AwsError);
  }
});

it('a huge value is not repeated whole', () => {
  assert.throws(
    () => parseInput(members, { logGroupName: '!'.repeat(1e6) }),
    (error: unknown) => error instanceof AwsError && error.message.length < 5000,
  );
});
