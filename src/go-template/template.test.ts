import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAppError } from '#base';
import { Template, type TemplateOptions } from './index.ts';

const data = {
  Name: 'api',
  Empty: '',
  Value: 1_234_567.5,
  Small: 0.00001,
  Count: 3n,
  Labels: new Map([
    ['job', 'node'],
    ['instance', 'a:1'],
  ]),
  List: ['x', 'y', 'z'],
  Nested: { A: { B: 'deep' } },
  Yes: true,
  Greet: (name: unknown) => `hello ${String(name)}`,
  Firing: () => ['f1', 'f2'],
};

const render = (source: string, options: TemplateOptions = {}): string =>
  new Template('t', source, options).execute(data);

describe('Template', () => {
  const f = (source: string, want: string): void =>
    void it(source, () => assert.equal(render(source), want));
  f('plain', 'plain');
  f('{{ .Name }}', 'api');
  f('a {{- .Name -}} b', 'aapib');
  f('a {{- /* comment */ -}} b', 'ab');
  f('{{/* c */}}x', 'x');
  f('{{ .Value }} {{ .Small }} {{ .Count }} {{ .Yes }}', '1.2345675e+06 1e-05 3 true');
  f('{{ 1000000 }} {{ 1000000.0 }} {{ 0x10 }} {{ 010 }} {{ 1e3 }}', '1000000 1e+06 16 8 1000');
  f('{{ .Labels.job }}/{{ .Labels.none }}', 'node/<no value>');
  f('{{ .Labels }}', 'map[instance:a:1 job:node]');
  f('{{ .List }} {{ len .List }} {{ index .List 1 }}', '[x y z] 3 y');
  f('{{ .Nested.A.B }} {{ (index .List 0) }}', 'deep x');
  f('{{ if .Empty }}a{{ else if .Yes }}b{{ else }}c{{ end }}', 'b');
  f('{{ if not .Yes }}a{{ else }}b{{ end }}', 'b');
  f('{{ with .Nested.A }}{{ .B }}{{ $.Name }}{{ end }}', 'deepapi');
  f('{{ with .Empty }}a{{ else with .Name }}{{ . }}{{ end }}', 'api');
  f('{{ range .List }}{{ . }},{{ end }}', 'x,y,z,');
  f('{{ range $i, $v := .List }}{{ $i }}={{ $v }} {{ end }}', '0=x 1=y 2=z ');
  f('{{ range $k, $v := .Labels }}{{ $k }}={{ $v }} {{ end }}', 'instance=a:1 job=node ');
  f('{{ range .Empty2 }}a{{ else }}none{{ end }}', 'none');
  f('{{ range .List }}{{ if eq . "y" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'xz');
  f('{{ range .List }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'x');
  f('{{ range 3 }}{{ . }}{{ end }}', '012');
  f('{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2');
  f('{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}', '1');
  f('{{ "a" | printf "%s-%s" "b" }}', 'b-a');
  f('{{ .Name | len | printf "%03d" }}', '003');
  f('{{ .Greet "you" }} {{ "me" | .Greet }}', 'hello you hello me');
  f('{{ len .Firing }} {{ range .Firing }}{{ . }}{{ end }}', '2 f1f2');
  f('{{ define "d" }}<{{ . }}>{{ end }}{{ template "d" .Name }}', '<api>');
  f('{{ block "b" .List }}{{ len . }}{{ end }}', '3');
  f('{{ and .Yes .Name }} {{ or .Empty .Name }} {{ and .Empty (index .List 9) }}', 'api api ');
  f('{{ eq .Name "x" "api" }} {{ ne 1 2 }} {{ lt 1 2.5 }} {{ ge "b" "a" }}', 'true true true true');
  f(
    '{{ printf "%.2f %5d|%-5s|%q %v %t %x" 3.14159 42 "ab" "q" .List true "hi" }}',
    '3.14    42|ab   |"q" [x y z] true 6869',
  );
  f(
    '{{ printf "%d" 3.5 }} {{ printf "%s" }} {{ printf "x" 1 }}',
    '%!d(float64=3.5) %!s(MISSING) x%!(EXTRA int=1)',
  );
  f(
    '{{ printf "%.3g %g %e %.0f %%" 1234.5678 0.1 12345.678 2.5 }}',
    '1.23e+03 0.1 1.234568e+04 2 %',
  );
  f('{{ print "a" 1 2 "b" }}', 'a1 2b');
  f(
    '{{ html "<a&b>" }} {{ urlquery "a b&c" }} {{ js "it\'s <" }}',
    "&lt;a&amp;b&gt; a+b%26c it's \\u003C",
  );
  f('{{ `raw\\n` }} {{ "esc\\t\\u00e9" }} {{ \'a\' }}', 'raw\\n esc\té 97');
  f('{{ slice "abcdef" 1 3 }} {{ slice .List 1 }}', 'bc [y z]');
  f('{{ nil | printf "%v" }}', '<nil>');
  f('{{"{{"}}', '{{');

  it('missingkey=zero prints nothing', () => {
    assert.equal(render('[{{ .Labels.none }}]', { missingKey: 'zero' }), '[]');
  });

  it('has other delimiters, beside which the usual ones are text', () => {
    const options = { delimiters: { left: '<<', right: '>>' } };
    const text = 'a{<<.X>>} <</* no */>>{{.X}}<<- if .X >>y<< end >>';
    assert.equal(new Template('t', text, options).execute({ X: 'b' }), 'a{b} {{.X}}y');
  });

  it('takes functions of its own and a library', () => {
    const library = new Template('lib', '{{ define "x" }}{{ up . }}{{ end }}', {
      functions: { up: (text) => String(text).toUpperCase() },
    }).tree.defined;
    const functions = { up: (text: unknown) => String(text).toUpperCase() };
    assert.equal(render('{{ template "x" .Name }}', { functions, library }), 'API');
  });

  it('has no prototype to climb', () => {
    assert.equal(
      render('{{ .Nested.constructor }}{{ .Nested.__proto__ }}'),
      '<no value><no value>',
    );
  });

  const wrong = (source: string, message: string): void =>
    void it(`refuses ${source}`, () =>
      assert.throws(
        () => render(source),
        (error) => {
          assert.ok(isAppError(error), String(error));
          assert.equal(error.message, message);
          return true;
        },
      ));
  wrong('{{ if .A }}', 'template: t:1: unexpected EOF');
  wrong('a\n{{ .A', 'template: t:2: unclosed action');
  wrong('{{ nope }}', 'template: t:1: function "nope" not defined');
  wrong('{{ $x }}', 'template: t:1: undefined variable "$x"');
  wrong('{{ end }}', 'template: t:1: unexpected {{end}}');
  wrong('{{ }}', 'template: t:1: missing value for command');
  wrong('{{ . | }}', 'template: t:1: unexpected "}}" in command');
  wrong('{{ "a }}', 'template: t:1: unterminated quoted string');
  wrong('{{ break }}', 'template: t:1: {{break}} outside {{range}}');
  wrong('{{ ! }}', "template: t:1: unexpected bad character U+0021 '!' in command");
  wrong('{{ index .List 5 }}', 'template: t:1: error calling index: index out of range: 5');
  wrong('{{ .Name.X }}', "template: t:1: can't evaluate field X in type string");
  wrong('{{ .None.X }}', 'template: t:1: nil pointer evaluating interface {}.X');
  wrong('{{ template "x" }}', 'template: t:1: template "x" not defined');
  wrong(
    '{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}',
    'template: t:1: exceeded maximum template depth',
  );

  const endless: readonly (readonly [what: string, source: string])[] = [
    ['a text that doubles', `{{ $x := "aaaa" }}${'{{ $x = print $x $x }}'.repeat(40)}{{ $x }}`],
    ['a format that doubles', `{{ $x := "aaaa" }}${'{{ $x = printf "%s%s" $x $x }}'.repeat(40)}`],
    [
      'a list that holds itself twice',
      `{{ $x := list 1 }}${'{{ $x = list $x $x }}'.repeat(60)}{{ $x }}`,
    ],
    [
      'the same as an argument',
      `{{ $x := list 1 }}${'{{ $x = list $x $x }}'.repeat(60)}{{ print $x }}`,
    ],
    ['loops within loops', '{{ range 10000 }}{{ range 10000 }}{{ end }}{{ end }}'],
    ['a function that takes its time', '{{ range 10000 }}{{ slow }}{{ end }}'],
    [
      'a list that is copied all the time',
      '{{ $x := list 1 }}{{ range 10000 }}{{ range 20 }}{{ $x = add $x }}{{ end }}{{ end }}',
    ],
    [
      'a long list that is left at once',
      '{{ range 10000 }}{{ range 10000 }}{{ break }}{{ end }}{{ end }}',
    ],
    [
      'a long text that is looked at all the time',
      `{{ $x := printf "%1000s" "a" }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}{{ range 10000 }}{{ $y := html $x }}{{ end }}`,
    ],
  ];
  for (const [what, source] of endless) {
    it(`ends ${what}`, () => {
      const functions = {
        slow: () => {
          const endMs = performance.now() + 20;
          while (performance.now() < endMs);
          return '';
        },
        list: (...items: readonly unknown[]) => items,
        add: (list: unknown) => [...(list as unknown[]), 1],
      };
      assert.throws(
        () => new Template('t', source, { functions }).execute({}),
        (error) => isAppError(error, 'TEMPLATE_FAILED') && /more than \d+/.test(error.message),
      );
    });
  }

  it('answers any text with output or an error of its own', () => {
    const part = fc.constantFrom(
      '{{',
      '}}',
      'if',
      'end',
      'range',
      '.',
      '$x',
      ':=',
      '|',
      '"',
      '(',
      ')',
      ' ',
      'else',
      '-',
      '1',
      'a',
      'define',
      '/*',
      '*/',
      '`',
      'with',
      'eq',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          render(parts.join(''));
        } catch (error) {
          assert.ok(isAppError(error), String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });
});
