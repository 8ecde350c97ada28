/** Queries to begin with. `word` is a key of the page's words; groups that fit are found by name. */
export interface SampleQuery {
  readonly word:
    | 'newest'
    | 'errors'
    | 'errorRate'
    | 'byLevel'
    | 'busiestStreams'
    | 'patterns'
    | 'apiCallers'
    | 'apiFailures'
    | 'apiDeletes'
    | 'apiVerbs'
    | 'httpStatus'
    | 'latency'
    | 'restarts'
    | 'logins';
  readonly folder: 'start' | 'controlPlane' | 'applications' | 'nodes';
  readonly text: string;
}

export const newestQuery =
  'fields @timestamp, @message, @logStream, @log\n| sort @timestamp desc\n| limit 20';
export const newestSql =
  'SELECT timestamp, message, log_stream\nFROM logs\nORDER BY timestamp DESC\nLIMIT 20';

export const samples: readonly SampleQuery[] = [
  { folder: 'start', word: 'newest', text: newestQuery },
  {
    folder: 'start',
    word: 'errors',
    text: 'fields @timestamp, @message, @logStream\n| filter @message like /(?i)(error|fatal|panic|exception)/\n| sort @timestamp desc\n| limit 200',
  },
  {
    folder: 'start',
    word: 'errorRate',
    text: 'filter @message like /(?i)(error|fatal|panic|exception)/\n| stats count(*) as errors by bin(1m)',
  },
  {
    folder: 'start',
    word: 'busiestStreams',
    text: 'stats count(*) as events, sum(strlen(@message)) as bytes by @logStream\n| sort events desc\n| limit 30',
  },
  {
    folder: 'start',
    word: 'patterns',
    text: 'pattern @message\n| limit 50',
  },
  {
    folder: 'controlPlane',
    word: 'apiCallers',
    text: 'fields userAgent, requestURI, @timestamp, @message\n| filter @logStream ~= "kube-apiserver-audit"\n| stats count(userAgent) as count by userAgent\n| sort count desc',
  },
  {
    folder: 'controlPlane',
    word: 'apiFailures',
    text: 'fields @timestamp, responseStatus.code, verb, requestURI, user.username\n| filter @logStream like "kube-apiserver-audit" and responseStatus.code >= 400\n| sort @timestamp desc\n| limit 200',
  },
  {
    folder: 'controlPlane',
    word: 'apiVerbs',
    text: 'filter @logStream like "kube-apiserver-audit"\n| stats count(*) as requests by bin(1m), verb',
  },
  {
    folder: 'controlPlane',
    word: 'apiDeletes',
    text: 'fields @timestamp, user.username, objectRef.resource, objectRef.namespace, objectRef.name\n| filter @logStream like "kube-apiserver-audit" and verb = "delete"\n| sort @timestamp desc\n| limit 200',
  },
  {
    folder: 'controlPlane',
    word: 'logins',
    text: 'fields @timestamp, @message\n| filter @logStream like "authenticator" and @message like "access granted"\n| sort @timestamp desc\n| limit 100',
  },
  {
    folder: 'applications',
    word: 'byLevel',
    text: 'parse @message /(?<severity>ERROR|WARN|INFO|DEBUG)/\n| filter ispresent(severity)\n| stats count(*) as events by bin(1m), severity',
  },
  {
    folder: 'applications',
    word: 'httpStatus',
    text: 'parse @message /HTTP\\/[\\d.]+" (?<code>\\d{3})/\n| filter ispresent(code)\n| stats count(*) as requests by bin(1m), code',
  },
  {
    folder: 'applications',
    word: 'latency',
    text: 'parse @message /"(?:durationMs|duration_ms|latency_ms|latencyMs)":(?<ms>[\\d.]+)/\n| filter ispresent(ms)\n| stats pct(ms, 50) as p50, pct(ms, 95) as p95, pct(ms, 99) as p99 by bin(1m)',
  },
  {
    folder: 'nodes',
    word: 'restarts',
    text: 'fields @timestamp, @logStream, @message\n| filter @message like /(?i)(back-off restarting|CrashLoopBackOff|OOMKilled|evict)/\n| sort @timestamp desc\n| limit 200',
  },
];
