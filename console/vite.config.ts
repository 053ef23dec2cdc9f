import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.SITEWARDEN_URL ?? "http://127.0.0.1:8600";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/sitewarden/api/web/static",
    emptyOutDir: true,
    target: "es2022",
    // Fonts stay files, so that a strict content security policy can refuse data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: server, ws: true, secure: false } },
  },
});
