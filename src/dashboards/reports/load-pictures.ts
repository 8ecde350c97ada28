import { existsSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { AppError } from '#base';

export type Pictures = typeof import('#dashboards/pictures');

const built = new URL('../../../web/dist-server/pictures.js', import.meta.url);
const packageName = '@grafana/data';

let loading: Promise<Pictures> | undefined;

/**
 * What draws panels, loaded with the first picture. An installation has it built (`npm run build:web`), a
 * checkout takes the sources: Node cannot load the ES modules of `@grafana/data` (they import names that
 * moment-timezone has only as CommonJS), so its CommonJS form stands in for them.
 * @throws {AppError} PICTURES_NOT_BUILT
 */
export async function loadPictures(): Promise<Pictures> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return await loading;
}

async function load(): Promise<Pictures> {
  const commonJs = resolved();
  if (commonJs === undefined) {
    if (existsSync(built)) return (await import(built.href)) as Pictures;
    throw new AppError('PICTURES_NOT_BUILT', 'What draws panels is not built', {
      hint: 'Run npm run build:web',
    });
  }
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === packageName
        ? { url: commonJs, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return await import('#dashboards/pictures');
  } finally {
    hooks.deregister();
  }
}

/** Undefined: the package is not there, as in an installation. */
function resolved(): string | undefined {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(packageName)).href;
  } catch {
    return undefined;
  }
}
