import react from '@vitejs/plugin-react';
import { defineConfig, type Rolldown } from 'vite';
import { panelAliases } from './vite-aliases.ts';
import { boot } from './vite-boot.ts';

type Graph = Parameters<Rolldown.CodeSplittingNameFunction>[1];

const ofFrame = new Map<string, boolean>();

const main = `${import.meta.dirname}/src/main.tsx`;

/** Whether the entry imports the module, directly or not, without an `import()` in between. */
function isOfFrame(id: string, graph: Graph): boolean {
  const known = ofFrame.get(id);
  if (known !== undefined) return known;
  ofFrame.set(id, false);
  const importers = graph.getModuleInfo(id)?.importers ?? [];
  const answer = importers.some((other) => other === main || isOfFrame(other, graph));
  ofFrame.set(id, answer && id !== main);
  return answer;
}

/** `npm run build:web` writes web/dist, which the server serves as it is. */
const config: ReturnType<typeof defineConfig> = defineConfig({
  root: import.meta.dirname,
  // Relative to <base>, so that one build works at / and under any sub-path.
  base: './',
  plugins: [react(), boot()],
  resolve: { alias: panelAliases },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // The policy allows no data: fonts, and a hashed file is cached for ever anyway.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // One chunk with all that the frame needs at once, not one for each set of pages that share
        // something of it: a browser fetches six files at a time.
        codeSplitting: {
          groups: [
            { debugName: 'frame', name: (id, graph) => (isOfFrame(id, graph) ? 'frame' : null) },
          ],
        },
      },
    },
  },
  server: {
    port: 7610,
    proxy: {
      '/nunchi': { target: process.env['NUNCHI_DEV_SERVER'] ?? 'http://127.0.0.1:7600', ws: true },
    },
  },
});

export default config;
