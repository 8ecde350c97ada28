import { both, type Text } from './language.ts';
import { meaningOf, type Sayings, sayings } from './pattern.ts';

export type ProbeKind = 'readiness' | 'liveness' | 'startup';

/** Probes of a container as people would ask it: `GET :8080/healthz`, `TCP :3306`, `cat /tmp/healthy`. */
export type Probes = Readonly<Partial<Record<ProbeKind, string>>>;

export const probeAnswers = {
  status: { en: 'it answers $1', ko: '$1 상태 코드로 응답해요' },
  refused: {
    en: 'nothing listens there (connection refused)',
    ko: '그 포트에서 받는 프로세스가 없어요 (connection refused)',
  },
  late: { en: 'it does not answer in time', ko: '제한 시간 안에 응답하지 않아요' },
  notServing: { en: 'it answers NOT_SERVING', ko: 'NOT_SERVING으로 응답해요' },
  plainHttp: {
    en: 'it speaks HTTP, and HTTPS is asked',
    ko: 'HTTP 서버인데 HTTPS로 물었어요',
  },
  otherProtocol: {
    en: 'it does not speak what is asked',
    ko: '물어본 프로토콜을 쓰지 않아요',
  },
  closed: {
    en: 'it closes the connection without an answer',
    ko: '응답 없이 연결을 끊어요',
  },
  unreachable: { en: 'its address cannot be reached', ko: '주소에 연결할 수 없어요' },
  noName: {
    en: 'the name of its host cannot be resolved',
    ko: '호스트 이름을 DNS로 찾지 못해요',
  },
  noCommand: {
    en: "the probe's command is not in the image",
    ko: '프로브 명령이 이미지에 없어요',
  },
} as const;

const answers: Sayings = sayings(probeAnswers, [
  [/statuscode: ?(\d+)/i, 'status'],
  [/connection refused/i, 'refused'],
  [/Client\.Timeout|deadline exceeded|i\/o timeout|timed out/i, 'late'],
  [/NOT_SERVING/i, 'notServing'],
  [/server gave HTTP response to HTTPS client/i, 'plainHttp'],
  [/malformed HTTP|first record does not look like a TLS/i, 'otherProtocol'],
  [/connection reset|\bEOF\b|broken pipe/i, 'closed'],
  [/no route to host|network is unreachable/i, 'unreachable'],
  [/no such host/i, 'noName'],
  [/executable file not found|not found in \$PATH/i, 'noCommand'],
]);

export const probeWordsOf = {
  silent: { en: 'its command fails and says nothing', ko: '명령이 아무 출력 없이 실패해요' },
} as const;

const probeEvent =
  /(Readiness|Liveness|Startup) probe (?:failed|errored|warning)[^:]*: ?([\s\S]*)$/;

export interface FailedProbe {
  readonly kind: ProbeKind;
  /** `GET http://10.0.0.5:8080/healthz`; undefined: the event does not say. */
  readonly target: string | undefined;
  readonly answer: Text;
  /** Of the answer; undefined: it is text of the probe. */
  readonly code?: string | undefined;
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
  const meaning = meaningOf(said, answers);
  const answer = meaning ?? (text === '' ? probeWordsOf.silent : { en: text, ko: text });
  return { kind, target, answer, code: meaning?.code };
}

/** `its readiness probe fails: GET :8080/healthz: it answers 503`. */
export function probeWords({ kind, target, answer }: FailedProbe, probes: Probes): Text {
  const asked = probes[kind] ?? target;
  const what = asked === undefined ? '' : ` (${asked})`;
  return both((language) =>
    language === 'ko'
      ? `${kind} 프로브가 실패해요${what}: ${answer.ko}`
      : `its ${kind} probe fails${what}: ${answer.en}`,
  );
}

/** The last probe that failed, of one kind or of any. */
export function lastProbe(events: readonly string[], kind?: ProbeKind): FailedProbe | undefined {
  for (const event of events.toReversed()) {
    const probe = probeOf(event);
    if (probe !== undefined && (kind === undefined || probe.kind === kind)) return probe;
  }
  return undefined;
}
