import { type Agent, defineAgent, defineContract, defineSupervisor } from "@shoal/mesh";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Hosted } from "../../src/config/agents.ts";
import { loadConfig } from "../../src/config/load.ts";
import { resolveSupervisors } from "../../src/config/supervisors.ts";
import { directory, yaml } from "../support/config-file.ts";

/** The supervisors of a configuration, with what each shows of its policy. */
async function supervisors(text: string): Promise<Record<string, Shown>> {
  const { hosted } = await loadConfig(yaml(text), []);
  return Object.fromEntries(
    hosted
      .filter(({ agent }) => agent.supervises)
      .map((each) => [each.agent.contract.name, shown(each)] as const),
  );
}

interface Shown {
  supervises: readonly string[] | undefined;
  replicas: number;
  status: Record<string, unknown>;
  agent: Agent;
}

function shown({ agent, replicas }: Hosted): Shown {
  const status = agent.inspect?.(agent.state?.() as never) ?? {};
  return { supervises: agent.supervises, replicas, status, agent };
}

describe("a configuration with supervisors", () => {
  test("every setting reaches the supervisor", async () => {
    const { assistant } = await supervisors(`
agents: [echo, { use: echo, name: llama }]
supervisors:
  - name: assistant
    version: 2.0.0
    description: Answers
    targets: [echo, { agent: llama, weight: 3, timeout: 2s }, echo]
    timeout: 5s
    retry: { attempts: 4, backoff: 50ms, factor: 3, maxBackoff: 10s, jitter: full, budget: 10% }
    breaker: { errorRate: 0.4, minimum: 10, window: 30s, halfOpenAfter: 5s }
    hedge: { after: 100ms, max: 2 }
    bulkhead: { running: 32, queued: 100 }
    rateLimit: { requests: 100, per: 1s }
    degrade: [{ cache: { staleFor: 10m } }, { agent: llama }, { answer: "…" }]
    idempotent: true
    replicas: 2
`);
    expect(assistant).toMatchObject({
      supervises: ["echo", "llama", "echo", "llama"],
      replicas: 2,
      agent: {
        concurrency: 32,
        mailbox: 100,
        contract: { version: "2.0.0", description: "Answers", methods: { words: { idempotent: true } } },
      },
      status: {
        targets: [{ agent: "echo" }, { agent: "llama", weight: 3, timeoutMs: 2_000 }, { agent: "echo" }],
        policy: {
          timeoutMs: 5_000,
          retry: { attempts: 4, backoffMs: 50, factor: 3, maxBackoffMs: 10_000, jitter: "full", budget: 0.1 },
          breaker: { errorRate: 0.4, minimum: 10, windowMs: 30_000, halfOpenAfterMs: 5_000 },
          hedge: { afterMs: 100, max: 2 },
          bulkhead: { running: 32, queued: 100 },
          rateLimit: { requests: 100, perMs: 1_000 },
          degrade: ["cache", "llama", "answer"],
        },
      },
    });
  });

  test("the short forms: no breaker, one attempt, a number of attempts, hedging as usual", async () => {
    const { plain, five } = await supervisors(`
supervisors:
  - { name: plain, targets: [echo], breaker: false, retry: false }
  - { name: five, targets: [summarizer], retry: 5, hedge: true, idempotent: true }
`);
    expect(plain?.status["policy"]).toMatchObject({ retry: { attempts: 1 } });
    expect(plain?.status["policy"]).not.toHaveProperty("breaker", expect.anything());
    expect(five?.status["policy"]).toMatchObject({ retry: { attempts: 5 }, hedge: { max: 1 } });
  });

  test("they are served after the agents, in any order of declaration, those that others ask first", async () => {
    const { hosted, config } = await loadConfig(
      yaml(`
supervisors:
  - { name: front, targets: [middle, echo] }
  - { name: middle, targets: [back] }
  - { name: back, targets: [summarizer, { agent: echo }], idempotent: true }
agents: [{ use: summarizer, name: echo }, keywords]
`),
      [],
    );
    expect(hosted.map(({ agent }) => agent.contract.name)).toEqual([
      "echo",
      "keywords",
      "back",
      "middle",
      "front",
    ]);
    // An agent of the configuration goes before one of its name that comes with Shoal.
    expect(Object.keys(hosted.at(-1)?.agent.contract.methods ?? {})).toEqual(["summarize", "outline"]);
    expect(config.supervisors).toHaveLength(3);
  });

  test("supervisors alone: whom they ask is served elsewhere", async () => {
    const { hosted, config } = await loadConfig(
      yaml("supervisors: [{ name: assistant, targets: [echo] }]"),
      [],
    );
    expect(config.agents).toBeUndefined();
    expect(hosted.map(({ agent }) => agent.contract.name)).toEqual(["assistant"]);
  });
});

describe("in TypeScript", () => {
  const methods = { say: { input: z.string(), output: z.string(), run: (text: string) => text } };
  const gpt = defineAgent({ name: "gpt", version: "1.0.0", methods });
  const { say } = gpt.contract.methods;
  const contract = defineContract({ name: "llama", version: "1.0.0", methods: { say } });
  const around = { hosted: [], directory, isIncomplete: false };

  test("targets may be agents and contracts", async () => {
    const { hosted, mistakes: found } = await resolveSupervisors(
      [{ name: "a", targets: [gpt, contract, { agent: contract, weight: 2 }], degrade: [{ agent: gpt }] }],
      around,
    );
    expect(found).toEqual([]);
    expect(hosted.map(({ agent }) => agent.supervises)).toEqual([["gpt", "llama", "llama", "gpt"]]);
  });

  test("a contract with the name of a supervisor means that supervisor", async () => {
    const { hosted } = await resolveSupervisors(
      [
        { name: "a", targets: [contract] },
        { name: "llama", targets: [gpt], idempotent: true },
      ],
      around,
    );
    expect(hosted.map(({ agent }) => agent.contract)).toMatchObject([
      { name: "llama" },
      { name: "a", methods: { say: { idempotent: true } } },
    ]);
  });

  test("a supervisor made in code is an agent, and part of circles too", async () => {
    const made = defineSupervisor({ name: "made", targets: [gpt], degrade: [{ agent: "a" }] });
    const { mistakes: found } = await resolveSupervisors([{ name: "a", targets: ["made"] }], {
      ...around,
      hosted: [{ agent: made, replicas: 1 }],
    });
    expect(found[0]?.message).toContain("a asks made asks a");
  });
});
