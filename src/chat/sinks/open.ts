import type { SinkConfig } from '../config/contract.ts';
import type { SendTold, SinkDeps } from './contract.ts';
import { elasticsearchSender } from './elasticsearch.ts';
import { pagerDutySender } from './pagerduty.ts';
import { webhookSender } from './webhook.ts';

/** Where events go besides chats. */
export function openSink(config: SinkConfig, deps: SinkDeps): SendTold {
  switch (config.kind) {
    case 'webhook':
      return webhookSender(config);
    case 'elasticsearch':
      return elasticsearchSender(config, deps);
    case 'pagerDuty':
      return pagerDutySender(config, deps.clusterName);
  }
}
