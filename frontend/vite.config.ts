import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.FOOTNOTE_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // Nothing inline: the page runs under `script-src 'self'; style-src 'self'; img-src 'self'`.
  build: { outDir: "../api/http/static", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { css: true },
  server: { proxy: { "/v1": backend, "/healthz": backend, "/readyz": backend } },
});
