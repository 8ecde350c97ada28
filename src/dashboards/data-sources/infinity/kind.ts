import { isAppError } from '#base';
import { Secret } from '#metrics/config';
import type { HttpClient, HttpResponse } from '#metrics/http';
import type { DataQuery, Frame, Health } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';
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
import { seriesFrame, tableFrame } from '../tabular/frames.ts';
import { checkAllowedHosts, hostGuard, namedHosts } from './hosts.ts';
import { type InfinityQuery, readInfinityQuery } from './query.ts';
import { readTable } from './rows.ts';

const authMethods = ['none', 'basicAuth', 'bearerToken', 'apiKey'] as const;
/** Headers that say who asks, or that the connection sets. */
const ownHeaders =
  /^(host|connection|content-length|transfer-encoding|upgrade|authorization|cookie|proxy-.*)$/i;
const shownAnswerLength = 300;

/** JSON and CSV over HTTP: an API, a published sheet. */
export function infinityKind(deps: KindDeps): DataSourceKind {
  return {
    types: ['yesoreyeram-infinity-datasource'],
    secretNames: [...httpSecretNames, 'bearerToken', 'apiKeyValue'],
    target: (source) => namedHosts(source).join(' '),
    check: (source) => {
      if (source.url !== '') checkUrl(source.url);
      checkHeaders(source.jsonData);
      checkAllowedHosts(source.jsonData);
      const method = source.jsonData['auth_method'];
      if (method === undefined || authMethods.some((known) => known === method)) return;
      throw invalidKey(
        'DATA_SOURCE_INVALID',
        'jsonData.auth_method',
        `is "${String(method)}"`,
        authMethods.join(', '),
      );
    },
    open: async (config) => new JsonAndCsv(config, deps),
  };
}

class JsonAndCsv implements OpenDataSource {
  readonly #config: SourceConfig;
  readonly #deps: KindDeps;
  readonly #http: HttpClient;

