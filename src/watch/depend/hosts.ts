/** A host that a text names, in lower case; the port where it says one. */
export interface NamedHost {
  readonly host: string;
  readonly port?: number | undefined;
}

/** Longer texts are looked at up to here: hosts stand at the start of what configures a program. */
const maxTextChars = 16_384;
const maxHosts = 50;

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const name = `${label}(?:\\.${label}){0,7}\\.?`;

/** `scheme://user:password@a:1,b:2/path`: the part with hosts. */
const urls = /[a-z][a-z0-9+.-]{1,30}:\/\/(?:[^\s/@'"]{0,256}@)?([^\s/?#'"\\)]{1,1024})/gi;
/** `orders:8080`, in the middle of anything. */
const withPort = new RegExp(`(?<![\\w.:@/-])(${name}):(\\d{2,5})(?![\\w.]|:\\w)`, 'gi');
/** `orders.shop.svc`, with or without the domain of the cluster. */
const qualified = new RegExp(
  `(?<![\\w.-])(${label}(?:\\.${label}){1,3}\\.svc(?:\\.${label}){0,4})(?![\\w-])`,
  'gi',
);
const single = new RegExp(`^(${name})(?::(\\d{1,5}))?$`, 'i');
/** Names of variables and flags whose value is a host though it has no port. */
const hostKeys =
  /(?:^|[_.-])(?:host|hosts|hostname|url|uri|addr|address|addresses|endpoint|endpoints|server|servers|service|svc|dsn|broker|brokers|upstream|backend|peer|peers|bootstrap|nodes|target|connection|conn)(?:$|[_.-])/i;
/** Programs that wait for a host or ask one: a word after them is a name. */
const askers =
  /(?:^|[\s;&|(])(?:nc|ncat|netcat|nslookup|dig|getent|ping|wget|curl|telnet|host|pg_isready|psql|mysql|mysqladmin|redis-cli|mongosh?|wait-for\S*|waitforit\S*|wait4x|dockerize)\s/i;

/** Whether the value of a variable or flag of this name is a host by itself: `DB_HOST`, `--redis-addr`. */
export const isHostKey = (key: string): boolean =>
  hostKeys.test(key.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/^-+/, ''));

/**
 * Hosts that a text names beyond doubt: in a URL, with a port, or as `NAME.NAMESPACE.svc`.
 * @param isHost the text is one host, or several with commas
 */
export function hostsIn(text: string, isHost = false): readonly NamedHost[] {
  const found = new Map<string, NamedHost>();
  const add = (host: string | undefined, port: string | undefined): void => {
    if (host === undefined || found.size >= maxHosts) return;
    const plain = host.toLowerCase().replace(/\.$/, '');
    const number = port === undefined ? undefined : Number(port);
    const key = `${plain}:${number ?? ''}`;
    if (!found.has(key))
      found.set(key, { host: plain, ...(number === undefined ? {} : { port: number }) });
  };
  const part = text.slice(0, maxTextChars);
  for (const [, hosts = ''] of part.matchAll(urls)) {
    for (const one of hosts.split(',')) {
      const [, host, port] = single.exec(one) ?? [];
      add(host, port);
    }
  }
  for (const [, host, port] of part.matchAll(withPort)) add(host, port);
  for (const [, host] of part.matchAll(qualified)) add(host, undefined);
  if (!isHost) return [...found.values()];
  for (const one of part.split(/[\s,;]+/).slice(0, maxHosts)) {
    const [, host, port] = single.exec(one) ?? [];
    add(host, port);
  }
  return [...found.values()];
}

/** Hosts of a command line: those of its flags too, and the words after a program that asks a host. */
export function hostsOfCommand(words: readonly string[]): readonly NamedHost[] {
  const line = words.join(' ').slice(0, maxTextChars);
  const found = [...hostsIn(line)];
  if (askers.test(`${line} `)) found.push(...hostsIn(line.replace(/[^\w.:-]+/g, ' '), true));
  const parts = line.split(/\s+/);
  for (const [at, word] of parts.entries()) {
    const [, flag = '', value = parts[at + 1] ?? ''] = /^(--?[\w.-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (flag !== '' && (isHostKey(flag) || flag === '-h')) found.push(...hostsIn(value, true));
  }
  return found.slice(0, maxHosts);
}

/** The Service that a host means for a pod of a namespace; undefined: none that is there. */
export function serviceOfHost(
  host: string,
  namespace: string,
  has: (namespace: string, name: string) => boolean,
): { readonly namespace: string; readonly name: string } | undefined {
  const labels = host.split('.');
  const svc = labels.indexOf('svc');
  // `orders`, `orders.shop`; `orders-0.orders` and `orders-0.orders.shop` are pods of a headless one.
  const [first = '', second = '', third = ''] = labels;
  const candidates: readonly (readonly [namespace: string, name: string])[] =
    svc >= 2
      ? [[labels[svc - 1] ?? '', labels[svc - 2] ?? '']]
      : labels.length === 1
        ? [[namespace, first]]
        : labels.length === 2
          ? [
              [second, first],
              [namespace, second],
            ]
          : labels.length === 3
            ? [[third, second]]
            : [];
  const found = candidates.find(([where, service]) => has(where, service));
  return found === undefined ? undefined : { namespace: found[0], name: found[1] };
}
