import { isMap, isNode, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';

const secretKeys: ReadonlySet<string> = new Set([
  'slack_api_url',
  'slack_app_token',
  'app_token',
  'webhook_url',
  'mattermost_webhook_url',
  'routing_key',
  'service_key',
  'api_key',
  'opsgenie_api_key',
  'victorops_api_key',
  'bot_token',
  'telegram_bot_token',
  'rocketchat_token',
  'rocketchat_token_id',
  'auth_password',
  'auth_secret',
  'smtp_auth_password',
  'smtp_auth_secret',
  'wechat_api_secret',
  'api_secret',
  'alert_source_token',
  'access_token',
  'channel_token',
  'integration_key',
  'secret',
  'user_key',
  'token',
  'token_id',
  'secret_key',
  'password',
  'credentials',
  'bearer_token',
  'client_secret',
  'secrets',
  'proxy_connect_header',
]);
/** Secrets only within these sections. */
const secretWithin: readonly (readonly [section: string, key: string])[] = [
  ['webhook_configs', 'url'],
  ['slack_configs', 'api_url'],
  ['incidentio_configs', 'url'],
  ['tls_config', 'key'],
];

/** A configuration for people and programs that may read it: what is secret says `<secret>`. */
export function maskSecrets(text: string): string {
  const document = parseDocument(text, { merge: true });
  if (document.errors.length > 0) return '';
  if (document.contents !== null) mask(document.contents as Node, []);
  // What somebody has left out by a comment is as secret as it was.
  document.comment = null;
  document.commentBefore = null;
  visit(document, (_key, node) => {
    if (!isNode(node)) return;
    node.comment = null;
    node.commentBefore = null;
    if (isScalar(node) && typeof node.value === 'string') {
      node.value = node.value.replace(/(:\/\/[^\s/@:]*:)[^\s/@]+@/g, '$1xxxxx@');
    }
  });
  return document.toString();
}

function mask(node: Node, path: readonly string[]): void {
  if (isSeq(node)) for (const item of node.items) mask(item as Node, path);
  if (!isMap(node)) return;
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const isSecret =
      secretKeys.has(key) ||
      secretWithin.some(([section, name]) => name === key && path.at(-1) === section);
    if (isSecret) hide(pair.value as Node | null);
    else if (pair.value !== null) mask(pair.value as Node, [...path, key]);
  }
}

function hide(node: Node | null): void {
  if (isScalar(node)) node.value = hidden(String(node.value));
  if (isSeq(node)) for (const item of node.items) hide(item as Node);
  if (isMap(node)) for (const { value } of node.items) hide(value as Node | null);
}

/** A URL stays one, or older programs refuse the whole file: its path is what is secret. */
const hidden = (value: string): string =>
  /^https?:/.test(value) && URL.canParse(value) ? `${new URL(value).origin}/hidden` : '<secret>';
