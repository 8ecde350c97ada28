import type { Clock, Logger, MetricsRegistry } from '#base';
import { defaultHttpClient } from '#metrics/config';
import { createHttpClient } from '#metrics/http';
import type { StateStore } from '#state';
import type { ProviderConfig, WatchConfig } from '../config/contract.ts';
import type { Teller } from './contract.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.ts';
import { emailTeller } from './email-teller.ts';
import { httpTeller } from './http-teller.ts';
import { type Delivery, Outbox, type OutboxEntry } from './outbox.ts';
import { type SlackRoot, slackTokenTeller } from './slack-token-teller.ts';

export interface OutboxesDeps {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Whether a bot with this token answers buttons. */
  readonly isAnswered: (token: string) => boolean;
  readonly pictureOf: (id: string) => Promise<Buffer | undefined>;
  readonly onDelivery: (incidentId: string, delivery: Delivery) => void;
}

export interface OpenedOutbox {
  readonly outbox: Outbox;
  readonly provider: ProviderConfig;
}

export interface OpenedOutboxes {
  readonly outboxes: readonly OpenedOutbox[];
  readonly deadLetters: DeadLetters;
}

/** One for each provider, with what waited for it when the program ended. Nothing is told before `start`. */
export async function openOutboxes(
  config: WatchConfig,
  deps: OutboxesDeps,
  parts: AsyncDisposableStack,
): Promise<OpenedOutboxes> {
  const { state, clock, log, metrics, pictureOf, onDelivery } = deps;
  const entries = state.collection<OutboxEntry>('watch-outbox');
  const threads = state.collection<string>('watch-threads');
  const deadLetters = await DeadLetters.open(state.collection<DeadLetter>('watch-dead-letters'));
  const outboxes: OpenedOutbox[] = [];
  const counts = new Map<string, number>();
  for (const provider of config.providers) {
    // The same kind twice: the order in the file tells them apart.
    const count = counts.get(provider.type) ?? 0;
    counts.set(provider.type, count + 1);
    const name = count === 0 ? provider.type : `${provider.type}-${count + 1}`;
    const teller = openTeller(provider, config, { ...deps, name }, parts);
    const { retry, fallback } = provider;
    const outbox = await Outbox.open(name, teller, {
      ...{ clock, log, metrics, entries, threads, deadLetters, retry, pictureOf, onDelivery },
      ...(fallback === undefined
        ? {}
        : {
            fallback: async (message) => {
              const other = outboxes.find((one) => one.provider.type === fallback);
              await other?.outbox.add(message);
            },
          }),
    });
    outboxes.push({ outbox: parts.use(outbox), provider });
  }
  return { outboxes, deadLetters };
}

function openTeller(
  provider: ProviderConfig,
  { proxyUrl, tls }: WatchConfig,
  { clock, env, version, state, isAnswered, name }: OutboxesDeps & { readonly name: string },
  parts: AsyncDisposableStack,
): Teller {
  if (provider.type === 'email') return emailTeller(provider);
  const base = defaultHttpClient;
  const isPlain = !tls.insecureSkipVerify && tls.caFile === undefined;
  const client = createHttpClient(
    {
      ...base,
      ...(proxyUrl === '' ? {} : { proxyUrl }),
      ...(isPlain ? {} : { tlsConfig: { ...noTls, ...tls } }),
    },
    { clock, env, version },
  );
  parts.use(client);
  // A hook and a token may both be given: the token can do more.
  const { token, channel } = provider.settings;
  if (provider.type === 'slack' && token !== undefined && channel !== undefined) {
    const roots = state.collection<SlackRoot>(`watch-roots-${name}`);
    return slackTokenTeller(provider, client, { roots, isAnswered });
  }
  return httpTeller(provider, client, () => clock.nowMs());
}

const noTls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  certFile: undefined,
  keyFile: undefined,
  serverName: undefined,
  minVersion: undefined,
  maxVersion: undefined,
};
