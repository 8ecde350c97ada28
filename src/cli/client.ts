import { AppError, describeError, parseDurationMs } from '#base';

export interface ClientFlags {
  readonly server: string;
  readonly token?: string | undefined;
}

export function authHeaders(flags: ClientFlags): Record<string, string> {
  return flags.token === undefined ? {} : { authorization: `Bearer ${flags.token}` };
}

/**
 * One request to a running server.
 * @throws {AppError} SERVER_UNREACHABLE, or the server's own code with its hint and details
 */
export async function callServer(
  flags: ClientFlags,
  path: string,
  init: {
    readonly method?: string;
    /** Sent as JSON. */
    readonly body?: unknown;
    readonly form?: URLSearchParams;
    readonly accept?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Response> {
  const url = `${flags.server.replace(/\/+$/, '')}${path}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method: init.method ?? 'GET',
      headers: {
        ...authHeaders(flags),
        accept: init.accept ?? 'application/json',
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      ...(init.form === undefined ? {} : { body: init.form }),
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new AppError('SERVER_UNREACHABLE', `Cannot reach ${url}: ${describeError(error)}`, {
      hint: 'Start the server (nunchi start), or name it with --server or NUNCHI_SERVER',
      cause: error,
    });
  }
  if (response.ok) return response;
  throw await errorOf(response, url);
}

async function errorOf(response: Response, url: string): Promise<AppError> {
  const text = await response.text();
  const loginHint = response.status === 401 ? { hint: 'Give --token or set NUNCHI_TOKEN' } : {};
  try {
    const body = JSON.parse(text) as {
      code: string;
      message: string;
      hint?: string;
      details?: Record<string, unknown>;
      error?: string;
    };
    // The envelope of Prometheus' API.
    if (typeof body.error === 'string') {
      return new AppError('QUERY_FAILED', body.error, loginHint);
    }
    if (typeof body.code === 'string' && typeof body.message === 'string') {
      return new AppError(body.code, body.message, {
        ...(body.hint === undefined ? {} : { hint: body.hint }),
        ...loginHint,
        details: body.details ?? {},
      });
    }
  } catch {
    // Not ours: a proxy's page. Its status says enough.
  }
  return new AppError('SERVER_ERROR', `${url} answered ${response.status}`, loginHint);
}

/** The data of server-sent events, as they arrive. */
export async function* serverSentEvents(response: Response): AsyncIterable<string> {
  if (response.body === null) return;
  let buffer = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += chunk;
    const events = buffer.split(/\r?\n\r?\n/);
    buffer = events.pop()!;
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''));
      if (data.length > 0) yield data.join('\n');
    }
  }
}

/** `3h` before now, an ISO time, or Unix seconds or milliseconds, to Unix ms. */
export function parseWhen(text: string, nowMs: number): number {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return ms;
  }
  try {
    return nowMs - parseDurationMs(text);
  } catch (error) {
    throw new AppError('INVALID_TIME', `"${text}" is not a time`, {
      hint: 'Write a duration before now (15m, 3h, 7d), an ISO time, or Unix seconds',
      cause: error,
    });
  }
}

/** Exact names as they are; names with `*` become the groups that match. */
export async function expandGroups(
  flags: ClientFlags,
  patterns: readonly string[],
): Promise<readonly string[]> {
  if (patterns.length > 0 && patterns.every((pattern) => !pattern.includes('*'))) return patterns;
  const response = await callServer(flags, '/nunchi/logs/groups');
  const { groups } = (await response.json()) as { groups: readonly { readonly name: string }[] };
  const names = groups.map((group) => group.name);
  if (patterns.length === 0) return names;
  const matchers = patterns.map(
    (pattern) => new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 's'),
  );
  const found = names.filter((name) => matchers.some((matcher) => matcher.test(name)));
  if (found.length > 0) return found;
  throw new AppError('LOG_GROUP_NOT_FOUND', `No log group matches ${patterns.join(', ')}`, {
    hint: `There are ${names.length}: ${names.slice(0, 10).join(', ')}`,
  });
}
