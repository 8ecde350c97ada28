import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HostFiles } from '../index.ts';

/** For tests: a machine made of files, by path (`proc/stat`, `sys/class/net/eth0/mtu`, `root/etc/…`). */
export class HostTree implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'host-'));
  readonly files: HostFiles = new HostFiles({
    proc: join(this.folder, 'proc'),
    sys: join(this.folder, 'sys'),
    root: join(this.folder, 'root'),
  });

  constructor(
    files: Readonly<Record<string, string>>,
    links: Readonly<Record<string, string>> = {},
  ) {
    for (const top of ['proc', 'sys', 'root']) mkdirSync(join(this.folder, top));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      symlinkSync(target, join(this.folder, path));
    }
  }

  write(path: string, text: string): void {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
