import { choice, duration, type Field, section, text } from '#metrics/config';
import { type CommonFields, common } from '../config/common-fields.ts';
import type { Notification } from '../contract.ts';
import { statusOf } from '../template/data.ts';
import { type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { textsFor } from './texts.ts';

/** A topic of Kafka, through a REST proxy. */
export interface KafkaConfig extends CommonFields {
  readonly restProxy: string;
  readonly topic: string;
  readonly apiVersion: 'v2' | 'v3';
  /** Of version 3. */
  readonly clusterId: string;
  readonly description: string;
  readonly details: string;
  readonly timeoutMs: number;
}

export const kafka: Field<KafkaConfig> = section<KafkaConfig>(
  {
    ...common(true),
    restProxy: text(),
    topic: text(),
    apiVersion: choice(['v2', 'v3'], 'v2'),
    clusterId: text(),
    description: text('{{ template "default.title" . }}'),
    details: text('{{ template "default.message" . }}'),
    timeoutMs: duration(0),
  },
  ({ restProxy, topic, apiVersion, clusterId }) => {
    if (!URL.canParse(restProxy)) return 'rest_proxy must be a URL';
    if (topic === '') return 'missing topic in kafka_config';
    return apiVersion === 'v3' && clusterId === ''
      ? 'kafka cluster id must be provided when using api version v3'
      : undefined;
  },
);

export function kafkaSender(config: KafkaConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { restProxy, topic, apiVersion, clusterId, timeoutMs } = config;
    const value = kafkaValue(config, notification, textsFor(templates, notification));
    const base = restProxy.replace(/\/$/, '');
    const at = encodeURIComponent;
    if (apiVersion === 'v3') {
      const url = `${base}/v3/clusters/${at(clusterId)}/topics/${at(topic)}/records`;
      await http.post({ url, body: { value: { type: 'JSON', data: value } }, timeoutMs, signal });
    } else {
      await http.post({
        url: `${base}/topics/${at(topic)}`,
        body: { records: [{ value }] },
        headers: {
          'content-type': 'application/vnd.kafka.json.v2+json',
          accept: 'application/vnd.kafka.v2+json',
        },
        timeoutMs,
        signal,
      });
    }
    return undefined;
  });
}

/** What a consumer of the topic reads. */
const kafkaValue = (
  { description, details }: KafkaConfig,
  notification: Notification,
  texts: Texts,
): Readonly<Record<string, unknown>> => ({
  alert_state: statusOf(notification.alerts) === 'firing' ? 'alerting' : 'ok',
  client: 'Grafana',
  client_url: `${notification.externalUrl}/alerting/list`,
  description: texts.text(description),
  details: texts.text(details),
  incident_key: groupHash(notification.groupKey),
});
