import type { Phrase } from './language.ts';
import { meaningOf, type Sayings, sayings } from './pattern.ts';

export const pullWords = {
  otherProcessor: {
    en: 'it is not there for the processor of the node ($1$2)',
    ko: '노드의 CPU 아키텍처용 이미지가 없어요 ($1$2)',
  },
  rateLimit: {
    en: 'the registry allows no more pulls for now (rate limit)',
    ko: '레지스트리의 풀 횟수 제한에 걸렸어요 (rate limit)',
  },
  noName: { en: 'the name $1$2 cannot be resolved', ko: '$1$2 이름을 DNS로 찾지 못해요' },
  untrusted: {
    en: "the registry's certificate is not trusted",
    ko: '레지스트리 인증서를 신뢰할 수 없어요',
  },
  plainHttp: {
    en: 'the registry speaks HTTP, and HTTPS is wanted',
    ko: '레지스트리는 HTTP인데 HTTPS로 접속했어요',
  },
  noRepository: {
    en: 'there is no such repository, or credentials (imagePullSecrets) are missing',
    ko: '없는 저장소이거나 인증 정보(imagePullSecrets)가 없어요',
  },
  wantsCredentials: {
    en: 'the registry wants credentials (imagePullSecrets), or refuses those that it was given',
    ko: '레지스트리가 인증 정보(imagePullSecrets)를 요구하거나, 보낸 인증 정보를 거부했어요',
  },
  refusesCredentials: {
    en: 'the registry refuses these credentials (imagePullSecrets, or the role of the node)',
    ko: '레지스트리가 이 권한을 거부했어요 (imagePullSecrets 또는 노드의 IAM 역할)',
  },
  diskFull: { en: 'the disk of the node is full', ko: '노드의 디스크가 가득 찼어요' },
  badName: { en: 'its name is not valid', ko: '이미지 이름이 올바르지 않아요' },
  signature: { en: 'its signature is missing or wrong', ko: '서명이 없거나 맞지 않아요' },
  noImage: {
    en: 'the registry has no such image or tag',
    ko: '레지스트리에 그런 이미지나 태그가 없어요',
  },
  refusesConnection: {
    en: 'the registry refuses the connection',
    ko: '레지스트리가 연결을 거부해요 (connection refused)',
  },
  noAnswer: { en: 'the registry does not answer', ko: '레지스트리가 응답하지 않아요' },
  broken: {
    en: 'the registry is broken at the moment',
    ko: '레지스트리에 장애가 있어요 (5xx)',
  },
  neverPull: {
    en: 'it is not on the node, and imagePullPolicy is Never',
    ko: '노드에 이미지가 없고 imagePullPolicy가 Never예요',
  },
  tooMany: {
    en: 'the kubelet pulls too much at once, and will try again',
    ko: 'kubelet이 한꺼번에 너무 많이 받고 있어요. 곧 다시 시도해요',
  },
} as const;

/** Why an image cannot be pulled, in the words of containerd, CRI-O, Docker and their registries. */
const pullSayings: Sayings = sayings(pullWords, [
  // Before "not found", which ends some of these.
  [
    /no match for platform|no matching manifest for (\S+)|no child with platform (\S+)|image operating system .* cannot be used/i,
    'otherProcessor',
  ],
  [/toomanyrequests|too many requests|rate limit/i, 'rateLimit'],
  [
    /lookup (\S+?)(?: on \S+)?: (?:no such host|server misbehaving|i\/o timeout|Temporary failure)|lookup (\S+) on \S+: read udp/i,
    'noName',
  ],
  [/x509|certificate (?:signed by unknown|has expired|is valid for)/i, 'untrusted'],
  [/server gave HTTP response to HTTPS client/i, 'plainHttp'],
  [/pull access denied|repository does not exist or may require/i, 'noRepository'],
  [
    /no basic auth|failed to authorize|unauthorized|authentication required|authorization failed|401 Unauthorized/i,
    'wantsCredentials',
  ],
  [/\bdenied\b|forbidden|403 Forbidden/i, 'refusesCredentials'],
  [/no space left/i, 'diskFull'],
  [
    /couldn't parse image|invalid reference|repository name must be lowercase|InvalidImageName/i,
    'badName',
  ],
  [/signature/i, 'signature'],
  [/manifest unknown|not found|name unknown|does not exist/i, 'noImage'],
  [/connection refused/i, 'refusesConnection'],
  [
    /i\/o timeout|deadline exceeded|TLS handshake timeout|Client\.Timeout|no route to host|connection reset|network is unreachable|connection timed out|\bEOF\b|RegistryUnavailable/i,
    'noAnswer',
  ],
  [/50[0234] |internal server error|bad gateway|service unavailable/i, 'broken'],
  [/pull policy of Never/i, 'neverPull'],
  [/pull QPS exceeded/i, 'tooMany'],
]);

/** Of those that name something in quotes. */
const quotedSayings: Sayings = { ...pullSayings, said: pullSayings.said.slice(0, 3) };

/** Why an image cannot be pulled, from what was said of it; undefined: that does not say. */
export function explainPull(message: string): Phrase | undefined {
  // Names of images are no errors: an image may be called "denied", and its tag 401.
  const said = message.replace(/"[^"]*"/g, '""');
  const meaning = meaningOf(said, pullSayings) ?? meaningOf(message, quotedSayings);
  if (meaning === undefined) return undefined;
  const { code, en, ko } = meaning;
  return { code, en: en.replace(' ()', ''), ko: ko.replace(' ()', '') };
}
