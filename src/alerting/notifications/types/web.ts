import type { Json } from '../contract.ts';
import { invalid } from '../errors.ts';
import {
  area,
  checkbox,
  type IntegrationType,
  input,
  messageField,
  type ReceiverPart,
  required,
  requiredSecret,
  type SettingField,
  secretField,
  select,
  titleField,
} from './contract.ts';
import {
  defaultMessage,
  defaultTitle,
  filledIn,
  messageOf,
  type Settings,
  titleOf,
} from './settings.ts';

const loginFields: readonly SettingField[] = [
  input('username', 'HTTP basic authentication: username'),
  input('password', 'HTTP basic authentication: password', secretField),
  input('authorization_scheme', 'Authorization header: scheme', { placeholder: 'Bearer' }),
  input('authorization_credentials', 'Authorization header: credentials', secretField),
];

/** How requests show who they are; undefined: they do not. */
function loginOf(settings: Settings): Json | undefined {
  const username = settings.text('username');
  const credentials = settings.text('authorization_credentials');
  if (username !== '' && credentials !== '') {
    throw invalid(
      'both HTTP Basic Authentication and Authorization Header are set, only 1 is permitted',
    );
  }
  const headers = Object.entries(settings.record('headers')).map(
    ([name, value]) => [name, { values: [value] }] as const,
  );
  const login = {
    ...(username === '' ? {} : { basic_auth: { username, password: settings.text('password') } }),
    ...(credentials === ''
      ? {}
      : {
          authorization: { type: settings.text('authorization_scheme') || 'Bearer', credentials },
        }),
    ...(headers.length === 0 ? {} : { http_headers: Object.fromEntries(headers) }),
  };
  return Object.keys(login).length === 0 ? undefined : login;
}

const webhook = (settings: Settings): readonly ReceiverPart[] => [
  [
    'grafana_webhook_configs',
    filledIn({
      url: settings.required('url'),
      http_method: settings.text('httpMethod'),
      max_alerts: settings.text('maxAlerts'),
      title: settings.text('title'),
      message: settings.text('message'),
      http_config: loginOf(settings),
    }),
  ],
];

const webhookFields: readonly SettingField[] = [
  input('url', 'URL', required),
  select('httpMethod', 'HTTP method', ['POST', 'PUT']),
  ...loginFields,
  { name: 'headers', label: 'Headers', element: 'key_value_map' },
  input('maxAlerts', 'Max alerts', { description: '0: all of them' }),
  titleField,
  messageField,
];

/** A list of alerts as Alertmanager's API takes them. */
const alertsPayload = [
  '[{{ range $at, $alert := .Alerts }}{{ if $at }},{{ end }}',
  '{"labels":{{ toJson .Labels }},"annotations":{{ toJson .Annotations }},',
  '"startsAt":{{ toJson .StartsAt }},"endsAt":{{ toJson .EndsAt }},',
  '"generatorURL":{{ toJson .GeneratorURL }}}{{ end }}]',
].join('');

