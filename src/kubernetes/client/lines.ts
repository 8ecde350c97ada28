import { AppError } from '#base';

const newline = 0x0a;

/**
 * Lines of a stream of bytes, without their ends; the last one may have none.
 * @throws {AppError} KUBERNETES_TOO_LARGE when a line is longer than `maxLineBytes`
 */
export async function* linesOf(
  body: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Buffer> {
  // Pieces of one line are joined once: a line of many pieces costs no more than its length.
  let parts: Buffer[] = [];
  let heldBytes = 0;
  for await (const piece of body) {
    let start = 0;
    for (;;) {
      const end = piece.indexOf(newline, start);
      if (end === -1) break;
      const tail = piece.subarray(start, end);
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      heldBytes = 0;
      start = end + 1;
      check(line.length, maxLineBytes);
      if (line.length > 0) yield line;
    }
    if (start < piece.length) {
      const rest = piece.subarray(start);
      parts.push(rest);
      heldBytes += rest.length;
      check(heldBytes, maxLineBytes);
    }
  }
  if (heldBytes > 0) yield Buffer.concat(parts);
}

function check(sizeBytes: number, maxLineBytes: number): void {
  if (sizeBytes <= maxLineBytes) return;
  throw new AppError('KUBERNETES_TOO_LARGE', `An object is larger than ${maxLineBytes} bytes`);
}
