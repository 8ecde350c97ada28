import { describeError, isAppError } from '#base';
import type { HttpClient, HttpResponse } from '#metrics/http';
import { addressGuard } from '../address-guard.ts';
import type { ResourceAnswer, ResourceRequest } from '../contract.ts';
import { dataError } from '../errors.ts';
import {
  checkHeaders,
  checkUrl,
  httpSecretNames,
  sourceHttpClient,
  textOf,
  timeoutOf,
} from '../http-settings.ts';
import type {
  DataSourceKind,
  KindDeps,
  OpenDataSource,
  QueryContext,
  SourceConfig,
} from '../kind.ts';
import type { PrometheusAnswer, PrometheusBackend } from './answer.ts';
import { parseAnswer } from './parse-answer.ts';
import { queryPrometheus } from './source.ts';
import { sourceIntervalOf } from './target.ts';

/** What is passed on to another Prometheus: questions, nothing that changes or ends it. */
const readPaths =
  /^api\/v1\/(query|query_range|query_exemplars|series|labels|label\/[^/]+\/values|metadata|rules|alerts|alertmanagers|targets|targets\/metadata|format_query|parse_query|status\/(buildinfo|runtimeinfo|flags|tsdb))$/;
const postPaths =
  /^api\/v1\/(query|query_range|query_exemplars|series|labels|format_query|parse_query)$/;

/** Another Prometheus, or what speaks as one. */
export function prometheusKind(deps: KindDeps): DataSourceKind {
  return {
    types: ['prometheus', 'grafana-amazonprometheus-datasource'],
    secretNames: httpSecretNames,
    target: ({ url }) => (URL.canParse(url) ? new URL(url).origin : url),
    check: ({ url, jsonData }) => {
      checkUrl(url);
      checkHeaders(jsonData);
    },
    open: async (config) => new RemotePrometheus(config, deps),
  };
}

class RemotePrometheus implements OpenDataSource {
  readonly #config: SourceConfig;
  readonly #deps: KindDeps;
  readonly #http: HttpClient;

