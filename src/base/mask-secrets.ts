const mask = '••••';

/** Names of what holds a secret. */
const names =
  'password|passwd|pwd|passphrase|[_-]pass|[_-]pw|secret|token|credentials?|authorization|cookie|' +
  '(?:api|access|private|encryption|signing|session|master|account|storage)[_-]?key';
const notAValue = '(?!\\d+ bytes|<set to )';

/** What looks like a secret, and what stands in its place. All run in linear time. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // A key over several lines, or the first line of one.
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]{0,30}PRIVATE KEY-----|.*)/g,
    `-----BEGIN PRIVATE KEY----- ${mask}`,
  ],
  // scheme://user:password@host
  [/(\b[a-z][\w+.-]{0,20}:\/\/[^\s/:@]{0,100}:)[^\s@/]{1,200}(?=@)/gi, `$1${mask}`],
  [/\b(Bearer|Basic)\s+[\w~+/.=-]{8,}/gi, `$1 ${mask}`],
  // JSON web tokens
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, mask],
  // Access keys of AWS, tokens of GitHub, Slack, Stripe and others that say what they are
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, mask],
  [/\bgh[pousr]_\w{20,}/g, mask],
  [/\bxox[abeoprs]-[\w-]{8,}/g, mask],
  [/\b(?:sk|rk|pk)_(?:live|test)_\w{8,}/g, mask],
  [/\bsk-[\w-]{20,}/g, mask],
  [/hooks\.slack\.com\/services\/[\w/]+/g, `hooks.slack.com/services/${mask}`],
  // Environment of a container in YAML and JSON: name and value are entries of their own.
  [
    new RegExp(
      `(\\bname\\\\{0,3}["']?:\\s{0,3}\\\\{0,3}["']?[\\w.-]{0,80}(?:${names})[\\w.-]{0,80}\\\\{0,3}["']?,?\\s{0,200}\\\\{0,3}["']?value\\\\{0,3}["']?:[ \\t]{0,3})(?:"(?:[^"\\\\\\n]|\\\\.){1,2000}"|[^\\n]{1,2000})`,
      'gi',
    ),
    `$1${mask}`,
  ],
  // password=…, "apiKey": "…", X-Api-Key: …; in columns too, as `kubectl describe` has it. Sizes and where
  // a value comes from are no secrets.
  [
    new RegExp(
      `((?:${names})["']?\\s{0,3}[:=]\\s{0,3}(?:[ \\t]{0,200}))${notAValue}(?:"[^"\\n]{1,500}"|'[^'\\n]{1,500}'|[^\\s,;&"'}\\]]{1,500})`,
      'gi',
    ),
    `$1${mask}`,
  ],
  // DB_PASSWORD_PROD=…, as variables of an environment are called.
  [
    new RegExp(
      `(\\b[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIALS?)_[A-Z0-9_]{1,60}["']?\\s{0,3}[:=][ \\t]{0,200})${notAValue}(?:"[^"\\n]{1,500}"|'[^'\\n]{1,500}'|[^\\s,;&"'}\\]]{1,500})`,
      'g',
    ),
    `$1${mask}`,
  ],
];

/** A text without what looks like a password, a token or a key. Rather too much than too little. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
  return masked;
}
