import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` shows the sources as they change, against a server that runs already.
const server = process.env.TRADEWIND_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  // The path under which the app is served is known only at run time: index.html gets a <base>, everything else is relative.
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    emptyOutDir: false,
    // The policy of the page forbids data: in scripts and styles; small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: ".vite/manifest.json",
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(["/api", "/auth/session", "/openapi.json"].map((path) => [path, { target: server }])),
  },
});
