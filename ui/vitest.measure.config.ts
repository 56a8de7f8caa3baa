import { defineConfig } from "vitest/config";

// Figures of the built program with a real browser: `make measure-ui`.
export default defineConfig({
  test: { environment: "node", include: ["test/browser/measure-*.ts"], fileParallelism: false, testTimeout: 300_000, hookTimeout: 180_000, disableConsoleIntercept: true },
});
