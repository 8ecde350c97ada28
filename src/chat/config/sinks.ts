import type { ElasticsearchSink, SinkConfig } from './contract.ts';
import { asFlag, asMap, entries, type Json, textOf } from './values.ts';

export interface SinkReading {
  /** What is wrong is added. */
  readonly problems: string[];
  readonly warnings: string[];
  sources(map: Json, at: string): readonly string[];
}

type ReadSink = (
  map: Json,
  at: string,
  group: string,
  reading: SinkReading,
) => SinkConfig | undefined;

const readers: Readonly<Record<string, ReadSink>> = {
  webhook: readWebhook,
  pagerDuty: readPagerDuty,
  elasticsearch: readElasticsearch,
};

export const isSink = (kind: string): boolean => Object.hasOwn(readers, kind);

/** Sinks of one group of `communications` that are enabled. */
export function readSinks(group: string, map: Json, reading: SinkReading): SinkConfig[] {
  return Object.entries(map).flatMap(([kind, value]) => {
    const read = isSink(kind) ? readers[kind] : undefined;
    const sink = asMap(value);
    if (read === undefined || !asFlag(sink['enabled'], false)) return [];
    return read(sink, `communications.${group}.${kind}`, group, reading) ?? [];
  });
}

/** Undefined: it is none, which is told. */
function addressOf(
  map: Json,
  key: string,
  at: string,
  { problems }: SinkReading,
): string | undefined {
  const url = textOf(map[key]);
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url.replace(/\/$/, '');
  // It may hold a secret: it is not repeated.
  problems.push(`${at}.${key}: is no http or https URL`);
  return undefined;
}

function readWebhook(map: Json, at: string, group: string, reading: SinkReading) {
  const url = addressOf(map, 'url', at, reading);
  if (url === undefined) return undefined;
  return {
    kind: 'webhook',
    group,
    url,
    sources: reading.sources(asMap(map['bindings']), at),
  } as const;
}

function readPagerDuty(map: Json, at: string, group: string, reading: SinkReading) {
  const integrationKey = textOf(map['integrationKey']);
  if (integrationKey === '') {
    reading.problems.push(`${at}: needs integrationKey`);
    return undefined;
  }
  const named = textOf(map['apiUrl']) || textOf(map['v2EventsAPIBasePath']);
  const apiUrl =
    named === ''
      ? 'https://events.pagerduty.com'
      : addressOf({ apiUrl: named }, 'apiUrl', at, reading);
  if (apiUrl === undefined) return undefined;
  const sources = reading.sources(asMap(map['bindings']), at);
  return { kind: 'pagerDuty', group, integrationKey, apiUrl, sources } as const;
}

function readElasticsearch(
  map: Json,
  at: string,
  group: string,
  reading: SinkReading,
): ElasticsearchSink | undefined {
  const server = addressOf(map, 'server', at, reading);
  if (server === undefined) return undefined;
  if (asFlag(map['skipTLSVerify'], false)) {
    reading.warnings.push(
      `${at}.skipTLSVerify: certificates are always checked; name the authority with NODE_EXTRA_CA_CERTS`,
    );
  }
  const indices = entries(map['indices']).map(([alias, value]) => {
    const index = asMap(value);
    const place = `${at}.indices.${alias}`;
    return {
      name: textOf(index['name']) || 'botkube',
      shards: countOf(index['shards'], 1),
      replicas: countOf(index['replicas'], 0),
      sources: reading.sources(asMap(index['bindings']), place),
    };
  });
  if (indices.length === 0) reading.problems.push(`${at}.indices: needs one at least`);
  const signing = asMap(map['awsSigning']);
  return {
    ...({ kind: 'elasticsearch', group, server, indices } as const),
    username: textOf(map['username']),
    password: textOf(map['password']),
    awsSigning: asFlag(signing['enabled'], false)
      ? {
          region: textOf(signing['awsRegion']) || 'us-east-1',
          roleArn: textOf(signing['roleArn']) || undefined,
        }
      : undefined,
    sources: [...new Set(indices.flatMap(({ sources }) => sources))],
  };
}

function countOf(value: unknown, byDefault: number): number {
  const count = Number(textOf(value) === '' ? byDefault : textOf(value));
  return Number.isInteger(count) && count >= 0 ? count : byDefault;
}
