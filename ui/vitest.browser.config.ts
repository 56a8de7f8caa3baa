import { defineConfig } from "vitest/config";

// The built program with a real browser: `make test-ui`.
export default defineConfig({
  test: {
    environment: "node",
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // One product at a time: they share two cores with the browser.
    fileParallelism: false,
  },
});
