import { randomUUID } from 'node:crypto';

export interface FormPart {
  readonly name: string;
  readonly fileName?: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** A form with files (RFC 7578). Names are ours: they hold no quotes. */
export function multipart(parts: readonly FormPart[]): {
  readonly contentType: string;
  readonly bytes: Buffer;
} {
  const boundary = `nunchi-${randomUUID()}`;
  const chunks = parts.flatMap(({ name, fileName, type, content }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\ncontent-type: ${type}\r\n\r\n`;
    return [Buffer.from(head), Buffer.from(content as string), Buffer.from('\r\n')];
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
