import { awsDomain, CredentialChain, LogsClient, LogsServiceError } from '#aws-client';
import { type Counter, describeError, isAbortError } from '#base';
import type { AgentEvent, Chunk, DeliveryResult, Output, RecordMap } from '../../contract.ts';
import type { OutputPlugin, PluginScope } from '../../fluentbit/plugin.ts';
import { option, type Settings } from '../../fluentbit/settings.ts';
import {
  parseGoTemplate,
  parseRecordPath,
  parseRecordTemplate,
  type RecordPath,
  type RecordTemplate,
  valueAt,
} from '../../records/accessor.ts';
import { printJsonRecord, printJsonString, printJsonValue } from '../../records/json-print.ts';
import type { BatchClientOptions } from '../../ship/client.ts';
import { isNunchiServer, NunchiOutput, retryWithinMs } from '../../ship/nunchi-output.ts';
import { HttpClient, tlsOptionsOf } from '../http-client.ts';
import {
  cutUtf8,
  type LogBatch,
  type LogEvent,
  maxMessageBytes,
  splitBatches,
  timestampMsOf,
} from './batches.ts';
import { entityOf, withoutEntityKeys } from './entity.ts';

const sharedOptions = {
  region: option.text,
  log_group_name: option.text,
  log_stream_name: option.text,
  log_stream_prefix: option.text,
  log_key: option.text,
  log_format: option.text,
  auto_create_group: option.bool,
  log_retention_days: option.integer,
  endpoint: option.text,
  sts_endpoint: option.text,
  role_arn: option.text,
  external_id: option.text,
  extra_user_agent: option.text,
};

/** The C plugin: events to CloudWatch Logs, a stream for each tag unless a name is given. */
export const cloudwatchLogsOutput: OutputPlugin = {
  name: 'cloudwatch_logs',
  options: {
    ...sharedOptions,
    log_group_template: option.text,
    log_stream_template: option.text,
    log_group_class: option.text,
    profile: option.text,
    auto_retry_requests: option.bool,
    add_entity: option.bool,
    metric_namespace: option.noEffect('only logs are sent'),
    metric_dimensions: option.noEffect('only logs are sent'),
  },
  create: (settings, scope) => {
    const group = settings.required('log_group_name');
    const stream = settings.text('log_stream_name');
    const prefix = settings.text('log_stream_prefix');
    if ((stream === undefined) === (prefix === undefined)) {
      throw settings.problem(
        'cloudwatch_logs: one of log_stream_name and log_stream_prefix is required, not both',
      );
    }
    const template = (key: string): RecordTemplate | undefined => {
      const text = settings.text(key);
      return text === undefined ? undefined : parseRecordTemplate(text);
    };
    return createOutput(settings, scope, {
      groupTemplate: template('log_group_template'),
      streamTemplate: template('log_stream_template'),
      group: () => group,
      stream: (tag) => stream ?? `${prefix}${tag}`,
    });
  },
};

/** The older Go plugin, whose names are templates with `$(tag)` and `$(key)`. */
export const cloudwatchOutput: OutputPlugin = {
  name: 'cloudwatch',
  options: {
    ...sharedOptions,
    default_log_group_name: option.text,
    default_log_stream_name: option.text,
    auto_create_stream: option.noEffect('streams are always created'),
    new_log_group_tags: option.noEffect('groups are created without tags'),
    credentials_endpoint: option.noEffect('credentials come from the usual chain'),
  },
  create: (settings, scope) => {
    const prefix = settings.text('log_stream_prefix');
    const streamName = settings.text('log_stream_name');
    if ((streamName === undefined) === (prefix === undefined)) {
      throw settings.problem(
        'cloudwatch: one of log_stream_name and log_stream_prefix is required, not both',
      );
    }
    const defaultGroup = settings.text('default_log_group_name', 'fluentbit-default');
    const defaultStream = settings.text('default_log_stream_name', '/fluentbit-default');
    return createOutput(settings, scope, {
      groupTemplate: parseGoTemplate(settings.required('log_group_name')),
      streamTemplate: streamName === undefined ? undefined : parseGoTemplate(streamName),
      group: () => defaultGroup,
      stream: (tag) => (prefix === undefined ? defaultStream : `${prefix}${tag}`),
    });
  },
};

interface Names {
  readonly groupTemplate: RecordTemplate | undefined;
  readonly streamTemplate: RecordTemplate | undefined;
  /** Where the template has no answer. */
  group(tag: string): string;
  stream(tag: string): string;
}

