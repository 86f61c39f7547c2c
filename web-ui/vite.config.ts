import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const box = process.env['HUDDLEBOX_URL'] ?? 'http://localhost:8080';
const mock = (file: string) => fileURLToPath(new URL(`./mock/${file}`, import.meta.url));

/** Stricter than what the box sends: `vite preview` shows at once what would need more. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; " +
  "connect-src 'self' ws: wss:; worker-src 'self'; base-uri 'self'; object-src 'none'";

/** `--mode mock` swaps the box for the fake one in `mock/`; nothing of it reaches a normal build. */
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  publicDir: mode === 'mock' ? 'mock/public' : 'public',
  resolve: {
    alias: mode === 'mock' ? [{ find: /^\.\/connect$/, replacement: mock('connect.ts') }] : [],
  },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: box },
      '/rtc': { target: box, ws: true },
    },
  },
  preview: { port: 4173, headers: { 'Content-Security-Policy': CSP } },
  build: {
    target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'],
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    // A busy machine is no failure.
    testTimeout: 20_000,
    setupFiles: ['./src/test-setup.ts'],
  },
}));
