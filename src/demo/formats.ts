const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `2024-03-26T03:41:53`, UTC; the second it belongs to is remembered, as times come in order. */
let cachedSecond = Number.NaN;
let cachedText = '';

function secondText(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toISOString().slice(0, 19);
  }
  return cachedText;
}

/** Microseconds within the second; `timeMs` may have a fraction. */
const micros = (timeMs: number): number =>
  Math.floor((timeMs - Math.floor(timeMs / 1000) * 1000) * 1000);

/** `2024-03-26T03:41:53.101020Z`. */
export const rfc3339Micros = (timeMs: number): string =>
  `${secondText(timeMs)}.${pad(micros(timeMs), 6)}Z`;

/** `2024-03-26T03:41:53.101Z`. */
export const rfc3339Millis = (timeMs: number): string =>
  `${secondText(timeMs)}.${pad(Math.floor(micros(timeMs) / 1000), 3)}Z`;

export const rfc3339Seconds = (timeMs: number): string => `${secondText(timeMs)}Z`;

/** `2024-03-26 03:41:53.101`, as Java programs write it. */
export const javaTime = (timeMs: number): string =>
  `${secondText(timeMs).replace('T', ' ')}.${pad(Math.floor(micros(timeMs) / 1000), 3)}`;

/** `2024/03/26 03:41:53`, as Go's log package writes it. */
export const goTime = (timeMs: number): string =>
  secondText(timeMs).replaceAll('-', '/').replace('T', ' ');

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `26/Mar/2024:03:41:53 +0000`, as nginx writes it. */
export function nginxTime(timeMs: number): string {
  const text = secondText(timeMs);
  const month = months[Number(text.slice(5, 7)) - 1];
  return `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11)} +0000`;
}

/** `I0326 03:41:53.397739       9 replica_set.go:621] message`. */
export function klog(
  level: 'I' | 'W' | 'E' | 'F',
  timeMs: number,
  thread: number,
  place: string,
  message: string,
): string {
  const text = secondText(timeMs);
  const date = `${text.slice(5, 7)}${text.slice(8, 10)}`;
  return `${level}${date} ${text.slice(11)}.${pad(micros(timeMs), 6)} ${String(thread).padStart(7)} ${place}] ${message}`;
}

/** Container runtimes cut longer lines into pieces tagged P, the last one F. */
export const criPieceBytes = 16_384;

/** One physical line of a container's log. */
export interface CriPiece {
  readonly tag: 'P' | 'F';
  readonly content: Buffer;
}

/** What a container runtime makes of an output: a piece per line, long lines in several. */
export function criPieces(text: string): CriPiece[] {
  const pieces: CriPiece[] = [];
  for (const line of text.split('\n')) {
    const bytes = Buffer.from(line);
    let start = 0;
    // The runtime counts bytes, so a piece may end inside a character.
    for (; bytes.length - start > criPieceBytes; start += criPieceBytes) {
      pieces.push({ tag: 'P', content: bytes.subarray(start, start + criPieceBytes) });
    }
    pieces.push({ tag: 'F', content: bytes.subarray(start) });
  }
  return pieces;
}

/** The same as a log file has it, `time stream tag content` a line; bytes where a line was cut. */
export function criLines(
  timeMs: number,
  stream: 'stdout' | 'stderr',
  text: string,
): string | Buffer {
  const head = `${secondText(timeMs)}.${pad(micros(timeMs), 6)}`;
  // Lines of one event come some nanoseconds apart.
  let tick = 100;
  const start = (tag: 'P' | 'F'): string => `${head}${Math.min(999, tick++)}Z ${stream} ${tag} `;
  // A UTF-16 unit takes three bytes at most: shorter text cannot need a cut.
  if (text.length * 3 <= criPieceBytes) {
    if (!text.includes('\n')) return `${start('F')}${text}\n`;
    let out = '';
    for (const line of text.split('\n')) out += `${start('F')}${line}\n`;
    return out;
  }
  const parts: Buffer[] = [];
  for (const { tag, content } of criPieces(text)) {
    parts.push(Buffer.from(start(tag)), content, Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}