function createOutput(settings: Settings, scope: PluginScope, names: Names): Output {
  const region = settings.text('region') ?? scope.env['AWS_REGION'];
  if (region === undefined || region === '') {
    throw settings.problem(`${settings.plugin}: the property 'region' is required`);
  }
  // The variables with which the AWS CLI and SDKs are pointed elsewhere.
  // The SDKs' own name first; the short one is what people write.
  const elsewhere =
    scope.env['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'] ||
    scope.env['AWS_ENDPOINT_URL_LOGS'] ||
    scope.env['AWS_ENDPOINT_URL'];
  const endpoint = settings.text('endpoint', elsewhere || `logs.${region}.${awsDomain(region)}`);
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(base))
    throw settings.problem(`${settings.plugin}: '${endpoint}' is no endpoint`, 'endpoint');
  const url = new URL(base);
  const port = settings.text('port');
  if (port !== undefined) url.port = port;
  const extra = settings.text('extra_user_agent');
  const http = new HttpClient(tlsOptionsOf(settings));
  const credentials = new CredentialChain({
    env: scope.env,
    clock: scope.clock,
    region,
    profile: settings.text('profile'),
    roleArn: settings.text('role_arn'),
    externalId: settings.text('external_id'),
    stsEndpoint: settings.text('sts_endpoint'),
  });
  const userAgent =
    extra === undefined ? 'aws-fluent-bit-plugin' : `aws-fluent-bit-plugin-${extra}`;
  const logFormat = settings.text('log_format');
  const client = new LogsClient(
    { url, region, userAgent, logFormat },
    http,
    credentials,
    scope.clock,
  );
  const isAws = /\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.test(url.hostname);
  const token = scope.env['NUNCHI_TOKEN'];
  const server: BatchClientOptions | undefined = isAws
    ? undefined
    : { url: url.origin, timeoutMs: 30_000, maxConnections: 2, ...(token && { token }) };
  return new CloudwatchLogsOutput(settings, scope, names, client, http, server);
}

const streamTtlMs = 4 * 3600 * 1000;
const maxStreams = 10_000;
const maxProgress = 256;

type Sent = 'ok' | 'dropped';

class CloudwatchLogsOutput implements Output {
  readonly name: string;
  readonly #settings: Settings;
  readonly #scope: PluginScope;
  readonly #names: Names;
  readonly #client: LogsClient;
  readonly #http: HttpClient;
  /** An endpoint that is not AWS's may be a Nunchi server; undefined once that is known to be not so. */
  #server: BatchClientOptions | undefined;
  #nunchi: NunchiOutput | undefined;
  readonly #logKey: RecordPath | undefined;
  readonly #addEntity: boolean;
  readonly #rejected: Counter;
  /** Streams known to exist, with the time until which that is believed. */
  readonly #streams = new Map<string, number>();
  /** Batches of chunks under way that were accepted: a retry sends only the others. */
  readonly #progress = new Map<number, Set<number>>();

