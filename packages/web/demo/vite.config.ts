import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { headers } from './build/headers.js';
import { serviceWorker } from './build/service-worker.js';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The page works in any folder of a server.
  base: './',
  server: { headers },
  preview: { headers },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The policy lets pictures come as data, but nothing else: files stay files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
  worker: { format: 'es' },
  plugins: [serviceWorker()],
});
