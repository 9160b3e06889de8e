import { expect, test } from "vitest";
import { Storm } from "../support/storm.ts";

const seed = Number(process.env["SHOAL_CHAOS_SEED"] ?? Date.now() % 1_000_000_000);
const requests = Number(process.env["SHOAL_CHAOS_REQUESTS"] ?? 20_000);

test.each([
  ["P1, P2, P4, J1, R3: every request ends exactly once, and what may be repeated succeeds", false],
  ["P1, P2, J1, R3: so it does when single messages are lost and doubled, which NATS never does", true],
])(
  "%s",
  async (_title, isLossy) => {
    const storm = new Storm({ seed, requests: requests / 2, isLossy });
    await storm.run();
    const { problems, figures } = storm.ledger;
    expect(problems, `replay with SHOAL_CHAOS_SEED=${seed} SHOAL_CHAOS_REQUESTS=${requests}`).toEqual([]);
    expect(figures).toMatchObject({ sent: requests / 2, "ended twice": 0, hung: 0 });
    expect(storm.faults).toBeGreaterThan(requests / 4_000);
  },
  60_000 + requests,
);