  constructor(
    settings: Settings,
    scope: PluginScope,
    names: Names,
    client: LogsClient,
    http: HttpClient,
    server: BatchClientOptions | undefined,
  ) {
    this.name = settings.name;
    this.#server = server;
    this.#settings = settings;
    this.#scope = scope;
    this.#names = names;
    this.#client = client;
    this.#http = http;
    const logKey = settings.text('log_key');
    this.#logKey = logKey === undefined ? undefined : parseRecordPath(logKey);
    this.#addEntity = settings.bool('add_entity', false);
    this.#rejected = scope.metrics.counter(
      'nunchi_agent_cloudwatch_rejected_events_total',
      'Events that CloudWatch Logs did not take, or that could not be sent, by reason',
    );
  }

  async deliver(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult> {
    if (this.#server !== undefined) {
      try {
        await this.#detectNunchi(this.#server, chunk, signal);
      } catch (error) {
        return { kind: 'retry', reason: describeError(error), withinMs: retryWithinMs };
      }
    }
    if (this.#nunchi !== undefined) return await this.#nunchi.deliver(chunk, signal);
    const batches = this.#batches(chunk);
    const done = this.#progress.get(chunk.id) ?? new Set<number>();
    let dropReason: string | undefined;
    let taken = 0;
    for (const [index, batch] of batches.entries()) {
      if (done.has(index)) {
        taken++;
        continue;
      }
      try {
        const sent = await this.#send(batch, signal);
        if (sent === 'ok') taken++;
        else dropReason = 'the service refused the events as invalid';
        done.add(index);
      } catch (error) {
        this.#remember(chunk.id, done);
        if (signal.aborted && isAbortError(error)) return { kind: 'retry', reason: 'stopped' };
        return { kind: 'retry', reason: describeError(error) };
      }
    }
    this.#progress.delete(chunk.id);
    if (taken === 0 && dropReason !== undefined) return { kind: 'drop', reason: dropReason };
    return { kind: 'ok' };
  }

  async close(): Promise<void> {
    this.#http.close();
    await this.#nunchi?.close();
  }

  /**
   * A Nunchi server gets numbered batches, which it stores once however often they are sent; the
   * AWS protocol has no such number.
   */
  async #detectNunchi(
    server: BatchClientOptions,
    chunk: Chunk,
    signal: AbortSignal,
  ): Promise<void> {
    const found = chunk.source !== undefined && (await isNunchiServer(server, signal));
    this.#server = undefined;
    if (!found) return;
    this.#scope.log.info('The endpoint is a Nunchi server and gets numbered batches', {
      output: this.name,
      url: server.url,
    });
    this.#nunchi = new NunchiOutput({
      name: this.name,
      client: server,
      place: (tag, event) => this.#place(tag, event),
      message: (event) => this.#message(event),
    });
  }

  #place(tag: string, event: AgentEvent): { group: string; stream: string } {
    const scope = { tag, record: event.record };
    return {
      group: this.#names.groupTemplate?.render(scope) ?? this.#names.group(tag),
      stream: cleanStream(this.#names.streamTemplate?.render(scope) ?? this.#names.stream(tag)),
    };
  }

  #remember(id: number, done: Set<number>): void {
    this.#progress.set(id, done);
    if (this.#progress.size > maxProgress)
      this.#progress.delete(this.#progress.keys().next().value!);
  }

  #batches({ tag, events }: Chunk): LogBatch[] {
    const streams = new Map<
      string,
      { group: string; stream: string; events: LogEvent[]; entity: RecordMap | undefined }
    >();
    for (const event of events) {
      const message = this.#message(event);
      if (message === undefined) continue;
      const { group, stream } = this.#place(tag, event);
      const key = `${group}\n${stream}`;
      let target = streams.get(key);
      if (target === undefined) {
        const entity = this.#addEntity ? entityOf(event.record) : undefined;
        target = { group, stream, events: [], entity };
        streams.set(key, target);
      }
      target.events.push({ timestampMs: timestampMsOf(event), message });
    }
    return streams
      .values()
      .flatMap((target) =>
        splitBatches(target.events).map((batch) => ({ ...target, events: batch })),
      )
      .toArray();
  }

  #message(event: AgentEvent): string | undefined {
    let text: string;
    if (this.#logKey === undefined) {
      text = printJsonRecord(withoutEntityKeys(event.record), {
        escapeUnicode: this.#scope.escapeUnicode,
      });
    } else {
      const value = valueAt(event.record, this.#logKey);
      if (value === undefined) {
        this.#rejected.add(1, { output: this.name, reason: 'no_log_key' });
        return undefined;
      }
      text =
        typeof value === 'string'
          ? value
          : printJsonValue(value, { escapeUnicode: this.#scope.escapeUnicode });
    }
    // `{}` and `""` say nothing; the service refuses empty messages.
    if (text.length <= 2) {
      this.#rejected.add(1, { output: this.name, reason: 'empty' });
      return undefined;
    }
    const cut = cutUtf8(text, maxMessageBytes);
    if (cut !== text) this.#rejected.add(1, { output: this.name, reason: 'cut' });
    return cut;
  }

  async #send(batch: LogBatch, signal: AbortSignal): Promise<Sent> {
    await this.#ensureStream(batch, signal);
    const body = putBody(batch);
    try {
      this.#countRejected(await this.#put(body, signal), batch);
      return 'ok';
    } catch (error) {
      if (!(error instanceof LogsServiceError)) throw error;
      if (error.code === 'ResourceNotFoundException') {
        // Somebody deleted it: make it again and send these events there.
        this.#streams.delete(streamKey(batch));
        await this.#ensureStream(batch, signal);
        this.#countRejected(await this.#client.call('PutLogEvents', body, signal), batch);
        return 'ok';
      }
      if (error.code === 'DataAlreadyAcceptedException') return 'ok';
      if (error.code !== 'InvalidParameterException' && error.code !== 'SerializationException')
        throw error;
      this.#rejected.add(batch.events.length, { output: this.name, reason: 'invalid' });
      this.#scope.log.error('CloudWatch Logs refused events as invalid', {
        output: this.name,
        group: batch.group,
        stream: batch.stream,
        events: batch.events.length,
        reason: error.message,
      });
      return 'dropped';
    }
  }

  /** One immediate retry where the network failed, for a kept connection may have been closed. */
  async #put(body: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    try {
      return await this.#client.call('PutLogEvents', body, signal);
    } catch (error) {
      const isAnswer = error instanceof LogsServiceError;
      if (isAnswer || signal.aborted || !this.#settings.bool('auto_retry_requests', true))
        throw error;
      return await this.#client.call('PutLogEvents', body, signal);
    }
  }

  #countRejected(answer: Record<string, unknown>, batch: LogBatch): void {
    const info = answer['rejectedLogEventsInfo'];
    if (typeof info !== 'object' || info === null) return;
    const {
      tooNewLogEventStartIndex: tooNew,
      tooOldLogEventEndIndex: tooOld,
      expiredLogEventEndIndex: expired,
    } = info as Record<string, unknown>;
    const counts: [string, number][] = [
      ['too_new', typeof tooNew === 'number' ? batch.events.length - tooNew : 0],
      ['too_old', typeof tooOld === 'number' ? tooOld : 0],
      ['expired', typeof expired === 'number' ? expired : 0],
    ];
    for (const [reason, count] of counts) {
      if (count <= 0) continue;
      this.#rejected.add(count, { output: this.name, reason });
      this.#scope.log.warn('CloudWatch Logs did not take events because of their time', {
        output: this.name,
        group: batch.group,
        stream: batch.stream,
        reason,
        count,
      });
    }
  }

  async #ensureStream(batch: LogBatch, signal: AbortSignal): Promise<void> {
    const key = streamKey(batch);
    const nowMs = this.#scope.clock.nowMs();
    const untilMs = this.#streams.get(key);
    if (untilMs !== undefined && nowMs < untilMs) return;
    try {
      await this.#createStream(batch, signal);
    } catch (error) {
      const isMissing =
        error instanceof LogsServiceError && error.code === 'ResourceNotFoundException';
      if (!isMissing || !this.#settings.bool('auto_create_group', false)) throw error;
      await this.#createGroup(batch.group, signal);
      await this.#createStream(batch, signal);
    }
    if (this.#streams.size >= maxStreams) this.#streams.delete(this.#streams.keys().next().value!);
    this.#streams.set(key, nowMs + streamTtlMs);
  }

  async #createStream({ group, stream }: LogBatch, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({ logGroupName: group, logStreamName: stream });
    await this.#callUnlessExists('CreateLogStream', body, signal);
  }

  async #createGroup(group: string, signal: AbortSignal): Promise<void> {
    const groupClass = this.#settings.text('log_group_class', 'STANDARD').toUpperCase();
    const body = {
      logGroupName: group,
      ...(groupClass !== 'STANDARD' && { logGroupClass: groupClass }),
    };
    await this.#callUnlessExists('CreateLogGroup', JSON.stringify(body), signal);
    const days = this.#settings.number('log_retention_days', 0);
    if (days <= 0) return;
    const policy = JSON.stringify({ logGroupName: group, retentionInDays: days });
    await this.#client.call('PutRetentionPolicy', policy, signal);
  }

  async #callUnlessExists(operation: string, body: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.call(operation, body, signal);
    } catch (error) {
      const exists =
        error instanceof LogsServiceError && error.code === 'ResourceAlreadyExistsException';
      if (!exists) throw error;
    }
  }
}

function streamKey({ group, stream }: LogBatch): string {
  return `${group}\n${stream}`;
}

/** Stream names hold no colon and no star, and 512 characters at most. */
function cleanStream(name: string): string {
  return name.replace(/[:*]/g, '-').slice(0, 512);
}

function putBody({ group, stream, events, entity }: LogBatch): string {
  const parts = events.map(
    ({ timestampMs, message }) =>
      `{"timestamp":${timestampMs},"message":${printJsonString(message)}}`,
  );
  const names = `"logGroupName":${printJsonString(group)},"logStreamName":${printJsonString(stream)}`;
  const ending = entity === undefined ? '' : `,"entity":${printJsonRecord(entity)}`;
  return `{${names},"logEvents":[${parts.join(',')}]${ending}}`;
}
