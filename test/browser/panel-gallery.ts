import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browse, type ConsoleUnderTest } from './console.ts';

const web = fileURLToPath(new URL('../../web', import.meta.url));
const page = 'src/panels/gallery/index.html';

/** The page with every type of panel, built and served, and a browser. */
export async function startGallery(): Promise<ConsoleUnderTest> {
  const { url, close } = await serveGallery();
  return await browse(url, close);
}

export async function serveGallery(): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const outDir = mkdtempSync(join(tmpdir(), 'nunchi-gallery-'));
  const { build } = await import('vite');
  const { default: react } = await import('@vitejs/plugin-react');
  const { panelAliases } = (await import('../../web/vite-aliases.ts')) as {
    panelAliases: Record<string, string>;
  };
  await build({
    configFile: false,
    root: web,
    base: '/',
    logLevel: 'warn',
    plugins: [react()],
    resolve: { alias: panelAliases },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      minify: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: { input: join(web, page) },
    },
  });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://gallery').pathname;
    const file = join(outDir, normalize(path === '/' ? page : path));
    try {
      const body = readFileSync(file);
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};
