import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  awsCommand,
  commandsOf,
  eventPart,
  fieldText,
  shellWord,
  valueCountQuery,
  withField,
  withFilter,
} from './query-text.ts';

const names = (text: string): readonly string[] => commandsOf(text).map(({ name }) => name);
const by = { field: 'level', value: 'error', mode: 'in', of: 'event' } as const;

describe('query texts', () => {
  it('are cut at pipes, but not at those in strings, regular expressions and comments', () => {
    assert.deepEqual(names('fields a | filter b like "x|y" | limit 3'), [
      'fields',
      'filter',
      'limit',
    ]);
    assert.deepEqual(names('parse @message /(a|b)/ | sort @timestamp'), ['parse', 'sort']);
    assert.deepEqual(names('filter a like /x|y/\n| stats count(*) by bin(5m)'), [
      'filter',
      'stats',
    ]);
    assert.deepEqual(names('# one | two\nfields a / b | limit 1'), ['fields', 'limit']);
    assert.deepEqual(names(' | | '), []);
  });
  it('cut into commands that lie one behind the other, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab|"\'`/#([{}])\\ \n'.split('')) }),
        (text) => {
          let at = 0;
          for (const { start, end } of commandsOf(text)) {
            assert.ok(start >= at && end > start && end <= text.length);
            at = end;
          }
        },
      ),
    );
  });
  it('take a condition before what orders, limits or sums up', () => {
    assert.equal(
      withFilter('fields a | sort a | limit 20', by),
      'fields a | filter level = "error"\n| sort a | limit 20',
    );
    assert.equal(withFilter('limit 5', by), 'filter level = "error"\n| limit 5');
    assert.equal(
      withFilter('stats count(*) as n by level | sort n', { ...by, of: 'row' }),
      'stats count(*) as n by level | filter level = "error"\n| sort n',
    );
    assert.equal(
      withFilter('', { ...by, value: '500' }),
      'fields @timestamp, @message | filter level = 500',
    );
  });
  it('keep comments as comments', () => {
    assert.equal(withFilter('fields a # c', by), 'fields a # c\n| filter level = "error"');
    assert.equal(
      withField('fields @timestamp # | c\n| limit 5', 'verb'),
      'fields @timestamp, verb # | c\n| limit 5',
    );
    assert.equal(eventPart('fields a # c\n| sort a'), 'fields a');
    assert.deepEqual(names('# c'), []);
  });
  it('take a condition once, and turn it round when its opposite is asked for', () => {
    const once = withFilter('fields a', by);
    assert.equal(withFilter(once, by), once);
    assert.equal(withFilter(once, { ...by, mode: 'out' }), 'fields a | filter level != "error"');
    assert.match(withFilter('fields a', { ...by, value: undefined }), /not ispresent\(level\)/);
  });
  it('quote what needs it', () => {
    assert.equal(fieldText('kubernetes.labels.app-name'), 'kubernetes.labels.`app-name`');
    assert.equal(fieldText('user.groups.0'), 'user.groups.0');
    for (const name of ['by', 'AND', 'not', 'true']) assert.equal(fieldText(name), `\`${name}\``);
    assert.match(withFilter('fields a', { ...by, value: 'say "hi"\\' }), /= "say \\"hi\\"\\\\"$/);
    assert.match(withFilter('fields a', { ...by, value: '007' }), /= "007"$/);
  });
  it('show a field as a column, and take it out again', () => {
    const shown = withField('fields @timestamp, @message | limit 5', 'verb');
    assert.equal(shown, 'fields @timestamp, @message, verb | limit 5');
    assert.equal(withField(shown as string, 'verb'), 'fields @timestamp, @message | limit 5');
    assert.equal(withField('stats count(*)', 'verb'), undefined);
  });
  it('count values among the events that the query chooses', () => {
    assert.equal(eventPart('fields a | filter b | sort c | limit 1'), 'fields a\n| filter b');
    assert.match(
      valueCountQuery('limit 1', 'verb', 10),
      /^filter ispresent\(verb\) \| stats count/,
    );
  });
  it('become an aws command that a shell reads as it was written', () => {
    assert.equal(shellWord("it's"), `'it'\\''s'`);
    const command = awsCommand({
      text: 'fields a',
      language: 'SQL',
      groups: ['/a', 'b c'],
      fromMs: 1999,
      toMs: 5001,
      endpoint: 'http://127.0.0.1:7600',
    });
    assert.match(command, /--log-group-names \/a 'b c'/);
    assert.match(command, /--start-time 1 --end-time 6/);
    assert.match(command, /--query-language SQL/);
  });
});
