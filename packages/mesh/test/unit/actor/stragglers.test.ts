import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";

/** An actor whose handlers run until the test ends them, whatever became of their requests. */
function deaf() {
  const gates: Gate[] = [];
  const fixture = ActorFixture.of(
    () => {
      const gate = new Gate();
      gates.push(gate);
      return gate.promise;
    },
    { concurrency: 3 },
  );
  const said = (text: string) => fixture.log.lines.filter(({ message }) => message.includes(text));
  return { fixture, gates, warnings: () => said("still runs"), returns: () => said("has returned") };
}

test("J3: a handler that runs on 5 s after its request's deadline is named once, and so is its return", async () => {
  const { fixture, gates, warnings, returns } = deaf();
  const inbound = fixture.offer(1, { remainingMs: 100 });
  fixture.clock.advance(5_000);
  expect(warnings()).toEqual([]);
  fixture.clock.advance(120_000);
  expect(warnings()).toMatchObject([
    { level: "warn", fields: { method: "run", request: inbound.id, handlers: 1, slots: 3 } },
  ]);
  gates[0]?.open(1);
  await turns(2);
  expect(returns()).toMatchObject([{ level: "info", fields: { method: "run", request: inbound.id } }]);
  expect(fixture.deadlines.size).toBe(0);
});

test("a handler that heeds its request's end in time is not spoken of", async () => {
  const { fixture, gates, warnings, returns } = deaf();
  const inbound = fixture.offer(1);
  fixture.clock.advance(25);
  inbound.heldBy?.cancel(new MeshError("cancelled", "the caller gave up."));
  fixture.clock.advance(4_000);
  gates[0]?.open(1);
  await turns(2);
  fixture.clock.advance(60_000);
  expect([...warnings(), ...returns()]).toEqual([]);
  expect(fixture.deadlines.size).toBe(0);
});

test("many such handlers make one warning a minute, which counts them", () => {
  const { fixture, warnings } = deaf();
  fixture.offer(1, { remainingMs: 100 });
  fixture.clock.advance(5_200);
  expect(warnings()).toHaveLength(1);
  fixture.offer(2, { remainingMs: 100 });
  fixture.offer(3, { remainingMs: 100 });
  fixture.clock.advance(59_000);
  expect(warnings()).toHaveLength(1);
  fixture.clock.advance(300_000);
  expect(warnings()).toMatchObject([{ fields: { handlers: 1 } }, { fields: { handlers: 3 } }]);
});

test("A4: what an actor gives up when it closes is said, by method", async () => {
  const { fixture } = deaf();
  fixture.offer(0, { remainingMs: 100 });
  for (let i = 0; i < 4; i++) fixture.offer(i);
  fixture.clock.advance(200);
  await fixture.actor.close();
  expect(fixture.log.lines).toMatchObject([
    {
      level: "warn",
      fields: { agent: "tester", waiting: { run: 2 }, running: { run: 2 }, ended: { run: 1 } },
      message: "the drain's time is up: what is still here is given up",
    },
  ]);
  expect(fixture.deadlines.size).toBe(0);
});

test("an idle actor closes without a word", async () => {
  const { fixture } = deaf();
  await fixture.actor.close();
  expect(fixture.log.lines).toEqual([]);
});
