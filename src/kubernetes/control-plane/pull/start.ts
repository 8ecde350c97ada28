import { type AwsSender, awsDomain, CredentialChain, LogsClient } from '#aws-client';
import type { Clock, Logger, MetricsRegistry } from '#base';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';
import { ControlPlanePuller, type PullOptions } from './puller.ts';

export interface PullSource extends PullOptions {
  /** `https://logs.REGION.amazonaws.com` unless given. */
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface PullStartDeps {
  readonly store: Pick<LogStore, 'append' | 'storedUpTo'>;
  readonly state: Pick<StateStore, 'collection'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly userAgent: string;
}

/** A page of FilterLogEvents is 1 MB of events, as JSON at most six times that. */
const maxAnswerBytes = 16 * 1024 * 1024;

const sender: AwsSender = {
  send: async ({ method, url, headers, body, signal }) => {
    // fetch makes the header itself, and of the same.
    const { host: _, ...sent } = headers as Record<string, string>;
    const response = await fetch(url, { method, headers: sent, body, signal });
    let text = '';
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (text.length > maxAnswerBytes) throw new Error(`An answer of ${url.host} is too large`);
    }
    return { status: response.status, text };
  },
};

/** Starts to copy; ends when it is disposed of. */
export function startPulling(
  sources: readonly PullSource[],
  { env, userAgent, ...deps }: PullStartDeps,
): AsyncDisposable {
  const stopping = new AbortController();
  const pullers = sources.map((source) => {
    const { region, endpoint, profile, roleArn, externalId } = source;
    const url = new URL(endpoint ?? `https://logs.${region}.${awsDomain(region)}`);
    const credentials = new CredentialChain({
      ...{ env, clock: deps.clock, region, profile, roleArn, externalId },
      stsEndpoint: env['AWS_ENDPOINT_URL_STS'],
    });
    const options = { url, region, userAgent, logFormat: undefined };
    const client = new LogsClient(options, sender, credentials, deps.clock);
    return { source, puller: new ControlPlanePuller(source, { ...deps, client }) };
  });
  deps.metrics.collected(
    'nunchi_control_plane_pull_lag_seconds',
    'How far the copy is behind CloudWatch Logs, by cluster',
    'gauge',
    () =>
      pullers
        .filter(({ puller }) => !Number.isNaN(puller.lagSeconds))
        .map(({ source, puller }) => ({
          labels: { cluster: source.cluster },
          value: puller.lagSeconds,
        })),
  );
  const running = Promise.all(pullers.map(({ puller }) => puller.run(stopping.signal)));
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}
