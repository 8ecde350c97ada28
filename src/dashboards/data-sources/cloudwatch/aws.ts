import { awsDomain, CredentialChain, LogsClient, LogsServiceError } from '#aws-client';
import { type Clock, isAbortError } from '#base';
import type { HttpClient } from '#metrics/http';
import { addressGuard } from '../address-guard.ts';
import type { DataQuery, DataSource, Frame, ResourceAnswer, ResourceRequest } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';
import { checkUrl, sourceHttpClient, textOf, timeoutOf } from '../http-settings.ts';
import type {
  DataSourceKind,
  KindDeps,
  OpenDataSource,
  QueryContext,
  SourceConfig,
} from '../kind.ts';
import { jsonAnswer } from '../resource-answer.ts';
import { logsFrames } from './frames.ts';
import { readLogsQuery } from './logs-query.ts';
import { resultOfText, type TextRow } from './text-result.ts';

const firstPollMs = 100;
const maxPollMs = 1000;
const stopTimeoutMs = 5000;
/** The most that CloudWatch gives for one query, and for one page. */
const maxServiceRows = 100_000;
const rowsPerPage = 10_000;
const listedGroups = 50;
const region = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** CloudWatch Logs of an AWS account. */
export function cloudwatchKind(deps: KindDeps): DataSourceKind {
  return {
    types: ['cloudwatch'],
    secretNames: ['accessKey', 'secretKey'],
    // Requests are signed: the secret itself never leaves, whatever the endpoint.
    target: ({ jsonData }) => textOf(jsonData, 'endpoint') ?? 'aws',
    check: ({ jsonData }) => {
      const endpoint = textOf(jsonData, 'endpoint');
      if (endpoint !== undefined) checkUrl(endpoint);
      const given = textOf(jsonData, 'defaultRegion') ?? '';
      if (region.test(given)) return;
      const problem = given === '' ? 'is missing' : `is "${given}"`;
      const key = 'jsonData.defaultRegion';
      throw invalidKey('DATA_SOURCE_INVALID', key, problem, 'a region such as ap-northeast-2');
    },
    open: async (config) => new AwsLogs(config, deps),
  };
}

interface StatisticsAnswer {
  readonly recordsMatched?: number;
  readonly recordsScanned?: number;
  readonly bytesScanned?: number;
}

class AwsLogs implements OpenDataSource {
  readonly #source: DataSource;
  readonly #config: SourceConfig;
  readonly #deps: KindDeps;
  readonly #http: HttpClient;
  readonly #clients = new Map<string, LogsClient>();

