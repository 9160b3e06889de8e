import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { fromEnvironment, fromFlags } from "../../src/config/overrides.ts";
import type { ConfigError } from "../../src/config/problem.ts";
import { directory, mistakes, yaml } from "../support/config-file.ts";

describe("a configuration that is right", () => {
  test("names alone, with the defaults", async () => {
    const { config, hosted } = await loadConfig(yaml("agents: [echo, keywords]\n"), []);
    expect(config).toEqual({
      root: "mesh",
      processes: 1,
      drainTimeout: "25s",
      log: { level: "info" },
      agents: [{ use: "echo" }, { use: "keywords" }],
    });
    expect(hosted.map(({ agent, replicas }) => [agent.contract.name, replicas])).toEqual([
      ["echo", 1],
      ["keywords", 1],
    ]);
  });

  test("entries with settings of their own", async () => {
    const { config, hosted } = await loadConfig(
      yaml(`
root: team.dev
node: edge
nats: { servers: nats://10.0.0.1:4222, tls: { handshakeFirst: true } }
processes: 3
drainTimeout: 500
log: { level: warn }
agents:
  - { use: echo, name: parrot, concurrency: 2, mailbox: 0, replicas: 4,
      rateLimit: { perSecond: 0.5 }, callerRateLimit: { perSecond: 10, burst: 3 } }
`),
      [],
    );
    expect(config).toMatchObject({
      root: "team.dev",
      node: "edge",
      nats: { servers: ["nats://10.0.0.1:4222"], tls: { handshakeFirst: true } },
      processes: 3,
      drainTimeout: 500,
    });
    expect(hosted).toMatchObject([
      {
        replicas: 4,
        agent: {
          concurrency: 2,
          mailbox: 0,
          rateLimit: { perSecond: 0.5 },
          callerRateLimit: { perSecond: 10, burst: 3 },
          contract: { name: "parrot" },
        },
      },
    ]);
  });

  test("a policy in place of a number of slots", async () => {
    const { hosted } = await loadConfig(
      yaml("agents: [{ use: echo, concurrency: { policy: gradient, min: 2, max: 32, target: 2s } }]\n"),
      [],
    );
    expect(hosted[0]?.agent.concurrency).toEqual({ policy: "gradient", min: 2, max: 32, target: "2s" });
  });

  test("caches by method, in place of the module's own", async () => {
    const { hosted } = await loadConfig(
      yaml("agents: [{ use: echo, name: parrot, cache: { say: { ttl: 5m, tags: [a], shared: true } } }]\n"),
      [],
    );
    const { contract } = hosted[0]?.agent ?? {};
    expect(contract?.name).toBe("parrot");
    expect(contract?.methods["say"]?.cache).toEqual({ ttl: "5m", tags: ["a"], shared: true });
    const off = await loadConfig(yaml("agents: [{ use: echo, cache: { say: false } }]\n"), []);
    expect(off.hosted[0]?.agent.contract.methods["say"]?.cache).toBeUndefined();
  });

  test("JSON is YAML too, and a directory stands for the configuration in it", async () => {
    const file = join(directory, "shoal.yaml");
    writeFileSync(file, '{"agents": ["echo"]}');
    expect(await loadConfig(directory, [])).toMatchObject({ file, hosted: [{}] });
  });
});

