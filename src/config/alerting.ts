import type { AlertingSection, AlertMessagesConfig } from './contract.ts';
import {
  choice,
  duration,
  type Field,
  flag,
  integer,
  optional,
  raw,
  section,
  text,
} from './fields.ts';

export const alerting: Field<AlertingSection> = section<AlertingSection>(
  'Who is told of alerts: the job of Alertmanager.',
  {
    alertmanagerConfig: optional(
      text({
        default: '',
        doc: 'An alertmanager.yml, taken as it is: routes, receivers, inhibition, time intervals and templates. Followed when it changes. Without it and without `alertmanager` alerts are shown, and nobody is told.',
        reloadable: true,
      }),
    ),
    alertmanager: raw({
      doc: 'The keys of an alertmanager.yml, in place of a file of their own.',
      reloadable: true,
    }),
    messages: section<AlertMessagesConfig>(
      'Messages with what helps to act: the value against its threshold, a chart, the last lines of the pod, links. For Slack, e-mail, Teams workflows, Discord, Telegram and Google Chat, where a receiver and its templates say no texts of their own: what you wrote is sent to the letter.',
      {
        enabled: flag({
          default: 'true',
          doc: 'Whether they are made. Without them the default texts of Alertmanager are sent.',
          reloadable: true,
        }),
        picture: flag({
          default: 'true',
          doc: "A chart of the rule's expression. Slack is given it with a token, or by a URL below `server.publicUrl`; mail, Discord and Telegram have it attached; Teams, Google Chat and webhooks of Grafana's form need `server.publicUrl`.",
          reloadable: true,
        }),
        logLines: integer({
          default: '10',
          min: 0,
          max: 100,
          doc: 'Last lines of the pod that an alert names, secrets masked; 0: none.',
          reloadable: true,
        }),
        timeoutMs: duration({
          default: '5s',
          min: '100ms',
          doc: 'Evidence that takes longer is left out.',
          reloadable: true,
        }),
        language: choice(['en', 'ko'], {
          default: 'en',
          doc: 'Of the words around what alerts say themselves.',
          reloadable: true,
        }),
        theme: choice(['light', 'dark'], {
          default: 'light',
          doc: 'Of the chart.',
          reloadable: true,
        }),
        webhookExtras: flag({
          default: 'false',
          doc: 'Adds what was found to the bodies of webhooks, below `nunchi`.',
          reloadable: true,
        }),
      },
    ),
  },
);
