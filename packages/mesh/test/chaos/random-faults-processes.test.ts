import { expect, test } from "vitest";
import { ProcessStorm } from "../support/process-storm.ts";

const seed = Number(process.env["SHOAL_CHAOS_SEED"] ?? Date.now() % 1_000_000_000);
const REQUESTS = 3_000;

test("P1, P2, P4, C1: with real processes, servers and networks too, every request ends exactly once", async () => {
  await using storm = new ProcessStorm({ seed, requests: REQUESTS });
  await storm.run();
  const { problems, figures } = storm.ledger;
  expect(problems, `replay with SHOAL_CHAOS_SEED=${seed}`).toEqual([]);
  expect(figures).toMatchObject({ sent: REQUESTS, "ended twice": 0, hung: 0 });
  expect(storm.faults).toBeGreaterThan(3);
}, 120_000);
