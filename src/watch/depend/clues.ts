import { hostsIn, type NamedHost } from './hosts.ts';

/** What programs say when somebody does not answer them. */
const failure =
  /connection refused|ECONNREFUSED|no such host|ENOTFOUND|EAI_AGAIN|server misbehaving|i\/o timeout|ETIMEDOUT|timed[ -]?out|deadline exceeded|temporary failure in name resolution|name or service not known|unknown ?host|could not (?:translate|resolve|connect)|no route to host|EHOSTUNREACH|connection reset|ECONNRESET|no endpoints|upstream connect error|unreachable|(?:can(?:'|no)t|failed to|unable to) connect|no healthy upstream/i;

/** Of those that a name could not be resolved. */
const nameFailure =
  /no such host|ENOTFOUND|EAI_AGAIN|server misbehaving|temporary failure in name resolution|name or service not known|unknown ?host|could not (?:translate|resolve)|lookup \S+(?: on \S+)?:.*i\/o timeout/i;

/** A word after one of these is a host: `lookup orders on …`, `host "orders"`, `ENOTFOUND orders`. */
const beforeHost =
  /(?:lookup|host ?name|host|server(?: (?:at|on))?|resolve|ENOTFOUND|EAI_AGAIN|UnknownHostException|connect(?:ing)? to|connection to(?: server(?: at)?)?|unreachable:?)[\s:='"`(]{1,4}([a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)(?::(\d{2,5}))?(?![\w-])/gi;

/** Nobody reads more of a line. */
const maxLineChars = 1000;

export interface Clue {
  /** Hosts that the line names. */
  readonly hosts: readonly NamedHost[];
  /** A name was asked for and not found: whatever it is, DNS may be why. */
  readonly isName: boolean;
}

/** What a line of a log or an event tells of somebody who does not answer; undefined: nothing. */
export function clueOf(line: string): Clue | undefined {
  const text = line.slice(0, maxLineChars);
  if (!failure.test(text)) return undefined;
  const named = [...text.matchAll(beforeHost)].map(
    ([, host = '', port]): NamedHost => ({
      host: host.toLowerCase(),
      ...(port === undefined ? {} : { port: Number(port) }),
    }),
  );
  return { hosts: [...hostsIn(text), ...named], isName: nameFailure.test(text) };
}
