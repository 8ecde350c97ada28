/**
 * Builds the web UI where that is needed and possible: `npm ci` runs it (prepare). Without the
 * development dependencies, or without web/, it does nothing: an installation must not fail for it.
 * `--force` builds always and fails loudly.
 */
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Below this, compression saves less than a header. */
const minCompressBytes = 1024;

const root = fileURLToPath(new URL('..', import.meta.url));
const isForced = process.argv.includes('--force');

function newestMs(patterns: string[]): number {
  return globSync(patterns, { cwd: root })
    .map((file) => statSync(`${root}/${file}`))
    .reduce((newest, stat) => Math.max(newest, stat.isFile() ? stat.mtimeMs : 0), 0);
}

function isUpToDate(): boolean {
  const built = [`${root}/web/dist/index.html`, `${root}/web/dist-server/pictures.js`];
  if (!built.every((file) => existsSync(file))) return false;
  const sources = ['web/index.html', 'web/*.ts', 'web/src/**/*', 'web/public/**/*'];
  const shared = ['src/logs/api/wire.ts', 'src/{dashboards,picture,time}/**/*.ts'];
  const newest = newestMs([...sources, ...shared]);
  return built.every((file) => statSync(file).mtimeMs >= newest);
}

/** A `.br` and a `.gz` beside every text file; the server picks what the browser takes. */
function compressAssets(): void {
  for (const file of globSync('web/dist/**/*.{html,js,css,svg,json,txt,wasm,map}', { cwd: root })) {
    const bytes = readFileSync(`${root}/${file}`);
    if (bytes.length < minCompressBytes) continue;
    const brotli = brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    });
    writeFileSync(`${root}/${file}.br`, brotli);
    writeFileSync(`${root}/${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

async function build(): Promise<void> {
  const { build: viteBuild } = await import('vite');
  await viteBuild({ root: `${root}/web`, logLevel: 'warn' });
  await viteBuild({ configFile: `${root}/web/vite.server.config.ts`, logLevel: 'warn' });
  compressAssets();
}

if (existsSync(`${root}/web/index.html`) && (isForced || !isUpToDate())) {
  try {
    await build();
    console.log('Built the web UI');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    if (isForced || !isMissing) console.error('Could not build the web UI:', error);
    else console.log('The web UI is not built: development dependencies are not installed');
    if (isForced) process.exitCode = 1;
  }
}
