import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";
import { inRepository } from "../support/repository.ts";

/** Upper bounds, gzipped: a bit over what was measured. */
const LIMIT_KIB = { all: 130, own: 49 };

interface Bundle {
  minified: number;
  gzipped: number;
  modules: string[];
}

let all: Bundle;
let own: Bundle;

beforeAll(async () => {
  all = await bundleClient([]);
  own = await bundleClient([/^nats$/, /^@msgpack\/msgpack$/, /^@opentelemetry\/api$/]);
});

it("a client alone stays small", () => {
  expect(all.gzipped).toBeLessThan(LIMIT_KIB.all);
  expect(own.gzipped).toBeLessThan(LIMIT_KIB.own);
});

it("a client alone has no zod in it, no pool, and nothing of the testing kit", () => {
  expect(all.modules.length).toBeGreaterThan(50);
  expect(all.modules.filter((module) => /[\\/](zod|pool|testing)[\\/]/.test(module))).toEqual([]);
});

it("docs/client.md tells its size, give or take a tenth", () => {
  const page = readFileSync(inRepository("docs/client.md"), "utf8");
  const told = /(\d+) KiB minified and (\d+) KiB gzipped, of which (\d+) KiB/
    .exec(page)
    ?.slice(1)
    .map(Number);
  const measured = [all.minified, all.gzipped, own.gzipped];
  const differences = measured.map((size, index) => Math.abs((told?.[index] ?? 0) / size - 1));
  expect(Math.max(...differences), `measured ${measured.map(Math.round).join(", ")}`).toBeLessThan(0.1);
});

/** What a bundler makes of `import { connect } from "@shoal/mesh/client"`; sizes in KiB. */
async function bundleClient(external: RegExp[]): Promise<Bundle> {
  const entry = "\0app";
  const bundle = await rolldown({
    input: entry,
    platform: "node",
    external,
    plugins: [
      {
        name: "app",
        resolveId: (id) => {
          if (id === "@shoal/mesh/client") return inRepository("packages/mesh/src/client.ts");
          return id === entry ? id : null;
        },
        load: (id) => (id === entry ? `export { connect } from "@shoal/mesh/client";` : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  const [{ code, modules }] = output;
  return {
    minified: Buffer.byteLength(code) / 1024,
    gzipped: gzipSync(code).length / 1024,
    modules: Object.keys(modules),
  };
}
