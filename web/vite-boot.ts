import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin, Rolldown } from 'vite';
import { type BootRoute, bootData, bootRoutes } from './src/boot-routes.ts';

/** Fonts that every page shows: Latin letters of the text font, and of the font for logs. */
const fonts = [/subset\.91-[\w-]+\.woff2$/, /jetbrains-mono-latin-wght-normal-[\w-]+\.woff2$/];

/** What is fetched for one page; paths are relative to `<base>`. */
interface Needs {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  readonly data: readonly string[];
}

/**
 * Replaces `theme.js` by a script with a hashed name that also asks for all that the page at hand
 * needs: otherwise the browser would find out step by step (frame, page, its parts, the session, its
 * data). A file and not inline, for the content security policy allows no inline script.
 */
export function boot(): Plugin {
  return {
    name: 'nunchi-boot',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('index.html was not built');
      const theme = readFileSync(`${import.meta.dirname}/public/theme.js`, 'utf8');
      const routes = Object.fromEntries(
        bootRoutes.map((route) => [route.path, needsOf(bundle, route)]),
      );
      const source = `${theme}(${request})(${JSON.stringify(routes)});\n`;
      const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
      const fileName = `assets/boot-${hash}.js`;
      this.emitFile({ type: 'asset', fileName, source });
      const links = Object.keys(bundle)
        .filter((name) => fonts.some((font) => font.test(name)))
        .map(
          (name) => `<link rel="preload" as="font" type="font/woff2" crossorigin href="./${name}">`,
        );
      const html = String(page.source);
      const tag = '<script src="./theme.js"></script>';
      if (!html.includes(tag)) throw new Error(`index.html has no ${tag}`);
      page.source = html.replace(
        tag,
        [`<script src="./${fileName}"></script>`, ...links].join('\n    '),
      );
    },
  };
}

function needsOf(bundle: Rolldown.OutputBundle, route: BootRoute): Needs {
  const scripts = new Set<string>();
  const styles = new Set<string>();
  const add = (fileName: string): void => {
    const chunk = bundle[fileName];
    if (chunk?.type !== 'chunk' || scripts.has(fileName)) return;
    scripts.add(fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) styles.add(style);
    for (const imported of chunk.imports) add(imported);
  };
  for (const module of [route.module, ...(route.also ?? [])]) {
    const chunk = Object.values(bundle).find(
      (output) => output.type === 'chunk' && output.facadeModuleId?.endsWith(`/web/${module}`),
    );
    if (chunk === undefined) throw new Error(`boot-routes.ts: ${module} has no chunk of its own`);
    add(chunk.fileName);
  }
  return { scripts: [...scripts], styles: [...styles], data: [...bootData, ...(route.data ?? [])] };
}

/** Runs in the browser. The frame's own files are in index.html; asking twice costs nothing. */
const request = `(routes) => {
  const base = new URL(document.baseURI).pathname;
  const path = '/' + location.pathname.slice(base.length).replace(/\\/$/, '');
  const needs = routes[path] ?? routes[path.replace(/^(\\/[^/]+)\\/.+$/, '$1/*')];
  if (needs === undefined) return;
  const add = (rel, href, as) => {
    const link = document.createElement('link');
    Object.assign(link, { rel, href, crossOrigin: '', ...(as && { as }) });
    document.head.append(link);
  };
  for (const href of needs.data) add('preload', href, 'fetch');
  for (const href of needs.styles) add('preload', href, 'style');
  for (const href of needs.scripts) add('modulepreload', href);
}`;
