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
import { filledIn, messageOf, titleOf } from './settings.ts';

/** Chats: one message for each notification. */
export const chatTypes: readonly IntegrationType[] = [
  {
    type: 'slack',
    name: 'Slack',
    fields: [
      input('recipient', 'Recipient', {
        description: 'Channel, private group or user: needed with a token, optional with a webhook',
      }),
      input('token', 'Token', { ...secretField, description: 'Bot token; or set a webhook URL' }),
      input('url', 'Webhook URL', {
        ...secretField,
        placeholder: 'https://hooks.slack.com/services/…',
      }),
      input('endpointUrl', 'Endpoint URL', {
        placeholder: 'https://slack.com/api/chat.postMessage',
      }),
      input('username', 'Username', { placeholder: 'Grafana' }),
      input('icon_emoji', 'Icon emoji', { placeholder: ':bell:' }),
      input('icon_url', 'Icon URL'),
      input('mentionUsers', 'Mention users', { description: 'Ids, separated by commas' }),
      input('mentionGroups', 'Mention groups', { description: 'Ids, separated by commas' }),
      select('mentionChannel', 'Mention channel', ['', 'here', 'channel']),
      titleField,
      area('text', 'Text body', { placeholder: '{{ template "default.message" . }}' }),
      input('color', 'Color', { placeholder: '#D63232' }),
      input('footer', 'Footer'),
    ],
    receiver: (settings) => [
      [
        'grafana_slack_configs',
        filledIn({
          url: settings.text('url'),
          token: settings.text('token'),
          recipient: settings.text('recipient'),
          endpoint_url: settings.text('endpointUrl'),
          username: settings.text('username'),
          icon_emoji: settings.text('icon_emoji'),
          icon_url: settings.text('icon_url'),
          mention_channel: settings.text('mentionChannel'),
          mention_users: settings.text('mentionUsers'),
          mention_groups: settings.text('mentionGroups'),
          title: settings.text('title'),
          text: settings.text('text'),
          color: settings.text('color'),
          footer: settings.text('footer'),
        }),
      ],
    ],
  },
  {
    type: 'discord',
    name: 'Discord',
    fields: [
      input('url', 'Webhook URL', requiredSecret),
      titleField,
      messageField,
      input('avatar_url', 'Avatar URL'),
      checkbox('use_discord_username', "Use Discord's username"),
    ],
    receiver: (settings) => [
      [
        'discord_configs',
        filledIn({
          webhook_url: settings.required('url'),
          title: titleOf(settings),
          message: messageOf(settings),
          avatar_url: settings.text('avatar_url'),
          username: settings.flag('use_discord_username') ? '' : 'Grafana',
        }),
      ],
    ],
  },
  {
    type: 'teams',
    name: 'Microsoft Teams',
    fields: [input('url', 'URL', requiredSecret), titleField, messageField],
    receiver: (settings) => [
      [
        'msteamsv2_configs',
        {
          webhook_url: settings.required('url'),
          title: titleOf(settings),
          text: messageOf(settings),
        },
      ],
    ],
  },
  {
    type: 'telegram',
    name: 'Telegram',
    fields: [
      input('bottoken', 'BOT API token', requiredSecret),
      input('chatid', 'Chat id', required),
      input('message_thread_id', 'Message thread id'),
      messageField,
      select('parse_mode', 'Parse mode', ['HTML', 'Markdown', 'MarkdownV2', 'None']),
      checkbox('disable_notifications', 'Disable notifications'),
    ],
    receiver: (settings) => {
      const mode = settings.text('parse_mode') || 'HTML';
      return [
        [
          'telegram_configs',
          filledIn({
            bot_token: settings.required('bottoken'),
            chat_id: settings.required('chatid'),
            message_thread_id: settings.text('message_thread_id'),
            message: messageOf(settings),
            parse_mode: mode === 'None' ? undefined : mode,
            disable_notifications: settings.flag('disable_notifications'),
          }),
        ],
      ];
    },
  },
  {
    type: 'googlechat',
    name: 'Google Chat',
    fields: [input('url', 'URL', requiredSecret), titleField, messageField],
    receiver: (settings) => [
      [
        'googlechat_configs',
        {
          webhook_url: settings.required('url'),
          title: titleOf(settings),
          message: messageOf(settings),
        },
      ],
    ],
  },
  {
    type: 'webex',
    name: 'Cisco Webex Teams',
    fields: [
      input('bot_token', 'Bot token', requiredSecret),
      input('room_id', 'Room id', required),
      input('api_url', 'API URL'),
      messageField,
    ],
    receiver: (settings) => [
      [
        'webex_configs',
        filledIn({
          api_url: settings.text('api_url'),
          room_id: settings.required('room_id'),
          message: messageOf(settings),
          http_config: {
            authorization: { type: 'Bearer', credentials: settings.required('bot_token') },
          },
        }),
      ],
    ],
  },
  {
    type: 'mattermost',
    name: 'Mattermost',
    fields: [
      input('url', 'Webhook URL', requiredSecret),
      input('recipient', 'Channel'),
      input('username', 'Username'),
      titleField,
      messageField,
    ],
    receiver: (settings) => [
      [
        'mattermost_configs',
        filledIn({
          webhook_url: settings.required('url'),
          channel: settings.text('recipient'),
          username: settings.text('username'),
          title: titleOf(settings),
          text: messageOf(settings),
        }),
      ],
    ],
  },
  {
    type: 'rocketchat',
    name: 'Rocket.Chat',
    fields: [input('url', 'Webhook URL', requiredSecret), titleField, messageField],
    receiver: (settings) => [
      [
        'rocketchat_configs',
        {
          webhook_url: settings.required('url'),
          title: titleOf(settings),
          text: messageOf(settings),
        },
      ],
    ],
  },
  {
    type: 'matrix',
    name: 'Matrix',
    fields: [
      input('homeserver_url', 'Homeserver URL', required),
      input('access_token', 'Access token', requiredSecret),
      input('room_id', 'Room id', required),
      messageField,
    ],
    receiver: (settings) => [
      [
        'matrix_configs',
        {
          homeserver_url: settings.required('homeserver_url'),
          access_token: settings.required('access_token'),
          room_id: settings.required('room_id'),
          message: messageOf(settings),
        },
      ],
    ],
  },
  {
    type: 'dingding',
    name: 'DingDing',
    fields: [
      input('url', 'URL', requiredSecret),
      input('secret', 'Secret', secretField),
      select('msgType', 'Message type', ['link', 'actionCard', 'markdown', 'text']),
      titleField,
      messageField,
    ],
    receiver: (settings) => [
      [
        'dingtalk_configs',
        filledIn({
          webhook_url: settings.required('url'),
          secret: settings.text('secret'),
          message_type: settings.text('msgType') || 'link',
          title: titleOf(settings),
          message: messageOf(settings),
        }),
      ],
    ],
  },
  {
    type: 'feishu',
    name: 'Feishu',
    fields: [
      input('url', 'Webhook URL', requiredSecret),
      input('secret', 'Secret', secretField),
      titleField,
      messageField,
    ],
    receiver: (settings) => [
      [
        'feishu_configs',
        filledIn({
          webhook_url: settings.required('url'),
          secret: settings.text('secret'),
          title: titleOf(settings),
          message: messageOf(settings),
        }),
      ],
    ],
  },
  {
    type: 'wecom',
    name: 'WeCom',
    fields: [
      input('url', 'Webhook URL', { ...secretField, description: 'Of a group robot' }),
      input('secret', 'Secret', { ...secretField, description: 'Of an app, with the two ids' }),
      input('corp_id', 'Corp id'),
      input('agent_id', 'Agent id'),
      input('touser', 'To user', { placeholder: '@all' }),
      select('msgtype', 'Message type', ['markdown', 'text']),
      titleField,
      messageField,
    ],
    receiver: (settings) => {
      const type = settings.text('msgtype') || 'markdown';
      const content = `${titleOf(settings)}\n${messageOf(settings)}`;
      const url = settings.text('url');
      if (url !== '') {
        return [['webhook_configs', { url, payload: { msgtype: type, [type]: { content } } }]];
      }
      return [
        [
          'wechat_configs',
          {
            api_secret: settings.required('secret'),
            corp_id: settings.required('corp_id'),
            agent_id: settings.required('agent_id'),
            to_user: settings.text('touser') || '@all',
            message_type: type,
            message: content,
          },
        ],
      ];
    },
  },
  {
    type: 'line',
    name: 'LINE',
    fields: [
      input('token', 'Channel access token', requiredSecret),
      input('to', 'To', { ...required, description: 'Id of a user, a group or a room' }),
      titleField,
      area('description', 'Description', { placeholder: '{{ template "default.message" . }}' }),
    ],
    receiver: (settings) => [
      [
        'line_configs',
        {
          channel_token: settings.required('token'),
          to: settings.required('to'),
          message: `${titleOf(settings)}\n${messageOf(settings, 'description')}`,
        },
      ],
    ],
  },
  {
    type: 'threema',
    name: 'Threema Gateway',
    fields: [
      input('gateway_id', 'Gateway id', required),
      input('recipient_id', 'Recipient id', required),
      input('api_secret', 'API secret', requiredSecret),
      titleField,
      area('description', 'Description', { placeholder: '{{ template "default.message" . }}' }),
    ],
    receiver: (settings) => [
      [
        'threema_configs',
        {
          gateway_id: settings.required('gateway_id'),
          recipient_id: settings.required('recipient_id'),
          api_secret: settings.required('api_secret'),
          title: titleOf(settings),
          message: messageOf(settings, 'description'),
        },
      ],
    ],
  },
];
