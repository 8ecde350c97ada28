import { compress, encodeLokiJson, type LokiEntry, type LokiStream } from '#wire';
import type { AgentEvent, Chunk, DeliveryResult, RecordMap, RecordValue } from '../contract.ts';
import type { OutputPlugin } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { splitCommas } from '../fluentbit/values.ts';
import { parseRecordPath, type RecordPath, textOf, valueAt } from '../records/accessor.ts';
import { printJsonRecord, printJsonString } from '../records/json-print.ts';
import { HttpClient, tlsOptionsOf } from './http-client.ts';
import { compressionOf, headersOf, httpOptions, sendOver, urlOf } from './http-common.ts';

interface LabelRule {
  readonly name: string;
  readonly text?: string;
  readonly path?: RecordPath;
}

const list = option.list;

/** Events to Loki's push API, grouped into streams by their labels. */
export const lokiOutput: OutputPlugin = {
  name: 'loki',
  options: {
    ...httpOptions,
    uri: option.text,
    labels: list,
    label_keys: list,
    auto_kubernetes_labels: option.bool,
    remove_keys: list,
    drop_single_key: option.text,
    line_format: option.text,
    structured_metadata: list,
    structured_metadata_map_keys: list,
    tenant_id: option.text,
    tenant_id_key: option.text,
    buffer_size: option.noEffect('answers are read up to 1 MiB'),
    label_map_path: option.noEffect('give labels by labels and label_keys'),
  },
  create: (settings, scope) => {
    if (settings.has('label_map_path'))
      throw settings.problem("loki: 'label_map_path' is not supported", 'label_map_path');
    const lineFormat = settings.text('line_format', 'json').toLowerCase();
    if (lineFormat !== 'json' && lineFormat !== 'key_value') {
      throw settings.problem(
        `loki: line_format must be json or key_value, not '${lineFormat}'`,
        'line_format',
      );
    }
    const labels = labelRules(settings);
    const metadata = settings.list('structured_metadata').map(ruleOf);
    const metadataMaps = settings.list('structured_metadata_map_keys').map(parseRecordPath);
    const removed = [...settings.list('remove_keys'), ...settings.list('label_keys')].map(
      parseRecordPath,
    );
    const single = settings.text('drop_single_key', 'off').toLowerCase();
    const url = urlOf(settings, { port: 3100, path: '/loki/api/v1/push' });
    const encoding = compressionOf(settings, ['gzip']);
    const client = new HttpClient(tlsOptionsOf(settings));
    const tenant = settings.text('tenant_id');
    const tenantPath = settings.has('tenant_id_key')
      ? parseRecordPath(settings.required('tenant_id_key'))
      : undefined;
    const autoLabels = settings.bool('auto_kubernetes_labels', false);
    const fixed = headersOf(settings);
    const lineOf = (record: RecordMap): string => {
      const rest = withoutPaths(record, removed);
      if (single !== 'off' && single !== 'false' && rest.size === 1) {
        const [value] = rest.values();
        if (typeof value === 'string')
          return single === 'raw' || lineFormat === 'key_value' ? value : printJsonString(value);
      }
      return lineFormat === 'json'
        ? printJsonRecord(rest, { escapeUnicode: scope.escapeUnicode })
        : keyValueLine(rest);
    };
    const push = async (
      events: readonly AgentEvent[],
      who: string | undefined,
      signal: AbortSignal,
    ): Promise<DeliveryResult> => {
      const streams = groupStreams(events, lineOf, labels, autoLabels, (record) =>
        metadataOf(record, metadata, metadataMaps),
      );
      const headers = {
        'content-type': 'application/json',
        ...(encoding !== 'identity' && { 'content-encoding': encoding }),
        ...(who !== undefined && { 'x-scope-orgid': who }),
        ...fixed,
      };
      const body = await compress(encoding, Buffer.from(encodeLokiJson(streams)));
      const { result } = await sendOver(
        client,
        { method: 'POST', url, headers, body, signal },
        judge,
        scope.clock.nowMs(),
      );
      return result;
    };
    const done = new Map<number, Set<string>>();
    return {
      name: settings.name,
      deliver: async ({ id, events }: Chunk, signal) => {
        if (tenantPath === undefined) return await push(events, tenant, signal);
        // A push is for one tenant: those that went through are not sent again.
        const sent = done.get(id) ?? new Set<string>();
        const tenants = Map.groupBy(events, ({ record }) => {
          const value = valueAt(record, tenantPath);
          return value === undefined ? (tenant ?? '') : textOf(value);
        });
        let last: DeliveryResult = { kind: 'ok' };
        for (const [who, own] of tenants) {
          if (sent.has(who)) continue;
          const result = await push(own, who === '' ? undefined : who, signal);
          if (result.kind === 'retry') {
            if (done.size >= 256) done.clear();
            done.set(id, sent);
            return result;
          }
          if (result.kind === 'drop') last = result;
          sent.add(who);
        }
        done.delete(id);
        return last;
      },
      close: async () => client.close(),
    };
  },
};

