/** Slack's messages: text that cannot become marks, and what a message may have. */
export { codeBlock, escapeMrkdwn, fenced, link, mrkdwn, slackLimits } from './text.ts';