describe("mistakes", () => {
  test("all of them at once, in the order of the file, each with its place and what to do", async () => {
    expect(
      await mistakes(`processes: lots
drainTimeout: soon
rot: mesh
log: debug
nats:
  servers: 5
  tls: { ca: x, handshakeFirst: maybe }
agents:
  - use: echo
    concurency: 4
    replicas: 0
  - 5
  - {}
  - [echo]
`),
    ).toEqual([
      '1:1 processes: must be a whole number, not "lots"',
      '2:1 drainTimeout: not a duration: write 250 (milliseconds), "250ms", "10s", "5m" or "2h"',
      '3:1 rot: unknown setting; did you mean "root"?',
      '4:1 log: must be a set of settings, not "debug"',
      "6:3 nats.servers: must be an address, or a list of addresses, not a number",
      '7:10 nats.tls.ca: unknown setting; did you mean "caFile"?',
      "7:17 nats.tls.handshakeFirst: must be true or false, not text",
      '10:5 agents[0].concurency: unknown setting; did you mean "concurrency"?',
      "11:5 agents[0].replicas: must be at least 1, not 0",
      "12:5 agents[1]: must be an agent's name, a path such as ./hello.ts, or `use:` with settings beside it, not 5",
      "13:5 agents[2].use: is missing; it must be an agent's name, or a path such as ./hello.ts",
      "14:5 agents[3]: must be an agent's name, a path such as ./hello.ts, or `use:` with settings beside it, not a list",
    ]);
  });

  test.each([
    ["agents: []", "1:1 agents: must name at least one"],
    ["agents:", "1:1 agents: is missing; it must be a list such as `agents: [echo, ./hello.ts]`"],
    ["root: mesh", "1:1 agents: is missing; it must be a list such as `agents: [echo, ./hello.ts]`"],
    ["agents: echo", '1:1 agents: must be a list such as `agents: [echo, ./hello.ts]`, not "echo"'],
    ["- echo", "1:1 : must be a set of settings such as `agents: [echo]`, not a list"],
    ["echo", '1:1 : must be a set of settings such as `agents: [echo]`, not "echo"'],
    ["agents: ['']", "1:10 agents[0].use: must say something"],
    ["agents: [echo]\nprocesses: 1.5", "2:1 processes: must be a whole number, not 1.5"],
    ["agents: [echo]\nprocesses: 1000", "2:1 processes: must be at most 256, not 1000"],
    ["agents: [echo]\nnode: 7", "2:1 node: must be text, not 7; put it in quotes"],
    ["agents: [echo]\nnode: a b", '2:1 node: must be 1 to 40 letters, digits, "_" and "-", not "a b"'],
    [
      "agents: [echo]\nroot: mesh.>",
      '2:1 root: must be a NATS subject without wildcards: letters, digits, "_" and "-", joined by ".", not "mesh.>"',
    ],
    [
      "agents: [echo]\nlog: { level: inof }",
      '2:8 log.level: must be one of trace, debug, info, warn, error, silent, not "inof"; did you mean "info"?',
    ],
    [
      "agents: [echo]\nwhatever: 1",
      /^2:1 whatever: unknown setting; known here: root, node, nats, processes/,
    ],
    [
      "agents: [{ use: echo, zzz: 1 }]",
      /zzz: unknown setting; known here: use, name, concurrency, mailbox, rateLimit, callerRateLimit, cache, replicas, onFailure, worker$/,
    ],
    [
      "agents: [{ use: echo, cache: { say: { tll: 5m } } }]",
      /agents\[0\].cache.say.tll: unknown setting; did you mean "ttl"\?/,
    ],
    [
      "agents: [{ use: echo, cache: { say: { ttl: 0 } } }]",
      /agents\[0\].cache.say.ttl: must be longer than 0/,
    ],
    ["agents: [{ use: echo, cache: { say: { max: 5 } } }]", /agents\[0\]: cache: "say" needs a ttl/],
    [
      "agents: [{ use: echo, cache: { sya: { ttl: 5m } } }]",
      /agents\[0\]: cache: "echo" has no method "sya"; did you mean "say"\?/,
    ],
    [
      "agents: [{ use: echo, cache: { words: { ttl: 5m } } }]",
      /agents\[0\]: .*method "words" gives a stream, which cannot be cached/,
    ],
    ["agents: [{ use: echo, rateLimit: { perSecond: 0 } }]", /agents\[0\].rateLimit.perSecond: must be/],
    [
      "agents: [{ use: echo, callerRateLimit: { perSec: 1, perSecond: 1 } }]",
      /perSec: unknown setting; did you mean "perSecond"/,
    ],
    [
      "agents: [{ use: echo, concurrency: lots }]",
      '1:23 agents[0].concurrency: must be a whole number, or a policy such as `{ policy: gradient, max: 32 }`, not "lots"',
    ],
    ["agents: [{ use: echo, concurrency: 0 }]", "1:23 agents[0].concurrency: must be at least 1, not 0"],
    [
      "agents: [{ use: echo, concurrency: { policy: gradeint } }]",
      '1:38 agents[0].concurrency.policy: must be one of simple, aimd, gradient, not "gradeint"; did you mean "gradient"?',
    ],
    [
      "agents: [{ use: echo, concurrency: { max: 5 } }]",
      "1:23 agents[0].concurrency.policy: is missing; it must be one of simple, aimd, gradient",
    ],
    [
      "agents: [{ use: echo, concurrency: { policy: aimd, min: 5, max: 4 } }]",
      "1:60 agents[0].concurrency.max: must be at least `min`",
    ],
    [
      "agents: [{ use: echo, concurrency: { policy: aimd, target: soon } }]",
      /^1:52 agents\[0\]\.concurrency\.target: not a duration/,
    ],
    [
      "agents: [{ use: echo, concurrency: { policy: aimd, limit: 4 } }]",
      "1:52 agents[0].concurrency.limit: unknown setting; known here: policy, min, max, target",
    ],
    ["agents: [echo]\ndrainTimeout: -1", /^2:1 drainTimeout: not a duration/],
    ["agents: [echo]\ndrainTimeout: [1s]", /^2:1 drainTimeout: not a duration/],
  ])("%j", async (text, expected) => {
    const found = await mistakes(text);
    expect(found).toHaveLength(1);
    if (typeof expected === "string") expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  test("neither agents nor supervisors, and something else", async () => {
    expect(await mistakes("root: 5\n")).toEqual([
      "1:1 root: must be text, not 5; put it in quotes",
      "1:1 agents: is missing; it must be a list such as `agents: [echo, ./hello.ts]`",
    ]);
  });

  test("two agents of one name", async () => {
    expect(await mistakes("agents:\n  - echo\n  - use: keywords\n    name: echo\n")).toEqual([
      '3:5 agents[1]: agents[0] is called "echo" already: rename one with `name`, or ask for more of it with `replicas`',
    ]);
  });

  test("a name that no agent may have, and an export of one that has none", async () => {
    expect(await mistakes("agents:\n  - { use: echo, name: Big Bird }\n  - echo#say\n")).toEqual([
      expect.stringMatching(/^2:5 agents\[0\]: agent name "Big Bird" is not valid/) as string,
      '3:5 agents[1]: "echo" comes with Shoal and is one agent: leave "#say" out',
    ]);
  });

  test("a worker needs an agent that does the work itself", async () => {
    expect(await mistakes("agents: [{ use: echo, worker: 5 }]")).toEqual([
      "1:23 agents[0].worker: must be true or false, not 5",
    ]);
    const boss = fileURLToPath(new URL("../fixtures/boss.ts", import.meta.url));
    expect(await mistakes(`agents: [{ use: ${boss}, worker: true }]`)).toEqual([
      '1:10 agents[0]: agent "boss" passes requests on and computes nothing: it needs no worker.',
    ]);
  });

  test("credentials are never repeated", async () => {
    const found = await mistakes(
      "agents: [echo]\nnats: { pass: 90210, token: [t0ken], servers: ['a s3cret'] }\n",
    );
    expect(found).toEqual([
      "2:9 nats.pass: must be text, not a number; put it in quotes",
      "2:22 nats.token: must be text, not a list",
      '2:48 nats.servers[0]: must be an address such as "nats://127.0.0.1:4222"',
    ]);
  });

  test("YAML that is none: every fault with its line", async () => {
    expect(await mistakes("agents: [echo]\nagents: [reader]\n\troot: x\n")).toEqual([
      "2:1 : Map keys must be unique",
      "3:1 : Tabs are not allowed as indentation",
    ]);
    expect(await mistakes("agents: *nobody\n")).toEqual([
      expect.stringContaining("Unresolved alias") as string,
    ]);
  });

  test("a variable or a flag is named where it is wrong, and not a line of the file", async () => {
    const file = yaml("agents: [echo]\nprocesses: 2\ndrainTimeout: 1s\n");
    const overrides = [
      ...fromEnvironment({ SHOAL_PROCESSES: "abc", SHOAL_LOG_LEVEL: "wrn", SHOAL_DRAIN_TIMEOUT: "1s" }),
      ...fromFlags({ drainTimeout: "banana" }),
    ];
    const error = await loadConfig(file, overrides).catch((thrown: unknown) => thrown as ConfigError);
    expect((error as ConfigError).message).toBe(`3 mistakes:
  $SHOAL_PROCESSES  processes: must be a whole number, not "abc"
  --drain-timeout  drainTimeout: not a duration: write 250 (milliseconds), "250ms", "10s", "5m" or "2h"
  $SHOAL_LOG_LEVEL  log.level: must be one of trace, debug, info, warn, error, silent, not "wrn"; did you mean "warn"?`);
  });

  test("a file that is not there, and a directory without a configuration", async () => {
    const empty = mkdtempSync(join(directory, "empty-"));
    await expect(loadConfig("/nowhere/shoal.yaml", [])).rejects.toThrow(
      "/nowhere/shoal.yaml  there is no such file; `shoal init` writes a small project",
    );
    await expect(loadConfig(empty, [])).rejects.toThrow(
      /is a directory without a configuration \(shoal\.yaml/,
    );
  });
});
