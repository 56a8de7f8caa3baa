import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest file first, so that it does not run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = (file: TestSpecification) => (file.moduleId.includes("every-screen") ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => isLongest(a) - isLongest(b));
  }
}

// The built program with a real browser: `make test-ui`.
export default defineConfig({
  test: {
    environment: "node",
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Each file has a product and a browser of its own; more of them than this starve each other on two cores.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
