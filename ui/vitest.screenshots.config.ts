import { defineConfig } from "vitest/config";

// Pictures of the product: `make screenshots`.
export default defineConfig({
  test: { environment: "node", include: ["test/browser/pictures.ts"], testTimeout: 900_000, hookTimeout: 180_000 },
});
