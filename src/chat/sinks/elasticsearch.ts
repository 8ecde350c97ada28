import type { ElasticsearchSink } from '../config/contract.ts';
import { messageRefused } from '../platforms/failures.ts';
import type { SendTold, SinkDeps } from './contract.ts';
import { postJson } from './post.ts';

/** Each event is a document in the index of its day: `botkube-2026-03-31`. */
export function elasticsearchSender(config: ElasticsearchSink, deps: SinkDeps): SendTold {
  const headersOf = authorization(config, deps);
  /** Indices that are known to be there. */
  let made = new Set<string>();
  const ensure = async (
    index: string,
    { shards, replicas }: ElasticsearchSink['indices'][number],
    signal: AbortSignal,
  ): Promise<void> => {
    if (made.has(index)) return;
    const url = `${config.server}/${encodeURIComponent(index)}`;
    const body = JSON.stringify({
      settings: { index: { number_of_shards: shards, number_of_replicas: replicas } },
    });
    const headers = { ...(await headersOf('PUT', new URL(url), body, 'application/json')) };
    // 400: somebody has made it meanwhile, or it cannot be, which the document itself will say.
    const isGood = (status: number): boolean => status === 200 || status === 400;
    await postJson(url, body, { headers, isGood, signal, method: 'PUT' });
    // One for each day: old ones are not asked for again.
    made = new Set([...[...made].slice(-50), index]);
  };
  return async ({ sources, event }, signal) => {
    const day = new Date(event.timeMs).toISOString().slice(0, 10);
    const document = JSON.stringify({
      ...event.data,
      '@timestamp': new Date(event.timeMs).toISOString(),
      sources,
    });
    const indices = config.indices.filter((index) =>
      index.sources.some((name) => sources.includes(name)),
    );
    if (indices.length === 0) return;
    for (const index of indices) await ensure(`${index.name}-${day}`, index, signal);
    const lines = indices.flatMap(({ name }) => [
      JSON.stringify({ index: { _index: `${name}-${day}` } }),
      document,
    ]);
    const body = `${lines.join('\n')}\n`;
    const url = `${config.server}/_bulk`;
    const answer = await postJson(url, body, {
      headers: {
        'content-type': 'application/x-ndjson',
        ...(await headersOf('POST', new URL(url), body, 'application/x-ndjson')),
      },
      isGood: (status) => status === 200 || status === 201,
      signal,
    });
    checkItems(answer);
  };
}

/** A bulk request that is taken may still have documents that are not. */
function checkItems(answer: string): void {
  let parsed: {
    errors?: unknown;
    items?: readonly Record<string, { error?: { reason?: string } }>[];
  };
  try {
    parsed = JSON.parse(answer) as typeof parsed;
  } catch {
    return;
  }
  if (parsed.errors !== true) return;
  const reason = parsed.items?.map(({ index }) => index?.error?.reason).find(Boolean);
  throw messageRefused(`Elasticsearch takes no document: ${reason ?? 'no reason is given'}`);
}

type Headers = Readonly<Record<string, string>>;

function authorization(
  { username, password, awsSigning }: ElasticsearchSink,
  { clock, env }: SinkDeps,
): (method: string, url: URL, body: string, contentType: string) => Promise<Headers> {
  if (awsSigning === undefined) {
    if (username === '') return async () => ({});
    const given = Buffer.from(`${username}:${password}`).toString('base64');
    return async () => ({ authorization: `Basic ${given}` });
  }
  const { region, roleArn } = awsSigning;
  const chain = (async () => {
    const { CredentialChain } = await import('#aws-client');
    return new CredentialChain({ clock, env, region, roleArn });
  })();
  return async (method, url, body, contentType) => {
    const { signHeaders } = await import('#sigv4');
    const credentials = await (await chain).get();
    const { host: _host, ...headers } = signHeaders({
      ...{ method, url, body, credentials, region, service: 'es', nowMs: clock.nowMs() },
      headers: { 'content-type': contentType },
    });
    return headers;
  };
}
