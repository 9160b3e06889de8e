import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Tests import packages by name and get their sources: nothing needs to be built first.
const conditions = ["shoal-source", "node", "import", "module", "default"];
// Tests start some hundreds of processes: each compiles only what no other has.
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compile", import.meta.url)) };

function project(name: string, include: string[], timeoutMs: number): object {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include,
      env,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      pool: "forks",
      // Most of the time of a small file would be spent on loading what the one before it has loaded.
      isolate: false,
      // Worker threads import what they need without vitest.
      execArgv: ["--conditions=shoal-source"],
    },
  };
}

/** The longest first, so that others run beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith("/soak.test.ts");
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // The machine this must be green on has two cores, and some tests start processes of their own.
    maxWorkers: 2,
    projects: [
      project(
        "unit",
        [
          "packages/*/test/unit/**/*.test.ts",
          "test/*/unit/**/*.test.ts",
          "tools/test/**/*.test.ts",
          "bench/test/**/*.test.ts",
        ],
        10_000,
      ),
      project("contract", ["packages/*/test/contract/**/*.test.ts"], 20_000),
      project(
        "integration",
        [
          "packages/*/test/integration/**/*.test.ts",
          "test/integration/**/*.test.ts",
          "examples/*/test/**/*.test.ts",
        ],
        60_000,
      ),
      project("chaos", ["packages/*/test/chaos/**/*.test.ts", "test/soak/*.test.ts"], 60_000),
      project("docs", ["test/docs/**/*.test.ts"], 120_000),
      project("package", ["test/package/**/*.test.ts"], 300_000),
    ],
  },
});
