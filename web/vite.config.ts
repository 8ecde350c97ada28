import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run build:web` writes web/dist, which the server serves as it is. */
const config: ReturnType<typeof defineConfig> = defineConfig({
  root: import.meta.dirname,
  // Relative to <base>, so that one build works at / and under any sub-path.
  base: './',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // The policy allows no data: fonts, and a hashed file is cached for ever anyway.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    port: 7610,
    proxy: {
      '/nunchi': { target: process.env['NUNCHI_DEV_SERVER'] ?? 'http://127.0.0.1:7600', ws: true },
    },
  },
});

export default config;
