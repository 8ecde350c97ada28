import { type BatchSection, forEachEvent } from '#logs/batch';
import { lineOf } from '#logs/pods';

/** Where the records of containers are: names of Container Insights. */
export const containerGroup: RegExp = /^\/aws\/containerinsights\/.+\/(?:application|dataplane)$/;

/** Words of which an error has one, and klog's letter. In no other case: this runs over every line. */
const errorWords =
  /error|ERROR|Error|exception|Exception|fail|Fail|FAIL|fatal|Fatal|FATAL|panic|PANIC|critical|CRITICAL|Traceback|"E\d{4} |nE\d{4} /g;
/** A level that is written where levels are, and is none of an error. */
const otherLevel =
  /^.{0,80}?(?:\b(?:level|lvl|severity|loglevel)["']?\s*[=:]\s*["']?(?:info|notice|debug|trace|warn)|(?:^|[\s[(|])(?:INFO|NOTICE|DEBUG|TRACE|WARN|WARNING)\b|^[IWD]\d{4} )/i;
const errorLevel =
  /\b(?:error|err|exception|failed|failure|fatal|panic|critical|emerg|traceback)\b|\w(?:Exception|Error)\b|^E\d{4} /i;
/** Levels stand at the start; further right words are somebody's prose. */
const levelChars = 300;

/** Whether a line says that something went wrong: by its level where it has one, else by its words. */
export function isErrorLine(line: string): boolean {
  const head = line.slice(0, levelChars);
  return !otherLevel.test(head) && errorLevel.test(head);
}

export interface ErrorLine {
  readonly timestampMs: number;
  readonly text: string;
}

/**
 * Hands over the lines of a section that tell of errors, in their order. Bytes are searched as a whole:
 * most sections have none.
 * @param visit false: no more of this section
 */
export function forEachErrorLine(section: BatchSection, visit: (line: ErrorLine) => boolean): void {
  const { messages } = section;
  const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.length);
  const text = bytes.toString('latin1');
  errorWords.lastIndex = 0;
  let found = errorWords.exec(text);
  if (found === null) return;
  let offset = 0;
  let isEnough = false;
  forEachEvent(section, (timestampMs, message) => {
    const start = offset + 4;
    const end = start + message.length;
    offset = end;
    if (isEnough || found === null || found.index >= end) return;
    const line = lineOf(message.toString('utf8'));
    if (isErrorLine(line)) isEnough = !visit({ timestampMs, text: line });
    errorWords.lastIndex = end;
    found = isEnough ? null : errorWords.exec(text);
  });
}

/** The pod whose stream it is; undefined: it is no container's. */
export function podOfStream(
  stream: string,
): { readonly namespace: string; readonly pod: string } | undefined {
  const match = /\.containers\.([^_]+)_([^_]+)_[^_]+\.log$/.exec(stream);
  if (match === null) return undefined;
  const [, pod = '', namespace = ''] = match;
  return { namespace, pod };
}

/** What finds lines of a kind again: the longest part that does not change. */
export function queryOf(pattern: string, namespace: string): string {
  const fixed = pattern
    .split(/<[A-Za-z]+-\d+>/)
    .flatMap((part) => part.split(/["\\\n\r\t]/))
    .map((part) => part.trim())
    .sort((a, b) => b.length - a.length)[0];
  const filters = [
    `@logStream like "_${namespace}_"`,
    ...(fixed === undefined || fixed.length < 3 ? [] : [`@message like "${fixed.slice(0, 200)}"`]),
  ];
  return [
    'fields @timestamp, @message, @logStream',
    ...filters.map((filter) => `| filter ${filter}`),
    '| sort @timestamp desc',
    '| limit 200',
  ].join('\n');
}
