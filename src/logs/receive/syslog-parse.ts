/** One syslog message, RFC 5424 or RFC 3164 or anything that came over the wire. */
export interface SyslogMessage {
  /** 0 to 23; undefined where the message has no priority. */
  readonly facility: number | undefined;
  /** 0 (emerg) to 7 (debug). */
  readonly severity: number | undefined;
  readonly timeMs: number | undefined;
  readonly host: string | undefined;
  readonly app: string | undefined;
  readonly pid: string | undefined;
  readonly messageId: string | undefined;
  /** Structured data, by element. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly text: string;
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const nil = (value: string | undefined): string | undefined =>
  value === undefined || value === '-' || value === '' ? undefined : value;

/**
 * Never fails: what does not parse is the text. `nowMs` gives RFC 3164 times their year; they are
 * taken as UTC unless `zoneOffsetMinutes` says how far the sender's clock is ahead of it.
 */
export function parseSyslog(line: string, nowMs: number, zoneOffsetMinutes = 0): SyslogMessage {
  const priority = /^<(\d{1,3})>/.exec(line);
  const code = priority === null ? Number.NaN : Number(priority[1]);
  const isKnown = code <= 191;
  const base = {
    facility: isKnown ? code >> 3 : undefined,
    severity: isKnown ? code & 7 : undefined,
  };
  const rest = priority === null ? line : line.slice(priority[0].length);
  const modern = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) ?/.exec(rest);
  if (modern !== null) {
    const parsedMs = Date.parse(modern[1]!.replace(/(\.\d{3})\d+/, '$1'));
    const tail = readData(rest.slice(modern[0].length));
    return {
      ...base,
      timeMs: Number.isNaN(parsedMs) ? undefined : parsedMs,
      host: nil(modern[2]),
      app: nil(modern[3]),
      pid: nil(modern[4]),
      messageId: nil(modern[5]),
      data: tail.data,
      text: tail.text.replace(/^\ufeff/, ''),
    };
  }
  // RFC 3164, or the form with an ISO time that rsyslog forwards by default.
  const old =
    /^(?:([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)|(\d{4}-\d\d-\d\dT\S+)) (\S+) (?:([^\s:[\]]{1,64})(?:\[([^\]]*)\])?: ?)?/.exec(
      rest,
    );
  if (old === null) {
    return {
      ...base,
      timeMs: undefined,
      host: undefined,
      app: undefined,
      pid: undefined,
      messageId: undefined,
      data: undefined,
      text: rest,
    };
  }
  const month = old[1] === undefined ? -1 : months.indexOf(old[1]) / 3;
  const isoMs =
    old[6] === undefined ? Number.NaN : Date.parse(old[6].replace(/(\.\d{3})\d+/, '$1'));
  return {
    ...base,
    timeMs:
      old[6] !== undefined
        ? Number.isNaN(isoMs)
          ? undefined
          : isoMs
        : yearlessTime(
            [month, Number(old[2]), Number(old[3]), Number(old[4]), Number(old[5])],
            nowMs,
            zoneOffsetMinutes,
          ),
    host: old[7],
    app: old[8],
    pid: nil(old[9]),
    messageId: undefined,
    data: undefined,
    text: rest.slice(old[0].length),
  };
}

/** The year is the one that puts the time nearest to now: December's messages arrive in January. */
function yearlessTime(
  [month, day, hour, minute, second]: readonly [number, number, number, number, number],
  nowMs: number,
  zoneOffsetMinutes: number,
): number | undefined {
  if (!Number.isInteger(month) || month < 0) return undefined;
  const thisYear = new Date(nowMs).getUTCFullYear();
  let best: number | undefined;
  for (const year of [thisYear - 1, thisYear, thisYear + 1]) {
    const timeMs = Date.UTC(year, month, day, hour, minute, second) - zoneOffsetMinutes * 60_000;
    if (best === undefined || Math.abs(timeMs - nowMs) < Math.abs(best - nowMs)) best = timeMs;
  }
  return best;
}

function readData(text: string): { data: SyslogMessage['data']; text: string } {
  if (text.startsWith('-')) return { data: undefined, text: text.slice(1).replace(/^ /, '') };
  // Maps, because the sender chooses the names: __proto__ is one.
  const data = new Map<string, Map<string, string>>();
  const element = /\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="(?:[^"\\]|\\.)*")*)\]/sy;
  let offset = 0;
  for (;;) {
    element.lastIndex = offset;
    const match = element.exec(text);
    if (match === null) break;
    const values = data.get(match[1]!) ?? new Map<string, string>();
    data.set(match[1]!, values);
    for (const pair of match[2]!.matchAll(/ ([^\s=\]"]{1,64})="((?:[^"\\]|\\.)*)"/gs)) {
      values.set(pair[1]!, pair[2]!.replaceAll(/\\(["\\\]])/g, '$1'));
    }
    offset = element.lastIndex;
  }
  if (offset === 0) return { data: undefined, text };
  const plain = Object.fromEntries(
    [...data].map(([id, values]) => [id, Object.fromEntries(values)]),
  );
  return { data: plain, text: text.slice(offset).replace(/^ /, '') };
}

export const severityNames: readonly string[] = [
  'emerg',
  'alert',
  'crit',
  'err',
  'warning',
  'notice',
  'info',
  'debug',
];
export const facilityNames: readonly string[] = [
  ...[
    'kern',
    'user',
    'mail',
    'daemon',
    'auth',
    'syslog',
    'lpr',
    'news',
    'uucp',
    'cron',
    'authpriv',
  ],
  ...['ftp', 'ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4'],
  ...['local5', 'local6', 'local7'],
];
