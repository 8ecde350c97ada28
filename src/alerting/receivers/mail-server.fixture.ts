import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export interface MailServer extends AsyncDisposable {
  /** What clients said, and what their mails are. */
  readonly lines: string[];
  readonly port: number;
}

/** A mail server that takes everything, or refuses the recipient. */
export async function openMailServer(refuses = false): Promise<MailServer> {
  const lines: string[] = [];
  const server = createServer((socket) => {
    let isData = false;
    let rest = '';
    socket.on('error', () => {});
    socket.write('220 mail ESMTP\r\n');
    socket.on('data', (chunk) => {
      rest += chunk.toString('utf8');
      const parts = rest.split('\r\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        if (isData) {
          if (line === '.') {
            isData = false;
            socket.write('250 taken\r\n');
          }
        } else if (/^EHLO/.test(line)) socket.write('250-mail\r\n250 AUTH PLAIN\r\n');
        else if (/^AUTH/.test(line)) socket.write('235 good\r\n');
        else if (/^RCPT/.test(line) && refuses) socket.write('550 nobody here\r\n');
        else if (line === 'DATA') {
          isData = true;
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 good\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    lines,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
