import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import { panelAliases } from './vite-aliases.ts';

const root = `${import.meta.dirname}/..`;
const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/**
 * `npm run build:web` writes web/dist-server as well: what draws panels on the server, with the parts of
 * `@grafana/data` that it uses. An installation has neither that package nor the many it brings.
 */
const config: ReturnType<typeof defineConfig> = defineConfig({
  root,
  resolve: { alias: panelAliases },
  ssr: { noExternal: true, external: Object.keys(dependencies) },
  build: {
    ssr: `${root}/src/dashboards/pictures/index.ts`,
    outDir: `${root}/web/dist-server`,
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'node24',
    minify: true,
    rolldownOptions: { output: { entryFileNames: 'pictures.js' } },
  },
});

export default config;
