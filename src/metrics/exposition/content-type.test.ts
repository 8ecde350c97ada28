import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acceptHeader,
  defaultScrapeProtocols,
  formatOfContentType,
  nativeScrapeProtocols,
  negotiateFormat,
} from './content-type.ts';

it('acceptHeader() names what is preferred first', () => {
  assert.equal(
    acceptHeader(defaultScrapeProtocols, 'allow-utf-8'),
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
  assert.match(
    acceptHeader(nativeScrapeProtocols, 'underscores'),
    /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;encoding=delimited;q=0\.6,.*\*\/\*;q=0\.1$/,
  );
});

describe('formatOfContentType()', () => {
  const f = (type: string | undefined, want: string): void =>
    void it(String(type), () => assert.equal(formatOfContentType(type, undefined), want));
  f('text/plain', 'text');
  f('text/plain; version=0.0.4; charset=utf-8', 'text');
  f('Text/Plain;version=9', 'text');
  f('application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics');
  f('application/vnd.google.protobuf; proto=x', 'protobuf');
  const bad = (type: string | undefined, want: string): void =>
    void it(`refuses ${type}`, () =>
      assert.throws(() => formatOfContentType(type, undefined), { message: want }));
  bad(
    'application/json',
    'received unsupported Content-Type "application/json" and no fallback_scrape_protocol specified for target',
  );
  bad(
    undefined,
    'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
  );
  bad('rubbish', 'cannot parse Content-Type "rubbish" and no fallback_scrape_protocol for target');
  it('takes the fallback instead', () => {
    assert.equal(formatOfContentType('text/html', 'PrometheusText0.0.4'), 'text');
    assert.equal(formatOfContentType('', 'PrometheusProto'), 'protobuf');
    assert.equal(formatOfContentType('x', 'OpenMetricsText1.0.0'), 'openmetrics');
  });
});

describe('negotiateFormat()', () => {
  const f = (accept: string | undefined, want: string): void =>
    void it(String(accept), () => assert.equal(negotiateFormat(accept).contentType, want));
  f(undefined, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  f('*/*', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  f('text/html', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  f(
    acceptHeader(defaultScrapeProtocols, 'allow-utf-8'),
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
  );
  f(
    acceptHeader(nativeScrapeProtocols, 'allow-utf-8'),
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  );
  f(
    'text/plain;version=1.0.0;escaping=values;q=0.4,application/openmetrics-text;q=0.1',
    'text/plain; version=1.0.0; charset=utf-8; escaping=values',
  );
  f(
    'application/openmetrics-text;q=0,text/plain',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  );
});
