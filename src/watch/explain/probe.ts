import { meaningOf, type Sayings } from './pattern.ts';

export type ProbeKind = 'readiness' | 'liveness' | 'startup';

/** Probes of a container as people would ask it: `GET :8080/healthz`, `TCP :3306`, `cat /tmp/healthy`. */
export type Probes = Readonly<Partial<Record<ProbeKind, string>>>;

const answers: Sayings = [
  [/statuscode: ?(\d+)/i, 'it answers $1'],
  [/connection refused/i, 'nothing listens there (connection refused)'],
  [/Client\.Timeout|deadline exceeded|i\/o timeout|timed out/i, 'it does not answer in time'],
  [/NOT_SERVING/i, 'it answers NOT_SERVING'],
  [/server gave HTTP response to HTTPS client/i, 'it speaks HTTP, and HTTPS is asked'],
  [/malformed HTTP|first record does not look like a TLS/i, 'it does not speak what is asked'],
  [/connection reset|\bEOF\b|broken pipe/i, 'it closes the connection without an answer'],
  [/no route to host|network is unreachable/i, 'its address cannot be reached'],
  [/no such host/i, 'the name of its host cannot be resolved'],
  [/executable file not found|not found in \$PATH/i, "the probe's command is not in the image"],
];

const probeEvent =
  /(Readiness|Liveness|Startup) probe (?:failed|errored|warning)[^:]*: ?([\s\S]*)$/;

export interface FailedProbe {
  readonly kind: ProbeKind;
  /** `GET http://10.0.0.5:8080/healthz`; undefined: the event does not say. */
  readonly target: string | undefined;
  readonly answer: string;
}

/** What an event says of a probe; undefined: it is about something else. */
export function probeOf(event: string): FailedProbe | undefined {
  const [, word, said = ''] = probeEvent.exec(event) ?? [];
  if (word === undefined) return undefined;
  const kind = word.toLowerCase() as ProbeKind;
  const url = /Get "?(https?:\/\/[^\s"]+)"?/i.exec(said)?.[1]?.replace(/:$/, '');
  const tcp = /dial tcp (\S+):/.exec(said)?.[1];
  const target = url !== undefined ? `GET ${url}` : tcp === undefined ? undefined : `TCP ${tcp}`;
  const text = said.trim().split('\n').at(-1)?.slice(0, 160) ?? '';
  const answer =
    meaningOf(answers, said) ?? (text === '' ? 'its command fails and says nothing' : text);
  return { kind, target, answer };
}

/** `its readiness probe fails: GET :8080/healthz: it answers 503`. */
export function probeWords({ kind, target, answer }: FailedProbe, probes: Probes): string {
  const asked = probes[kind] ?? target;
  return `its ${kind} probe fails${asked === undefined ? '' : ` (${asked})`}: ${answer}`;
}

/** The last probe that failed, of one kind or of any. */
export function lastProbe(events: readonly string[], kind?: ProbeKind): FailedProbe | undefined {
  for (const event of events.toReversed()) {
    const probe = probeOf(event);
    if (probe !== undefined && (kind === undefined || probe.kind === kind)) return probe;
  }
  return undefined;
}
