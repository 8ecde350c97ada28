import { meaningOf, type Sayings } from './pattern.ts';

/** Why an image cannot be pulled, in the words of containerd, CRI-O, Docker and their registries. */
const pullSayings: Sayings = [
  // Before "not found", which ends some of these.
  [
    /no match for platform|no matching manifest for (\S+)|no child with platform (\S+)|image operating system .* cannot be used/i,
    'it is not there for the processor of the node ($1$2)',
  ],
  [
    /toomanyrequests|too many requests|rate limit/i,
    'the registry allows no more pulls for now (rate limit)',
  ],
  [
    /lookup (\S+?)(?: on \S+)?: (?:no such host|server misbehaving|i\/o timeout|Temporary failure)|lookup (\S+) on \S+: read udp/i,
    'the name $1$2 cannot be resolved',
  ],
  [
    /x509|certificate (?:signed by unknown|has expired|is valid for)/i,
    "the registry's certificate is not trusted",
  ],
  [/server gave HTTP response to HTTPS client/i, 'the registry speaks HTTP, and HTTPS is wanted'],
  [
    /pull access denied|repository does not exist or may require/i,
    'there is no such repository, or credentials (imagePullSecrets) are missing',
  ],
  [
    /no basic auth|failed to authorize|unauthorized|authentication required|authorization failed|401 Unauthorized/i,
    'the registry wants credentials (imagePullSecrets), or refuses those that it was given',
  ],
  [
    /\bdenied\b|forbidden|403 Forbidden/i,
    'the registry refuses these credentials (imagePullSecrets, or the role of the node)',
  ],
  [/no space left/i, 'the disk of the node is full'],
  [
    /couldn't parse image|invalid reference|repository name must be lowercase|InvalidImageName/i,
    'its name is not valid',
  ],
  [/signature/i, 'its signature is missing or wrong'],
  [
    /manifest unknown|not found|name unknown|does not exist/i,
    'the registry has no such image or tag',
  ],
  [/connection refused/i, 'the registry refuses the connection'],
  [
    /i\/o timeout|deadline exceeded|TLS handshake timeout|Client\.Timeout|no route to host|connection reset|network is unreachable|connection timed out|\bEOF\b|RegistryUnavailable/i,
    'the registry does not answer',
  ],
  [
    /50[0234] |internal server error|bad gateway|service unavailable/i,
    'the registry is broken at the moment',
  ],
  [/pull policy of Never/i, 'it is not on the node, and imagePullPolicy is Never'],
  [/pull QPS exceeded/i, 'the kubelet pulls too much at once, and will try again'],
];

/** Why an image cannot be pulled, from what was said of it; undefined: that does not say. */
export function explainPull(message: string): string | undefined {
  // Names of images are no errors: an image may be called "denied", and its tag 401.
  const said = message.replace(/"[^"]*"/g, '""');
  const meaning = meaningOf(pullSayings, said) ?? meaningOf(pullSayings.slice(0, 3), message);
  return meaning?.replace(' ()', '');
}