  constructor(config: SourceConfig, deps: KindDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#http = sourceHttpClient(config, deps, {
      checkAddress: addressGuard(() => 'loopback', deps.allowedNetworks),
    });
  }

  query(
    query: Parameters<OpenDataSource['query']>[0],
    context: QueryContext,
  ): ReturnType<OpenDataSource['query']> {
    const { source } = this.#config;
    const intervalMs = sourceIntervalOf(source.jsonData);
    return queryPrometheus(this.#backend(context), source, intervalMs, query, context);
  }

  async health(context: QueryContext): ReturnType<OpenDataSource['health']> {
    await this.#backend(context).instant('1+1', context.toMs, context.signal);
    const version = await this.#version(context);
    return {
      status: 'OK',
      message: 'Successfully queried the Prometheus API.',
      ...(version === undefined ? {} : { details: { version } }),
    };
  }

  async resource(request: ResourceRequest, context: QueryContext): Promise<ResourceAnswer> {
    const { method, path, queryString, body } = request;
    const isKnown = method === 'GET' ? readPaths.test(path) : postPaths.test(path);
    if (!isKnown || path.split('/').some((part) => /^\.{1,2}$/.test(decodeURIComponent(part)))) {
      throw dataError('DATA_RESOURCE_NOT_FOUND', `${method} ${path} is not passed on`, {
        hint: 'Queries, labels, series, metadata, rules, alerts, targets and status are',
      });
    }
    const answer = await this.#send({ method, path, queryString, body }, context);
    return {
      status: answer.status,
      contentType: String(answer.headers['content-type'] ?? 'application/json'),
      body: answer.body,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]();
  }

  #backend(context: QueryContext): PrometheusBackend {
    const ask = async (path: string, form: Record<string, string>): Promise<unknown> => {
      const isPost = this.#config.source.jsonData['httpMethod'] !== 'GET';
      const text = new URLSearchParams(form).toString();
      const answer = await this.#send(
        isPost
          ? { method: 'POST', path, queryString: '', body: Buffer.from(text) }
          : { method: 'GET', path, queryString: text, body: undefined },
        context,
      );
      return dataOf(answer);
    };
    const asked = async (path: string, form: Record<string, string>): Promise<PrometheusAnswer> =>
      parseAnswer(await ask(path, form));
    const seconds = (timeMs: number): string => String(timeMs / 1000);
    return {
      instant: (expr, atMs) => asked('api/v1/query', { query: expr, time: seconds(atMs) }),
      range: (expr, { startMs, endMs, stepMs }) =>
        asked('api/v1/query_range', {
          query: expr,
          start: seconds(startMs),
          end: seconds(endMs),
          step: seconds(stepMs),
        }),
      exemplars: async (expr, { startMs, endMs }) => {
        const { data } = (await ask('api/v1/query_exemplars', {
          query: expr,
          start: seconds(startMs),
          end: seconds(endMs),
        })) as { data: unknown };
        return exemplarsOf(data);
      },
    };
  }

  async #version(context: QueryContext): Promise<string | undefined> {
    try {
      const request = {
        method: 'GET',
        path: 'api/v1/status/buildinfo',
        queryString: '',
        body: undefined,
      } as const;
      const body = dataOf(await this.#send(request, context)) as { data?: { version?: unknown } };
      return typeof body.data?.version === 'string' ? body.data.version : undefined;
    } catch {
      // Others that speak PromQL do not have it.
      return undefined;
    }
  }

  async #send(
    request: {
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly queryString: string;
      readonly body: Buffer | undefined;
    },
    { limits, signal }: QueryContext,
  ): Promise<HttpResponse> {
    const { url: base, jsonData } = this.#config.source;
    const url = new URL(`${base.replace(/\/+$/, '')}/${request.path}`);
    url.search = [
      request.queryString,
      textOf(jsonData, 'customQueryParameters')?.replace(/^[?&]/, ''),
    ]
      .filter((part) => part !== undefined && part !== '')
      .join('&');
    try {
      return await this.#http.request({
        url: url.href,
        method: request.method,
        headers: {
          'user-agent': `Nunchi/${this.#deps.version}`,
          accept: 'application/json',
          'accept-encoding': 'gzip',
          ...(request.body === undefined
            ? {}
            : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        maxBytes: limits.maxAnswerBytes,
        signal: AbortSignal.any([
          signal,
          AbortSignal.timeout(timeoutOf(jsonData, limits.timeoutMs)),
        ]),
      });
    } catch (error) {
      if (isAppError(error, 'HTTP_BODY_TOO_LARGE')) {
        throw dataError(
          'DATA_QUERY_TOO_LARGE',
          `The answer is larger than ${limits.maxAnswerBytes} bytes`,
          {
            hint: 'Select less, or raise dashboards.dataSources.maxAnswer',
            cause: error,
          },
        );
      }
      throw error;
    }
  }
}

/** The body of the Prometheus API. @throws {AppError} with the server's own words */
function dataOf({ status, statusText, body }: HttpResponse): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    const why =
      status === 200 ? `no JSON: ${describeError(cause)}` : `${status} ${statusText}`.trim();
    throw dataError('DATA_SOURCE_FAILED', `The server answered with ${why}`, { cause });
  }
  const answer = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  if (answer['status'] === 'success') return answer;
  const words = [answer['errorType'], answer['error']].filter((word) => typeof word === 'string');
  const code = status >= 500 ? 'DATA_SOURCE_FAILED' : 'DATA_QUERY_INVALID';
  throw dataError(
    code,
    words.length === 0 ? `The server answered with ${status}` : words.join(': '),
  );
}

function exemplarsOf(data: unknown): Awaited<ReturnType<PrometheusBackend['exemplars']>> {
  type Given = {
    seriesLabels?: Record<string, string>;
    exemplars?: { labels?: Record<string, string>; value?: unknown; timestamp?: unknown }[];
  };
  return (Array.isArray(data) ? (data as Given[]) : []).map((one) => ({
    labels: one.seriesLabels ?? {},
    exemplars: (one.exemplars ?? []).map((exemplar) => ({
      labels: exemplar.labels ?? {},
      value: Number(exemplar.value),
      timeMs: Number(exemplar.timestamp) * 1000,
    })),
  }));
}
