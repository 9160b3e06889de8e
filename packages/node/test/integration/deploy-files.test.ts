import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { ExitCode } from "../../src/exit-code.ts";
import { GRACE_MS } from "../../src/process/life.ts";
import { toMs } from "@shoal/mesh";
import { inRepository } from "../../../../test/support/repository.ts";
import { pythonTool } from "../../../../test/support/python.ts";

// What is deployed, as the tools of those who run it see it. How it works together is in test/integration/deployed.test.ts.

const scratch = mkdtempSync(join(tmpdir(), "shoal-deploy-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const file = (...path: string[]): string => inRepository("deploy", ...path);
const text = (...path: string[]): string => readFileSync(file(...path), "utf8");

/** Runs a program to its end. @returns all that it has printed @throws Error with that, when it fails */
async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: file() }).catch(
    (error: unknown) => {
      const { stdout = "", stderr = "", message } = error as Partial<Record<string, string>>;
      throw new Error(`${message}\n${stdout}${stderr}`, { cause: error });
    },
  );
  return stdout + stderr;
}

describe("the image", () => {
  test.each(["Dockerfile", "Dockerfile.agents"])("hadolint finds nothing in %s", async (name) => {
    expect(await run(pythonTool("hadolint"), "--no-color", file(name))).toBe("");
  });

  test("has the Node and the pnpm of a clone", () => {
    const pins = JSON.parse(readFileSync(inRepository("tools/setup/pins.json"), "utf8")) as Pins;
    expect(text("Dockerfile")).toContain(`NODE_IMAGE=node:${pins.node.packages["linux-x64"]?.version}-`);
    expect(text("Dockerfile")).toContain(`PNPM_VERSION=${pins.pnpm.packages["linux-x64"]?.version}\n`);
  });
});

interface Pins {
  node: { packages: Record<string, { version: string }> };
  pnpm: { packages: Record<string, { version: string }> };
}

describe("compose.yaml", () => {
  const { services, secrets } = parse(text("compose.yaml"), { merge: true }) as Compose;

  test("is what the compose specification says", async () => {
    const schema = ["--builtin-schema", "vendor.compose-spec"];
    expect(await run(pythonTool("check-jsonschema"), ...schema, file("compose.yaml"))).toContain("ok");
  });

  test("names only files that are there, or that its head tells to make", () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((each) => each.split(":")[0]),
    );
    const paths = [...mounted, ...Object.values(secrets).map(({ file }) => file)].filter((path) =>
      path?.startsWith("./"),
    );
    const made = (path: string): boolean => /^\.\/(secrets|data)\//.test(path);
    expect(paths.filter((path = "") => !made(path) && !existsSync(file(path)))).toEqual([]);
  });

  test.each(Object.entries(services))(
    "%s is confined, bounded, and reached from this machine alone",
    (_name, service) => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], cpus: 1 });
      expect(service).toHaveProperty("mem_limit");
      expect(service.user).toMatch(/^("?\$\{SHOAL_UID|[1-9])/);
      expect(service.image).toMatch(/:(v?\d+\.\d+\.\d+|latest$)/);
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    },
  );
});

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
}

interface Service {
  image: string;
  user: string;
  ports?: string[];
  volumes?: string[];
  stop_grace_period?: string;
}

describe("kubernetes", () => {
  const build = (path: string): Promise<string> =>
    run(pythonTool("kubectl"), "kustomize", file("kubernetes", path));

  test.each(["base", "overlays/small", "overlays/production"])(
    "%s builds, and is what Kubernetes takes",
    async (path) => {
      const built = join(scratch, `${path.replace("/", "-")}.yaml`);
      writeFileSync(built, await build(path));
      const told = await run(pythonTool("kubernetes-validate"), "--strict", built);
      const unknown = told.split("\n").filter((line) => line.startsWith("WARN"));
      // KEDA's own kind is not among Kubernetes' schemas.
      expect(unknown.filter((line) => !line.includes("ScaledObject"))).toEqual([]);
      expect(told.match(/passed for resource deployment/g)).toHaveLength(2);
    },
    30_000,
  );

  test("every pod runs without rights, and has time to drain", async () => {
    const pods = parseAllDocuments(await build("overlays/production"))
      .map((each) => each.toJS() as Deployment)
      .filter(({ kind }) => kind === "Deployment")
      .map(({ spec }) => spec.template.spec);
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            livenessProbe: { httpGet: { path: "/healthz" } },
            readinessProbe: { httpGet: { path: "/readyz" } },
          },
        ],
      });
      expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(drainMs("shoal.yaml") + GRACE_MS);
    }
  });
});

interface Deployment {
  kind: string;
  spec: { template: { spec: { terminationGracePeriodSeconds: number } } };
}

describe.runIf(process.platform === "linux")("systemd", () => {
  test.each(["nats-server.service", "shoal@.service"])("%s is right, and confined", async (name) => {
    // The programs are not on this machine.
    const unit = join(scratch, name.replace("@", "@one"));
    writeFileSync(unit, text("systemd", name).replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
    expect(await run("systemd-analyze", "verify", "--man=no", unit)).toBe("");
    // Of 100: what is confined as far as it goes has little left.
    await run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", unit);
  });

  test("a node is started again when it may do better, and has time to drain", () => {
    const unit = text("systemd", "shoal@.service");
    expect(unit).toContain(`\nRestartPreventExitStatus=${ExitCode.usage}\n`);
    expect(unit).toContain(`\nSuccessExitStatus=${ExitCode.interrupted}\n`);
    const [, seconds] = /^TimeoutStopSec=(\d+)s$/m.exec(unit) ?? [];
    expect(Number(seconds) * 1_000).toBeGreaterThan(drainMs("shoal.yaml") + GRACE_MS);
  });
});

test("containers have time to drain", () => {
  const { services } = parse(text("compose.yaml"), { merge: true }) as Compose;
  for (const [service, config] of [
    ["node", "shoal.yaml"],
    ["metrics", "metrics.yaml"],
  ] as const)
    expect(toMs(services[service]?.stop_grace_period as "40s")).toBeGreaterThan(drainMs(config) + GRACE_MS);
});

function drainMs(config: string): number {
  return toMs((parse(text(config)) as { drainTimeout: "25s" }).drainTimeout);
}
