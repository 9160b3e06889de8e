import { defineConfig } from "vitest/config";

const conditions = ["shoal-source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ["**/*.case.ts"], pool: "forks", execArgv: ["--conditions=shoal-source"] },
});