  constructor(config: SourceConfig, deps: KindDeps) {
    this.#source = config.source;
    this.#config = config;
    this.#deps = deps;
    this.#http = sourceHttpClient(
      { source: { ...config.source, basicAuth: false }, secret: () => undefined },
      deps,
      {
        checkAddress: addressGuard(() => 'loopback', deps.allowedNetworks),
        followRedirects: false,
      },
    );
  }

  async query(query: DataQuery, context: QueryContext): Promise<readonly Frame[]> {
    const read = readLogsQuery(query, this.#source);
    const client = this.#client(read.region, context);
    const { maxRows } = context.limits;
    const signal = this.#bounded(context);
    const started = await this.#call(
      client,
      'StartQuery',
      {
        queryString: read.expression,
        queryLanguage: read.language,
        startTime: Math.floor(context.fromMs / 1000),
        endTime: Math.ceil(context.toMs / 1000),
        limit: Math.min(maxRows, rowsPerPage),
        ...(read.groups.length === 0 ? {} : { logGroupNames: read.groups }),
      },
      signal,
    );
    const queryId = String(started['queryId'] ?? '');
    let isOver = false;
    try {
      const { rows, status, statistics } = await this.#results(client, queryId, signal, maxRows);
      isOver = true;
      return logsFrames(
        {
          ...resultOfText(rows, read.expression),
          status,
          statistics: {
            recordsMatched: statistics.recordsMatched ?? 0,
            recordsScanned: statistics.recordsScanned ?? 0,
            bytesScanned: statistics.bytesScanned ?? 0,
          },
          notices: [],
        },
        read,
      );
    } finally {
      // What nobody waits for any more would still be paid for.
      if (!isOver) await this.#stop(client, queryId);
    }
  }

  async health(context: QueryContext): ReturnType<OpenDataSource['health']> {
    const client = this.#client('', context);
    await this.#call(client, 'DescribeLogGroups', { limit: 1 }, this.#bounded(context));
    return { status: 'OK', message: 'Successfully queried the CloudWatch Logs API.' };
  }

  async resource(request: ResourceRequest, context: QueryContext): Promise<ResourceAnswer> {
    const { method, path } = request;
    const parameters = new URLSearchParams(request.queryString);
    const client = this.#client(parameters.get('region') ?? '', context);
    const signal = this.#bounded(context);
    if (method === 'GET' && path === 'log-groups') {
      const pattern = parameters.get('pattern') ?? parameters.get('logGroupNamePattern') ?? '';
      const input = {
        limit: listedGroups,
        ...(pattern === '' ? {} : { logGroupNamePattern: pattern }),
      };
      const { logGroups } = (await this.#call(client, 'DescribeLogGroups', input, signal)) as {
        logGroups?: { logGroupName?: string; arn?: string }[];
      };
      return jsonAnswer(
        (logGroups ?? []).map(({ logGroupName: name, arn }) => ({ value: { name, arn } })),
      );
    }
    if (method === 'GET' && path === 'log-group-fields') {
      const logGroupName = parameters.get('logGroupName') ?? '';
      const { logGroupFields } = (await this.#call(
        client,
        'GetLogGroupFields',
        { logGroupName },
        signal,
      )) as {
        logGroupFields?: { name?: string; percent?: number }[];
      };
      return jsonAnswer((logGroupFields ?? []).map((value) => ({ value })));
    }
    throw dataError('DATA_RESOURCE_NOT_FOUND', `There is nothing at ${method} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]();
  }

  async #results(
    client: LogsClient,
    queryId: string,
    signal: AbortSignal,
    maxRows: number,
  ): Promise<{ rows: readonly TextRow[]; status: string; statistics: StatisticsAnswer }> {
    const rows: TextRow[] = [];
    let nextToken: unknown;
    for (let waitMs = firstPollMs; ; waitMs = Math.min(maxPollMs, waitMs * 1.5)) {
      const input = { queryId, ...(typeof nextToken === 'string' ? { nextToken } : {}) };
      const answer = await this.#call(client, 'GetQueryResults', input, signal);
      const status = String(answer['status'] ?? 'Unknown');
      if (status === 'Scheduled' || status === 'Running') {
        await this.#deps.clock.sleep(waitMs, signal);
        continue;
      }
      if (status !== 'Complete') {
        const code = status === 'Timeout' ? 'DATA_QUERY_TIMEOUT' : 'DATA_SOURCE_FAILED';
        throw dataError(code, `CloudWatch ended the query as ${status}`);
      }
      const page = answer['results'];
      if (Array.isArray(page)) for (const row of page as TextRow[]) rows.push(row);
      nextToken = answer['nextToken'];
      if (typeof nextToken === 'string' && rows.length < Math.min(maxRows, maxServiceRows))
        continue;
      const statistics = (answer['statistics'] ?? {}) as StatisticsAnswer;
      return { rows: rows.slice(0, maxRows), status, statistics };
    }
  }

  async #stop(client: LogsClient, queryId: string): Promise<void> {
    const body = JSON.stringify({ queryId });
    await client
      .call('StopQuery', body, AbortSignal.timeout(stopTimeoutMs))
      .catch((error: unknown) => this.#deps.log.debug('A query was not stopped', { err: error }));
  }

  async #call(
    client: LogsClient,
    operation: string,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    try {
      return await client.call(operation, JSON.stringify(input), signal);
    } catch (error) {
      if (isAbortError(error) || !(error instanceof LogsServiceError)) throw error;
      const code = error.status >= 500 ? 'DATA_SOURCE_FAILED' : 'DATA_QUERY_INVALID';
      throw dataError(code, `${error.code}: ${error.message}`, { cause: error });
    }
  }

  #bounded({ limits, signal }: QueryContext): AbortSignal {
    const timeoutMs = timeoutOf(this.#source.jsonData, limits.timeoutMs);
    return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  }

  #client(given: string, { limits }: QueryContext): LogsClient {
    const { jsonData } = this.#source;
    const name = given === '' || given === 'default' ? textOf(jsonData, 'defaultRegion')! : given;
    if (!region.test(name)) {
      throw invalidKey(
        'DATA_QUERY_INVALID',
        'region',
        `is "${name}"`,
        'a region such as us-east-1',
      );
    }
    const held = this.#clients.get(name);
    if (held !== undefined) return held;
    const endpoint = textOf(jsonData, 'endpoint') ?? `https://logs.${name}.${awsDomain(name)}`;
    const client = new LogsClient(
      {
        url: new URL(endpoint),
        region: name,
        userAgent: `Nunchi/${this.#deps.version}`,
        logFormat: undefined,
      },
      {
        send: async ({ url, headers, body, signal }) => {
          const { host: _, ...sent } = headers;
          const answer = await this.#http.request({
            url: url.href,
            method: 'POST',
            headers: sent,
            body: Buffer.from(body),
            maxBytes: limits.maxAnswerBytes,
            signal,
          });
          return { status: answer.status, text: answer.body.toString('utf8') };
        },
      },
      credentialsOf(this.#config, name, this.#deps),
      this.#deps.clock,
    );
    this.#clients.set(name, client);
    return client;
  }
}

/** `authType`: `keys` of the data source, a `credentials` file's profile, or what the server itself finds. */
function credentialsOf(
  { source, secret }: SourceConfig,
  regionName: string,
  { env, clock }: { readonly env: KindDeps['env']; readonly clock: Clock },
): CredentialChain {
  const { jsonData } = source;
  const isKeys = jsonData['authType'] === 'keys';
  return new CredentialChain({
    env: isKeys
      ? { AWS_ACCESS_KEY_ID: secret('accessKey'), AWS_SECRET_ACCESS_KEY: secret('secretKey') }
      : env,
    clock,
    region: regionName,
    profile: isKeys ? undefined : textOf(jsonData, 'profile'),
    roleArn: textOf(jsonData, 'assumeRoleArn'),
    externalId: textOf(jsonData, 'externalId'),
  });
}
