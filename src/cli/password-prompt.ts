import { AppError } from '#base';

/** A password is a line; what is longer is a file piped in by mistake. */
const maxInputLength = 4096;

/**
 * Asks on the terminal without showing what is typed; without a terminal reads one line of standard
 * input, so that scripts need no argument that others could see.
 */
export async function readPassword(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const isTerminal = stdin.isTTY;
  if (isTerminal) {
    stderr.write(question);
    stdin.setRawMode(true);
  }
  stdin.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of stdin as AsyncIterable<string>) {
      for (const char of chunk) {
        if (char === '\n' || char === '\r') return text;
        if (isTerminal && char === '\u0003') throw new AppError('CANCELLED', 'Cancelled');
        if (isTerminal && (char === '\u007f' || char === '\b')) text = text.slice(0, -1);
        else if (char >= ' ') text += char;
      }
      if (text.length > maxInputLength) {
        throw new AppError('INVALID_PASSWORD', 'The password on standard input has no end');
      }
    }
    return text;
  } finally {
    if (isTerminal) {
      stdin.setRawMode(false);
      stderr.write('\n');
    }
    stdin.destroy();
  }
}