function judge({ status }: { readonly status: number }): DeliveryResult['kind'] {
  if (status >= 200 && status <= 205) return 'ok';
  return status === 400 ? 'drop' : 'retry';
}

function labelRules(settings: Settings): readonly LabelRule[] {
  const rules = [
    ...settings.texts('labels').flatMap(splitCommas).map(ruleOf),
    ...settings.list('label_keys').map((text) => ruleOf(text)),
  ];
  return rules.length > 0 ? rules : [{ name: 'job', text: 'fluent-bit' }];
}

/** `k=v`, `k=$a['b']`, `$a['b']`, or `a`. */
function ruleOf(text: string): LabelRule {
  const equals = text.startsWith('$') ? -1 : text.indexOf('=');
  const value = equals === -1 ? text : text.slice(equals + 1).trim();
  const path = parseRecordPath(value);
  const name = equals === -1 ? path.join('_') : text.slice(0, equals).trim();
  const label = name.replace(/[^a-zA-Z0-9_]/g, '_');
  return value.startsWith('$') || equals === -1
    ? { name: label, path }
    : { name: label, text: value };
}

function groupStreams(
  events: readonly AgentEvent[],
  lineOf: (record: RecordMap) => string,
  rules: readonly LabelRule[],
  autoLabels: boolean,
  metadata: (record: RecordMap) => ReadonlyMap<string, string> | undefined,
): readonly LokiStream[] {
  const streams = new Map<string, { labels: ReadonlyMap<string, string>; entries: LokiEntry[] }>();
  for (const { time, record } of events) {
    const labels = new Map<string, string>();
    for (const { name, text, path } of rules) {
      const value = path === undefined ? text : optionalText(valueAt(record, path));
      if (value !== undefined && value !== '') labels.set(name, value);
    }
    const own = autoLabels ? valueAt(record, ['kubernetes', 'labels']) : undefined;
    if (own instanceof Map) {
      for (const [key, value] of own) labels.set(key.replace(/[^a-zA-Z0-9_]/g, '_'), textOf(value));
    }
    const key = JSON.stringify([...labels]);
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = { labels, entries: [] };
      streams.set(key, stream);
    }
    const timestampNs = BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds);
    stream.entries.push({ timestampNs, line: lineOf(record), metadata: metadata(record) });
  }
  return [...streams.values()];
}

function metadataOf(
  record: RecordMap,
  rules: readonly LabelRule[],
  maps: readonly RecordPath[],
): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const path of maps) {
    const map = valueAt(record, path);
    if (map instanceof Map) for (const [key, value] of map) found.set(key, textOf(value));
  }
  for (const { name, text, path } of rules) {
    const value = path === undefined ? text : optionalText(valueAt(record, path));
    if (value !== undefined) found.set(name, value);
  }
  return found.size === 0 ? undefined : found;
}

function optionalText(value: RecordValue | undefined): string | undefined {
  return value === undefined ? undefined : textOf(value);
}

/** A copy without the values at the paths: other outputs have the same record. */
function withoutPaths(record: RecordMap, paths: readonly RecordPath[]): RecordMap {
  let rest = record;
  for (const path of paths) rest = withoutPath(rest, path);
  return rest;
}

function withoutPath(record: RecordMap, [step, ...deeper]: RecordPath): RecordMap {
  const key = String(step);
  const value = record.get(key);
  if (value === undefined) return record;
  const copy = new Map(record);
  if (deeper.length === 0) copy.delete(key);
  else if (value instanceof Map) copy.set(key, withoutPath(value, deeper));
  return copy;
}

function keyValueLine(record: RecordMap): string {
  return [...record]
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' ? printJsonString(value) : textOf(value)}`,
    )
    .join(' ');
}
