import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAppError } from '#base';
import { parseRuleFile } from './index.ts';

const group = (rule: string, head = 'name: g'): string =>
  `groups:\n- ${head}\n  rules:\n  - ${rule.split('\n').join('\n    ')}\n`;

describe('parseRuleFile()', () => {
  it('follows aliases and merged maps, and takes the first document', () => {
    const text = `groups:
  - name: g
    labels: &team { team: x }
    rules:
      - &rule
        alert: A
        expr: &expr up == 0
        labels: &warning { <<: *team, severity: warning }
      - <<: *rule
        alert: B
        annotations: {}
        labels:
          <<: *warning
          severity: page
      - record: c
        expr: *expr
---
groups: none
`;
    const [group] = parseRuleFile('f.yml', text);
    const rules = group?.rules.map(({ alert, record, expr, labels }) => [
      alert ?? record,
      expr,
      { ...labels },
    ]);
    assert.deepEqual(rules, [
      ['A', 'up == 0', { team: 'x', severity: 'warning' }],
      ['B', 'up == 0', { team: 'x', severity: 'page' }],
      ['c', 'up == 0', {}],
    ]);
  });

  it('reads groups', () => {
    const text = `---
groups:
- name: a
  interval: 1m30s
  limit: 5
  query_offset: 10s
  labels: {team: x}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
    labels: {a: b}
  - alert: Down
    expr: up == 0
    for: 5m
    keep_firing_for: 1m
    labels: {severity: '{{ $labels.job }}'}
    annotations: {summary: "{{ $value | humanize }} down"}
---
groups: nonsense
`;
    const [a] = parseRuleFile('r.yml', text);
    assert.deepEqual(JSON.parse(JSON.stringify(a)), {
      name: 'a',
      file: 'r.yml',
      intervalMs: 90_000,
      limit: 5,
      queryOffsetMs: 10_000,
      labels: { team: 'x' },
      rules: [
        {
          record: 'job:up:sum',
          expr: 'sum by (job) (up)',
          forMs: 0,
          keepFiringForMs: 0,
          labels: { a: 'b' },
          annotations: {},
        },
        {
          alert: 'Down',
          expr: 'up == 0',
          forMs: 300_000,
          keepFiringForMs: 60_000,
          labels: { severity: '{{ $labels.job }}' },
          annotations: { summary: '{{ $value | humanize }} down' },
        },
      ],
    });
    assert.deepEqual(parseRuleFile('r.yml', ''), []);
    assert.deepEqual(parseRuleFile('r.yml', 'groups:'), []);
  });

  const wrong = (text: string, ...messages: string[]): void =>
    void it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => parseRuleFile('r.yml', text),
        (error) => {
          assert.ok(isAppError(error, 'RULES_INVALID'), String(error));
          assert.deepEqual(error.message.split('\n'), messages);
          return true;
        },
      ));
  wrong('groups: 1', 'r.yml: 1:9: "groups" must be a list');
  wrong('group: []', 'r.yml: 1:1: unknown key "group" (did you mean "groups"?)');
  wrong('groups:\n- name: ""\n', 'r.yml: 2:3: Groupname must not be empty');
  wrong(
    'groups:\n- name: a\n- name: a\n',
    'r.yml: 3:3: groupname: "a" is repeated in the same file',
  );
  wrong(
    group('record: a\nalert: b\nexpr: up'),
    `r.yml: 4:5: group "g", rule 1, "a": only one of 'record' and 'alert' must be set`,
  );
  wrong(
    group('expr: up'),
    `r.yml: 4:5: group "g", rule 1, "": one of 'record' or 'alert' must be set`,
  );
  wrong(group('record: a'), `r.yml: 4:5: group "g", rule 1, "a": field 'expr' must be set in rule`);
  wrong(
    group('record: a\nexpr: sum('),
    'r.yml: 5:5: group "g", rule 1, "a": could not parse expression: 1:5: parse error: unclosed left parenthesis',
  );
  wrong(
    group('record: a{b="c"}\nexpr: up\nfor: 1m'),
    `r.yml: 6:5: group "g", rule 1, "a{b=\\"c\\"}": invalid field 'for' in recording rule`,
    'r.yml: 4:5: group "g", rule 1, "a{b=\\"c\\"}": braces present in the recording rule name; should it be in expr?: a{b="c"}',
  );
  wrong(
    group('alert: a\nexpr: up\nfor: soon'),
    'r.yml: 6:5: group "g", rule 1, "a": "for": not a valid duration string: "soon"',
  );
  wrong(
    group('alert: a\nexpr: up\nlabels: {__name__: x}'),
    'r.yml: 6:5: group "g", rule 1, "a": invalid label name: __name__',
  );
  wrong(
    group('alert: a\nexpr: up\nannotations: {a-b: x, s: "{{ $x }}"}'),
    'r.yml: 6:5: group "g", rule 1, "a": invalid annotation name: a-b',
    'r.yml: 6:5: group "g", rule 1, "a": annotation "s": template: __alert_a:1: undefined variable "$x"',
  );
  wrong(
    group('alert: a\nexpr: up\nseverity: x'),
    'r.yml: 6:5: group "g", rule 1, "a": unknown key "severity" (known keys: record, alert, expr, for, keep_firing_for, labels, annotations)',
  );
});
