import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { codeBlock, escapeMrkdwn, fenced, link, mrkdwn } from './text.ts';

describe('text in Slack', () => {
  const escapes: readonly (readonly [text: string, escaped: string])[] = [
    ['a & b', 'a &amp; b'],
    ['<!channel> <@U1>', '&lt;!channel&gt; &lt;@U1&gt;'],
    ['<https://x|y>', '&lt;https://x|y&gt;'],
    ['&lt;', '&amp;lt;'],
    ['nothing', 'nothing'],
  ];
  for (const [text, escaped] of escapes) {
    it(`${text} means nothing`, () => assert.equal(escapeMrkdwn(text), escaped));
  }

  it('a fence is ended by nothing within it', () => {
    assert.equal(fenced('a ``` b <x>'), "```\na ''' b &lt;x&gt;\n```");
    assert.equal(codeBlock(['a', 'b ``` c'], 100), "```\na\nb ''' c\n```");
  });

  it('a link is ended by nothing of its address or its word', () => {
    assert.equal(link('https://x/?a=<b>|c', 'a|b>'), '<https://x/?a=%3Cb%3E%7Cc|a/b&gt;>');
  });

  it('is cut between characters, never within an entity', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('&', '<', 'é', '🚨', 'a'), maxLength: 60 }),
        fc.integer({ min: 1, max: 80 }),
        (text, max) => {
          const cut = mrkdwn(text, max);
          assert.ok(cut.length <= max);
          assert.doesNotMatch(cut, /&(?!amp;|lt;|gt;)|[<>]/);
          assert.ok(cut.isWellFormed());
        },
      ),
    );
  });

  it('the end of a log is kept', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    const block = codeBlock(lines, 60);
    assert.ok(block.length <= 60);
    assert.match(block, /line 99\n```$/);
  });
});
