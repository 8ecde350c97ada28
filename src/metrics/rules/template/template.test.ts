import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelsOfRecord } from '#metrics/model';
import { AlertTemplate } from './expand.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts';

describe('humanize', () => {
  const f = (run: (value: unknown) => string, value: unknown, want: string): void =>
    void it(`${run.name}(${String(value)})`, () => assert.equal(run(value), want));
  f(humanize, 0, '0');
  f(humanize, 1, '1');
  f(humanize, 1_234_567, '1.235M');
  f(humanize, 0.00123, '1.23m');
  f(humanize, -1500, '-1.5k');
  f(humanize, '1e9', '1G');
  f(humanize, Number.POSITIVE_INFINITY, '+Inf');
  f(humanize1024, 1_048_576, '1Mi');
  f(humanize1024, 1023, '1023');
  f(humanize1024, 0.5, '0.5');
  f(humanizeDuration, 0, '0s');
  f(humanizeDuration, 1.5, '1.5s');
  f(humanizeDuration, 61, '1m 1s');
  f(humanizeDuration, 3600, '1h 0m 0s');
  f(humanizeDuration, -86_400, '-1d 0h 0m 0s');
  f(humanizeDuration, 0.0015, '1.5ms');
  f(humanizePercentage, 0.1234567, '12.35%');
  f(humanizeTimestamp, 1_435_065_584.128, '2015-06-23 13:19:44.128 +0000 UTC');
});

describe('AlertTemplate', () => {
  const scope = {
    labels: labelsOfRecord({ instance: 'a.b.c:9100', job: 'node' }),
    value: 0.5,
    externalLabels: { cluster: 'x' },
    externalUrl: 'http://host/prom/',
    nowMs: 0,
  };
  const asked: string[] = [];
  const ask = async (query: string) => {
    asked.push(query);
    if (query === 'bad') throw new Error('no such thing');
    return ['b', 'a'].map((device) => ({
      labels: labelsOfRecord({ device }),
      timesMs: Float64Array.of(0),
      values: Float64Array.of(device === 'a' ? 1 : 2),
    }));
  };
  const f = (text: string, want: string): void =>
    void it(text, async () =>
      assert.equal(await new AlertTemplate('A', text).expand(scope, ask), want),
    );
  f('plain $labels', 'plain $labels');
  f('{{ $labels.instance }} {{ .Labels.job }} {{ $labels.none }}|', 'a.b.c:9100 node |');
  f('{{ $value }} {{ .Value | humanizePercentage }}', '0.5 50%');
  f(
    '{{ $externalLabels.cluster }} {{ externalURL }} {{ pathPrefix }}',
    'x http://host/prom/ /prom',
  );
  f('{{ with query "up" }}{{ . | first | value }}{{ end }}', '2');
  f(
    '{{ range query "up" | sortByLabel "device" }}{{ .Labels.device }}={{ .Value }} {{ end }}',
    'a=1 b=2 ',
  );
  f('{{ query "up" | first | label "device" }}', 'b');
  f('{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }}', 'a.b.c a:9100');
  f('{{ reReplaceAll "(.*):(.*)" "$2/$1" $labels.instance }}', '9100/a.b.c');
  f('{{ if match "^a" $labels.instance }}yes{{ end }}', 'yes');
  f(
    '{{ title "hello world" }} {{ toUpper "x" }} {{ graphLink "a b" }}',
    'Hello World X /graph?g0.expr=a+b&g0.tab=0',
  );
  f(
    '{{ 90 | toDuration }} {{ parseDuration "1h30m" }} {{ 0 | toTime }}',
    '1m30s 5400 1970-01-01 00:00:00 +0000 UTC',
  );
  f(
    '{{ first (slice (query "up") 0 0) }}',
    '<error expanding template: template: __alert_A:1: error calling first: first() called on vector with no elements>',
  );
  f('{{ query "bad" }}', '<error expanding template: no such thing>');
});
