import { createHttpClient, type HttpClientDeps } from '#metrics/http';
import type { Integration, IntegrationKind, IntegrationOf } from '../config/integrations.ts';
import type { MessageMaker } from '../messages/contract.ts';
import type { TemplateSet } from '../template/template-set.ts';
import type { Sender, SenderDeps } from './contract.ts';
import { httpSender } from './http-sender.ts';
import { hasOwnTexts } from './own-texts.ts';
import { receiverKinds } from './registry.ts';

export interface OpenDeps extends HttpClientDeps {
  readonly messages?: MessageMaker | undefined;
}

/** What carries an integration out. */
export function openSender(
  integration: Integration,
  templates: TemplateSet,
  deps: OpenDeps,
): Sender {
  const client = createHttpClient(integration.config.httpConfig, deps);
  const { clock, env } = deps;
  const messages = hasOwnTexts(integration, templates) ? undefined : deps.messages;
  const http = httpSender(client, clock);
  const sender = opened(integration, { templates, http, clock, env, messages });
  return {
    send: sender.send,
    [Symbol.dispose]: () => {
      sender[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

function opened<K extends IntegrationKind>(
  { kind, config }: IntegrationOf<K>,
  deps: SenderDeps,
): Sender {
  return receiverKinds[kind].open(config, deps);
}