/** Mails, hooks and services of the cloud. */
export const webTypes: readonly IntegrationType[] = [
  {
    type: 'email',
    name: 'Email',
    fields: [
      area('addresses', 'Addresses', {
        ...required,
        description: 'Separated by ; , or a line break',
      }),
      checkbox('singleEmail', 'Single email', { description: 'One mail to all addresses' }),
      area('message', 'Message', { description: 'Text beside the default mail' }),
      input('subject', 'Subject', { placeholder: defaultTitle }),
    ],
    receiver: (settings) => {
      const addresses = settings
        .required('addresses')
        .split(/[;,\n]/)
        .map((one) => one.trim())
        .filter(Boolean);
      const mails = settings.flag('singleEmail') ? [addresses.join(', ')] : addresses;
      return mails.map((to) => [
        'email_configs',
        filledIn({
          to,
          text: settings.text('message') || defaultMessage,
          headers: { Subject: settings.text('subject') || defaultTitle },
        }),
      ]);
    },
  },
  { type: 'webhook', name: 'Webhook', fields: webhookFields, receiver: webhook },
  { type: 'oncall', name: 'Grafana OnCall', fields: webhookFields, receiver: webhook },
  {
    type: 'prometheus-alertmanager',
    name: 'Alertmanager',
    fields: [
      input('url', 'URL', { ...required, placeholder: 'http://localhost:9093' }),
      input('basicAuthUser', 'Basic auth user'),
      input('basicAuthPassword', 'Basic auth password', secretField),
    ],
    receiver: (settings) => {
      const username = settings.text('basicAuthUser');
      const password = settings.text('basicAuthPassword');
      return settings
        .required('url')
        .split(',')
        .map((url) => [
          'webhook_configs',
          filledIn({
            url: `${url.trim().replace(/\/(api\/v[12]\/alerts)?\/?$/, '')}/api/v2/alerts`,
            payload: alertsPayload,
            http_config: username === '' ? undefined : { basic_auth: { username, password } },
          }),
        ]);
    },
  },
  {
    type: 'kafka',
    name: 'Kafka REST Proxy',
    fields: [
      input('kafkaRestProxy', 'Kafka REST Proxy', required),
      input('kafkaTopic', 'Topic', required),
      select('apiVersion', 'API version', ['v2', 'v3']),
      input('kafkaClusterId', 'Cluster id', { description: 'Of version v3' }),
      input('username', 'Username'),
      input('password', 'Password', secretField),
      input('description', 'Description', { placeholder: defaultTitle }),
      area('details', 'Details', { placeholder: defaultMessage }),
    ],
    receiver: (settings) => [
      [
        'kafka_configs',
        filledIn({
          rest_proxy: settings.required('kafkaRestProxy'),
          topic: settings.required('kafkaTopic'),
          api_version: settings.text('apiVersion'),
          cluster_id: settings.text('kafkaClusterId'),
          description: settings.text('description'),
          details: settings.text('details'),
          http_config: loginOf(settings),
        }),
      ],
    ],
  },
  {
    type: 'sns',
    name: 'AWS SNS',
    fields: [
      input('api_url', 'API URL'),
      input('sigv4.region', 'Region'),
      input('sigv4.access_key', 'Access key', secretField),
      input('sigv4.secret_key', 'Secret key', secretField),
      input('sigv4.profile', 'Profile'),
      input('sigv4.role_arn', 'Role ARN'),
      input('topic_arn', 'SNS topic ARN'),
      input('phone_number', 'Phone number'),
      input('target_arn', 'Target ARN'),
      input('subject', 'Subject', { placeholder: defaultTitle }),
      messageField,
      { name: 'attributes', label: 'Attributes', element: 'key_value_map' },
    ],
    receiver: (settings) => {
      const sigv4 = settings.section('sigv4');
      return [
        [
          'sns_configs',
          filledIn({
            api_url: settings.text('api_url'),
            sigv4: filledIn({
              region: sigv4.text('region'),
              access_key: sigv4.text('access_key'),
              secret_key: sigv4.text('secret_key'),
              profile: sigv4.text('profile'),
              role_arn: sigv4.text('role_arn'),
            }),
            topic_arn: settings.text('topic_arn'),
            phone_number: settings.text('phone_number'),
            target_arn: settings.text('target_arn'),
            subject: titleOf(settings, 'subject'),
            message: messageOf(settings),
            attributes: settings.record('attributes'),
          }),
        ],
      ];
    },
  },
  {
    type: 'sensugo',
    name: 'Sensu Go',
    fields: [
      input('url', 'Backend URL', required),
      input('apikey', 'API key', requiredSecret),
      input('entity', 'Proxy entity name'),
      input('check', 'Check name'),
      input('handler', 'Handler'),
      input('namespace', 'Namespace', { placeholder: 'default' }),
    ],
    receiver: (settings) => {
      const namespace = settings.text('namespace') || 'default';
      const handler = settings.text('handler');
      return [
        [
          'webhook_configs',
          {
            url: `${settings.required('url').replace(/\/$/, '')}/api/core/v2/namespaces/${encodeURIComponent(namespace)}/events`,
            payload: sensuEvent(settings, namespace, handler),
            http_config: {
              authorization: { type: 'Key', credentials: settings.required('apikey') },
            },
          },
        ],
      ];
    },
  },
];

/** Status of a check is a number, which only a body that is a text can have. */
function sensuEvent(settings: Settings, namespace: string, handler: string): string {
  const meta = (name: string): string => JSON.stringify({ name, namespace });
  const handlers = JSON.stringify(handler === '' ? [] : [handler]);
  return [
    `{"entity":{"metadata":${meta(settings.text('entity') || 'default')}},`,
    `"check":{"metadata":${meta(settings.text('check') || 'default')},`,
    '"output":{{ toJson (join " " .GroupLabels.SortedPairs.Values) }},',
    `"status":{{ if eq .Status "firing" }}2{{ else }}0{{ end }},"interval":86400,`,
    `"handlers":${handlers}}}`,
  ].join('');
}
