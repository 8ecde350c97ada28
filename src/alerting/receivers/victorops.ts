import {
  type Field,
  optional,
  path,
  record,
  type Secret,
  secret,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { statusOf } from '../template/data.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated } from './texts.ts';

const maxMessageChars = 20_480;
const firingTypes: ReadonlySet<string> = new Set(['INFO', 'WARNING', 'CRITICAL']);
const reservedFields = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
];

export interface VictorOpsConfig extends CommonFields {
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string | undefined;
  readonly apiUrl: string;
  readonly routingKey: string;
  readonly messageType: string;
  readonly stateMessage: string;
  readonly entityDisplayName: string;
  readonly monitoringTool: string;
  readonly customFields: Readonly<Record<string, string>>;
}

export const victorops: Field<VictorOpsConfig> = section<VictorOpsConfig>(
  {
    ...common(true),
    apiKey: secret,
    apiKeyFile: optional(path),
    apiUrl: text(),
    routingKey: text(),
    messageType: text('CRITICAL'),
    stateMessage: text('{{ template "victorops.default.state_message" . }}'),
    entityDisplayName: text('{{ template "victorops.default.entity_display_name" . }}'),
    monitoringTool: text('{{ template "victorops.default.monitoring_tool" . }}'),
    customFields: record(text()),
  },
  ({ routingKey, apiKey, apiKeyFile, customFields }) => {
    if (routingKey === '') return 'missing Routing key in VictorOps config';
    const taken = reservedFields.find((name) => Object.hasOwn(customFields, name));
    return taken === undefined
      ? fileProblem('api_key', [apiKey, apiKeyFile])
      : `custom field ${taken} cannot be used: it is one of the message's own fields`;
  },
);

/** VictorOps, now Splunk On-Call: its generic REST endpoint. */
export function victorOpsSender(config: VictorOpsConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const key = await revealed(config.apiKey, config.apiKeyFile, 'VictorOps API key');
    const wanted = text(config.messageType);
    const firingType = firingTypes.has(wanted) ? wanted : 'CRITICAL';
    const custom = Object.entries(config.customFields).map(([name, value]) => [name, text(value)]);
    const body = {
      message_type: statusOf(notification.alerts) === 'firing' ? firingType : 'RECOVERY',
      entity_id: groupHash(notification.groupKey),
      entity_display_name: text(config.entityDisplayName),
      state_message: truncated(text(config.stateMessage), maxMessageChars),
      monitoring_tool: text(config.monitoringTool),
      ...Object.fromEntries(custom),
    };
    const url = `${config.apiUrl}${key}/${encodeURIComponent(text(config.routingKey))}`;
    await http.post({ url, body, signal });
    return undefined;
  });
}
