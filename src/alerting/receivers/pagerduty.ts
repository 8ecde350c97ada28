import type { PagerdutyConfig } from '../config/more-receiver-fields.ts';
import { statusOf } from '../template/data.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxSummaryChars = 1024;
/** PagerDuty refuses larger events. */
const maxEventBytes = 512_000;

const defaultDetails: Readonly<Record<string, string>> = {
  firing: '{{ template "pagerduty.default.instances" .Alerts.Firing }}',
  resolved: '{{ template "pagerduty.default.instances" .Alerts.Resolved }}',
  num_firing: '{{ .Alerts.Firing | len }}',
  num_resolved: '{{ .Alerts.Resolved | len }}',
};

/** Events API v2: one incident for each group. */
export function pagerdutySender(config: PagerdutyConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const key = await revealed(config.routingKey, config.routingKeyFile, 'PagerDuty routing key');
    const client = text(config.client);
    const details = Object.fromEntries(
      Object.entries({ ...defaultDetails, ...config.details }).map(([name, value]) => [
        name,
        text(value),
      ]),
    );
    const images = config.images
      .map((one) => withoutBlank({ src: text(one.src), alt: text(one.alt), href: text(one.href) }))
      .filter(({ src }) => src !== undefined);
    const links = config.links
      .map((one) => withoutBlank({ href: text(one.href), text: text(one.text) }))
      .filter(({ href }) => href !== undefined);
    const event = {
      routing_key: text(key),
      dedup_key: groupHash(notification.groupKey),
      event_action: statusOf(notification.alerts) === 'firing' ? 'trigger' : 'resolve',
      payload: {
        summary: truncated(text(config.description), maxSummaryChars),
        source: text(config.source) || client,
        severity: text(config.severity) || 'error',
        ...withoutBlank({
          class: text(config.class),
          component: text(config.component),
          group: text(config.group),
        }),
        custom_details: details,
      },
      ...withoutBlank({ client, client_url: text(config.clientUrl) }),
      ...(images.length === 0 ? {} : { images }),
      ...(links.length === 0 ? {} : { links }),
    };
    const body = JSON.stringify(event);
    const isTooLarge = Buffer.byteLength(body) > maxEventBytes;
    const short = { error: 'The details are left out: they are larger than PagerDuty allows' };
    await http.post({
      url: config.url,
      body: isTooLarge ? { ...event, payload: { ...event.payload, custom_details: short } } : body,
      timeoutMs: config.timeoutMs,
      signal,
    });
    return undefined;
  });
}
