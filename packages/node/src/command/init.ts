import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { ConfigError } from "../config/problem.ts";
import { paint, print } from "./output.ts";

/** What a person's own folder may hold already. */
const MAY_EXIST = new Set(["package.json", ".gitignore"]);

/** Writes a small project that runs. Never overwrites a file. */
export function init(directory: string): void {
  const target = resolve(directory);
  const files = project(basename(target));
  const taken = Object.keys(files).filter((file) => existsSync(join(target, file)));
  const inTheWay = taken.filter((file) => !MAY_EXIST.has(file));
  if (inTheWay.length > 0) {
    throw new ConfigError(
      inTheWay.map((file) => ({
        file: join(target, file),
        path: "",
        message: "exists already; nothing was written",
      })),
    );
  }
  for (const [file, content] of Object.entries(files)) {
    if (taken.includes(file)) {
      print(`  = ${join(directory, file)} is left as it is`);
      continue;
    }
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), content);
    print(`  ${paint("green", "+")} ${join(directory, file)}`);
  }
  const own = taken.includes("package.json") ? join(target, "package.json") : undefined;
  if (own !== undefined && !readFileSync(own, "utf8").includes('"module"')) {
    print(`\nYour package.json needs "type": "module".`);
  }
  const install = own === undefined ? "npm install" : "npm install @shoal/mesh @shoal/node zod";
  const into = relative(process.cwd(), target);
  const steps = [
    ...(into ? [`cd ${quoted(into)}`] : []),
    install,
    "npx shoal up",
    'npx shoal call hello "world"',
  ];
  print(`\nNext:\n${steps.map((step) => `  ${step}`).join("\n")}`);
}

function quoted(path: string): string {
  return /^[\w./@-]+$/.test(path) ? path : `"${path}"`;
}

function project(name: string): Record<string, string> {
  const packageName =
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "my-mesh";
  return {
    "package.json": `${JSON.stringify(
      {
        name: packageName,
        private: true,
        type: "module",
        scripts: { start: "shoal up", check: "shoal check" },
        dependencies: { "@shoal/mesh": "^0.1.0", "@shoal/node": "^0.1.0", zod: "^4.6.7" },
      },
      null,
      2,
    )}\n`,
    "shoal.yaml": `processes: 2                # OS processes; every one serves all agents below
drainTimeout: 25s           # time to finish work when stopped
agents:
  - use: ./agents/hello.ts  # your own
    concurrency: 4          # requests handled at once in each process
  - echo                    # comes with Shoal
`,
    "agents/hello.ts": `import { defineAgent } from "@shoal/mesh";
import { z } from "zod";

export const hello = defineAgent({
  name: "hello",
  version: "1.0.0",
  description: "Greets people",
  state: () => ({ greeted: 0 }),
  methods: {
    greet: {
      input: z.object({ name: z.string().min(1) }),
      output: z.string(),
      run({ name }, ctx) {
        ctx.state.greeted++;
        ctx.log.info({ name }, "greeting");
        return \`Hello, \${name}! You are number \${ctx.state.greeted} here.\`;
      },
    },
  },
});
`,
    ".gitignore": "node_modules/\n.shoal/\n",
  };
}
