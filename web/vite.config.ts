import optimizeLocales from '@react-aria/optimize-locales-plugin';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { emojiData } from './emojiData.ts';

export default defineConfig({
  // Relative, so that the same build works below any path: the server writes its own into the page.
  base: './',
  plugins: [
    react(),
    tailwindcss(),
    emojiData(),
    { ...optimizeLocales.vite({ locales: ['en-US', 'de-DE', 'ar-AE'] }), enforce: 'pre' as const },
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      // Ours, in public/ and src/app/updates.ts: the page's policy forbids what the plugin would write into it.
      manifest: false,
      injectRegister: false,
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'],
        // Their names carry a hash already.
        dontCacheBustURLsMatching: /^assets\//,
      },
    }),
  ],
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The preload helper would add inline styles or code that the content security policy forbids; all modules are small.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // scripts/check-budget.mjs measures what counts: the compressed first load.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // The first load in three files instead of thirty; what rarely changes stays in the cache when the app changes.
        codeSplitting: {
          groups: [
            { name: 'vendor', tags: ['$initial'], test: /node_modules/ },
            { name: 'app', tags: ['$initial'], test: /\/(src|packages)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/ws': { target: 'ws://127.0.0.1:8080', ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'packages/**/*.test.ts', 'test/**/*.test.{ts,tsx}'],
    setupFiles: ['./test/setup.ts'],
  },
});
