import { invalid } from '../errors.ts';
import {
  area,
  checkbox,
  type IntegrationType,
  input,
  messageField,
  required,
  requiredSecret,
  secretField,
  select,
  titleField,
} from './contract.ts';
import { defaultMessage, defaultTitle, filledIn, messageOf, titleOf } from './settings.ts';

/** Services that keep incidents until they are closed. */
export const incidentTypes: readonly IntegrationType[] = [
  {
    type: 'pagerduty',
    name: 'PagerDuty',
    fields: [
      input('integrationKey', 'Integration key', requiredSecret),
      select('severity', 'Severity', ['critical', 'error', 'warning', 'info']),
      input('class', 'Class'),
      input('component', 'Component'),
      input('group', 'Group'),
      area('summary', 'Summary', { placeholder: defaultTitle }),
      input('source', 'Source'),
      input('client', 'Client'),
      input('client_url', 'Client URL'),
      { name: 'details', label: 'Details', element: 'key_value_map' },
      input('url', 'URL', { placeholder: 'https://events.pagerduty.com/v2/enqueue' }),
    ],
    receiver: (settings) => [
      [
        'pagerduty_configs',
        filledIn({
          routing_key: settings.required('integrationKey'),
          severity: settings.text('severity') || 'critical',
          class: settings.text('class') || 'default',
          component: settings.text('component') || 'Grafana',
          group: settings.text('group') || 'default',
          description: titleOf(settings, 'summary'),
          source: settings.text('source'),
          client: settings.text('client') || 'Grafana',
          client_url: settings.text('client_url'),
          details: settings.record('details'),
          url: settings.text('url'),
        }),
      ],
    ],
  },
  {
    type: 'opsgenie',
    name: 'OpsGenie',
    fields: [
      input('apiKey', 'API key', requiredSecret),
      input('apiUrl', 'Alert API URL', { placeholder: 'https://api.opsgenie.com/v2/alerts' }),
      input('message', 'Message', { placeholder: defaultTitle }),
      area('description', 'Description', { placeholder: defaultMessage }),
      checkbox('autoClose', 'Auto close incidents'),
    ],
    receiver: (settings) => [
      [
        'opsgenie_configs',
        filledIn({
          api_key: settings.required('apiKey'),
          api_url: settings.text('apiUrl').replace(/v2\/alerts\/?$/, ''),
          message: titleOf(settings),
          description: messageOf(settings, 'description'),
          priority: '{{ .CommonLabels.og_priority }}',
        }),
      ],
    ],
  },
  {
    type: 'victorops',
    name: 'VictorOps',
    fields: [
      input('url', 'URL', requiredSecret),
      select('messageType', 'Message type', ['CRITICAL', 'WARNING']),
      titleField,
      area('description', 'Description', { placeholder: defaultMessage }),
    ],
    receiver: (settings) => {
      const url = settings.required('url');
      const parts = /^(.*\/)([^/]+)\/([^/]+)\/?$/.exec(url);
      if (parts === null) throw invalid('url must end with the API key and the routing key');
      const [, base = '', apiKey = '', routingKey = ''] = parts;
      return [
        [
          'victorops_configs',
          {
            api_url: base,
            api_key: apiKey,
            routing_key: decodeURIComponent(routingKey),
            message_type: settings.text('messageType') || 'CRITICAL',
            entity_display_name: titleOf(settings),
            state_message: messageOf(settings, 'description'),
          },
        ],
      ];
    },
  },
  {
    type: 'pushover',
    name: 'Pushover',
    fields: [
      input('apiToken', 'API token', requiredSecret),
      input('userKey', 'User key(s)', requiredSecret),
      input('device', 'Device(s)'),
      select('priority', 'Alerting priority', ['2', '1', '0', '-1', '-2']),
      select('okPriority', 'OK priority', ['2', '1', '0', '-1', '-2']),
      input('retry', 'Retry', { description: 'Seconds' }),
      input('expire', 'Expire', { description: 'Seconds' }),
      input('sound', 'Sound'),
      titleField,
      messageField,
    ],
    receiver: (settings) => {
      const priority = (name: string): number => settings.number(name) ?? 0;
      const seconds = (name: string): string | undefined => {
        const value = settings.number(name);
        return value === undefined ? undefined : `${value}s`;
      };
      return [
        [
          'pushover_configs',
          filledIn({
            token: settings.required('apiToken'),
            user_key: settings.required('userKey'),
            device: settings.text('device'),
            sound: settings.text('sound'),
            priority: `{{ if eq .Status "firing" }}${priority('priority')}{{ else }}${priority('okPriority')}{{ end }}`,
            retry: seconds('retry'),
            expire: seconds('expire'),
            title: titleOf(settings),
            message: messageOf(settings),
          }),
        ],
      ];
    },
  },
  {
    type: 'jira',
    name: 'Jira',
    fields: [
      input('api_url', 'API URL', required),
      input('user', 'User'),
      input('password', 'Password', secretField),
      input('api_token', 'API token', secretField),
      input('project', 'Project key', required),
      input('issue_type', 'Issue type', required),
      input('summary', 'Summary', { placeholder: defaultTitle }),
      area('description', 'Description', { placeholder: defaultMessage }),
      input('priority', 'Priority'),
      input('resolve_transition', 'Resolve transition'),
      input('reopen_transition', 'Reopen transition'),
      input('reopen_duration', 'Reopen duration'),
    ],
    receiver: (settings) => {
      const user = settings.text('user');
      const token = settings.text('api_token');
      const http_config =
        user !== ''
          ? { basic_auth: { username: user, password: settings.text('password') } }
          : token !== ''
            ? { authorization: { type: 'Bearer', credentials: token } }
            : undefined;
      return [
        [
          'jira_configs',
          filledIn({
            api_url: settings.required('api_url'),
            project: settings.required('project'),
            issue_type: settings.required('issue_type'),
            summary: titleOf(settings, 'summary'),
            description: messageOf(settings, 'description'),
            priority: settings.text('priority'),
            resolve_transition: settings.text('resolve_transition'),
            reopen_transition: settings.text('reopen_transition'),
            reopen_duration: settings.text('reopen_duration'),
            http_config,
          }),
        ],
      ];
    },
  },
  {
    type: 'zenduty',
    name: 'Zenduty',
    fields: [
      input('integrationKey', 'Integration key', requiredSecret),
      select('alertType', 'Alert type', ['critical', 'error', 'warning', 'info']),
      titleField,
      messageField,
    ],
    receiver: (settings) => [
      [
        'zenduty_configs',
        filledIn({
          integration_key: settings.required('integrationKey'),
          alert_type: settings.text('alertType'),
          message: titleOf(settings),
          summary: messageOf(settings),
        }),
      ],
    ],
  },
];
