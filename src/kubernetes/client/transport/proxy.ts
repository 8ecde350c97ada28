import type { Socket } from 'node:net';
import { opened } from './opened.ts';

const net = process.getBuiltinModule('node:net');

/** A proxy's answer to CONNECT is some lines. */
const maxHeadBytes = 16 * 1024;

interface Destination {
  readonly host: string;
  readonly port: number;
}

/**
 * A socket to the destination through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) or a SOCKS5 proxy
 * (RFC 1928, names are resolved by the proxy), with the user and password of the proxy's URL.
 */
export async function connectThroughProxy(
  proxy: URL,
  destination: Destination,
  deadline: AbortSignal,
): Promise<Socket> {
  const socket = await openProxy(proxy, deadline);
  const onAbort = (): void => void socket.destroy(new Error(`the proxy ${proxy.host} is too slow`));
  deadline.addEventListener('abort', onAbort, { once: true });
  try {
    if (proxy.protocol.startsWith('socks')) await socksConnect(socket, proxy, destination);
    else await httpConnect(socket, proxy, destination);
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  } finally {
    deadline.removeEventListener('abort', onAbort);
  }
}

async function openProxy(proxy: URL, deadline: AbortSignal): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const defaultPort = proxy.protocol === 'https:' ? 443 : proxy.protocol === 'http:' ? 80 : 1080;
  const port = Number(proxy.port || defaultPort);
  if (proxy.protocol !== 'https:') {
    const socket = net.connect({ host, port });
    await opened(socket, 'connect', deadline);
    return socket;
  }
  const tls = process.getBuiltinModule('node:tls');
  const socket = tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }) });
  await opened(socket, 'secureConnect', deadline);
  return socket;
}

async function httpConnect(socket: Socket, proxy: URL, to: Destination): Promise<void> {
  const target = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const { username, password } = proxy;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization =
    username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  const head = await readUntil(socket, (bytes) => {
    const end = bytes.indexOf('\r\n\r\n');
    return end === -1 ? undefined : end + 4;
  });
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1];
  if (status === undefined || !status.startsWith('2')) {
    throw new Error(`the proxy ${proxy.host} answered ${status ?? 'no HTTP'} to CONNECT ${target}`);
  }
}

const socksFailures: readonly string[] = [
  'general failure',
  'not allowed',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'TTL expired',
  'command not supported',
  'address type not supported',
];

async function socksConnect(socket: Socket, proxy: URL, to: Destination): Promise<void> {
  const user = Buffer.from(decodeURIComponent(proxy.username));
  const password = Buffer.from(decodeURIComponent(proxy.password));
  const hasUser = user.length > 0;
  socket.write(Buffer.from(hasUser ? [5, 2, 0, 2] : [5, 1, 0]));
  const method = (await readExactly(socket, 2))[1];
  if (method === 2 && hasUser) {
    socket.write(
      Buffer.concat([
        Buffer.from([1, user.length]),
        user,
        Buffer.from([password.length]),
        password,
      ]),
    );
    const [, answer] = await readExactly(socket, 2);
    if (answer !== 0) throw new Error(`the proxy ${proxy.host} refused the user and password`);
  } else if (method !== 0) {
    throw new Error(`the proxy ${proxy.host} wants another way to log in`);
  }
  const name = Buffer.from(to.host);
  const port = Buffer.from([to.port >> 8, to.port & 0xff]);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, port]));
  const head = await readExactly(socket, 5);
  const reply = head[1] ?? 1;
  if (reply !== 0) {
    throw new Error(`the proxy ${proxy.host}: ${socksFailures[reply - 1] ?? `failure ${reply}`}`);
  }
  const kind = head[3];
  // Four of the address' bytes are read with the head only for a name: its length.
  const rest = kind === 3 ? (head[4] ?? 0) + 2 : kind === 4 ? 17 : 5;
  await readExactly(socket, rest);
}

const readExactly = (socket: Socket, count: number): Promise<Buffer> =>
  readUntil(socket, (bytes) => (bytes.length >= count ? count : undefined));

/** Reads as much as `endOf` says; what follows stays in the socket. */
function readUntil(socket: Socket, endOf: (bytes: Buffer) => number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (act: () => void): void => {
      socket.off('readable', onReadable);
      socket.off('error', onError);
      socket.off('close', onClose);
      act();
    };
    const onError = (error: Error): void => finish(() => reject(error));
    const onClose = (): void => finish(() => reject(new Error('the proxy closed the connection')));
    const onReadable = (): void => {
      for (;;) {
        const piece = socket.read() as Buffer | null;
        if (piece === null) return;
        bytes = Buffer.concat([bytes, piece]);
        const end = endOf(bytes);
        if (end !== undefined) {
          const more = bytes.subarray(end);
          finish(() => {
            if (more.length > 0) socket.unshift(more);
            resolve(bytes.subarray(0, end));
          });
          return;
        }
        if (bytes.length > maxHeadBytes) {
          finish(() => reject(new Error('the proxy answered too much')));
          return;
        }
      }
    };
    socket.on('readable', onReadable);
    socket.on('error', onError);
    socket.on('close', onClose);
    onReadable();
  });
}