  constructor(config: SourceConfig, deps: KindDeps) {
    this.#config = config;
    this.#deps = deps;
    const { source, secret } = config;
    const token =
      source.jsonData['auth_method'] === 'bearerToken' ? secret('bearerToken') : undefined;
    const isBasic = source.basicAuth === true || source.jsonData['auth_method'] === 'basicAuth';
    this.#http = sourceHttpClient(
      { source: { ...source, basicAuth: isBasic }, secret: config.secret },
      deps,
      {
        ...hostGuard(source, deps.allowedNetworks),
        ...(token === undefined
          ? {}
          : {
              authorization: {
                type: 'Bearer',
                credentials: new Secret(token),
                credentialsFile: undefined,
              },
            }),
        ...this.#apiKeyHeader(),
      },
    );
  }

  async query(query: DataQuery, context: QueryContext): Promise<readonly Frame[]> {
    const read = readInfinityQuery(query);
    const { limits, fromMs, toMs } = context;
    const url = read.url === undefined ? undefined : this.#url(read);
    const text = url === undefined ? read.inline : await this.#text(url, read, context);
    const { columns, isCut } = await readTable(text, read, limits.maxRows);
    const options = {
      executedQueryString: url === undefined ? 'inline' : `${url.origin}${url.pathname}`,
      notices: [
        ...(isCut ? [`The first ${limits.maxRows} rows are shown`] : []),
        ...read.ignored.map((key) => `${key} is not computed here: use a transformation`),
      ],
    };
    return [
      read.format === 'timeseries'
        ? seriesFrame(columns, { ...options, fill: undefined, fromMs, toMs, limits })
        : tableFrame(columns, options),
    ];
  }

  async health(context: QueryContext): Promise<Health> {
    const { url, jsonData } = this.#config.source;
    const tested = textOf(jsonData, 'customHealthCheckUrl') ?? url;
    if (tested === '') {
      return { status: 'OK', message: 'The settings are complete; each query names its own URL.' };
    }
    const answer = await this.#send(
      new URL(tested),
      readInfinityQuery({ refId: 'A', url: tested }),
      context,
    );
    if (answer.status < 400)
      return { status: 'OK', message: `The server answered with ${answer.status}.` };
    return { status: 'ERROR', message: statusText(answer) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]();
  }

  #url({ url: given = '', parameters }: InfinityQuery): URL {
    const { source, secret } = this.#config;
    const base = source.url.replace(/\/+$/, '');
    const text =
      /^[a-z][a-z0-9+.-]*:/i.test(given) || base === ''
        ? given
        : `${base}/${given.replace(/^\/+/, '')}`;
    if (!URL.canParse(text))
      throw invalidKey('DATA_QUERY_INVALID', 'url', `"${given}" is no URL`, 'https://host/path');
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      throw invalidKey(
        'DATA_QUERY_INVALID',
        'url',
        'cannot be asked',
        'http and https, without a login',
      );
    }
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    const { jsonData } = source;
    for (let at = 1; at <= 50; at++) {
      const name = textOf(jsonData, `secureQueryName${at}`);
      const value = secret(`secureQueryValue${at}`);
      if (name !== undefined && value !== undefined) url.searchParams.set(name, value);
    }
    if (jsonData['auth_method'] === 'apiKey' && jsonData['apiKeyType'] === 'query') {
      url.searchParams.set(textOf(jsonData, 'apiKeyKey') ?? 'key', secret('apiKeyValue') ?? '');
    }
    return url;
  }

  async #text(url: URL, query: InfinityQuery, context: QueryContext): Promise<string> {
    const answer = await this.#send(url, query, context);
    if (answer.status >= 200 && answer.status < 300) return answer.body.toString('utf8');
    const code = answer.status >= 500 ? 'DATA_SOURCE_FAILED' : 'DATA_QUERY_INVALID';
    throw dataError(code, statusText(answer));
  }

  async #send(
    url: URL,
    query: InfinityQuery,
    { limits, signal }: QueryContext,
  ): Promise<HttpResponse> {
    this.#mustNameHosts();
    const headers = Object.fromEntries(
      query.headers
        .filter(([name]) => !ownHeaders.test(name))
        .map(([name, value]) => [name.toLowerCase(), value]),
    );
    const timeoutMs = timeoutOf(this.#config.source.jsonData, limits.timeoutMs);
    try {
      return await this.#http.request({
        url: url.href,
        method: query.method,
        headers: {
          'user-agent': `Nunchi/${this.#deps.version}`,
          accept: query.type === 'csv' ? 'text/csv, text/plain, */*' : 'application/json, */*',
          'accept-encoding': 'gzip',
          ...(query.body === undefined ? {} : { 'content-type': query.bodyType }),
          ...headers,
        },
        ...(query.body === undefined ? {} : { body: Buffer.from(query.body) }),
        maxBytes: limits.maxAnswerBytes,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
    } catch (error) {
      if (!isAppError(error, 'HTTP_BODY_TOO_LARGE')) throw error;
      throw dataError(
        'DATA_QUERY_TOO_LARGE',
        `The answer is larger than ${limits.maxAnswerBytes} bytes`,
        {
          hint: 'dashboards.dataSources.maxAnswer is the limit',
          cause: error,
        },
      );
    }
  }

  /** A secret goes to hosts that are named, not to whatever a query asks for. */
  #mustNameHosts(): void {
    const { source } = this.#config;
    if (Object.keys(source.secureJsonFields).length === 0 || namedHosts(source).length > 0) return;
    throw dataError(
      'DATA_SOURCE_INVALID',
      'A data source with secrets needs a URL or allowed hosts',
      {
        hint: 'Set the URL, or jsonData.allowedHosts',
      },
    );
  }

  #apiKeyHeader(): { readonly headers?: Readonly<Record<string, string>> } {
    const { source, secret } = this.#config;
    const { jsonData } = source;
    if (jsonData['auth_method'] !== 'apiKey' || jsonData['apiKeyType'] === 'query') return {};
    return {
      headers: { [textOf(jsonData, 'apiKeyKey') ?? 'x-api-key']: secret('apiKeyValue') ?? '' },
    };
  }
}

/** The status with the beginning of what the server says. */
function statusText({ status, statusText: reason, body }: HttpResponse): string {
  const words = body
    .subarray(0, shownAnswerLength * 4)
    .toString('utf8')
    .replace(/\s+/g, ' ')
    .trim();
  const shown = words.length > shownAnswerLength ? `${words.slice(0, shownAnswerLength)}…` : words;
  return `The server answered with ${`${status} ${reason}`.trim()}${shown === '' ? '' : `: ${shown}`}`;
}
