import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type StatsMessage, decodeStats } from "../../../src/stats/message.ts";
import type { NodeFigures } from "../../../src/stats/figures.ts";
import { NodeMirror } from "../../../src/stats/mirror.ts";
import { Told } from "../../../src/stats/told.ts";
import { CountedNode } from "../../support/counted-node.ts";

/** Small enough for a few replicas to need several messages. */
const MAX_BYTES = 2_500;

/** What can be compared: what has happened, in an order that says nothing. */
function seen({ replicas }: NodeFigures): unknown {
  return replicas
    .map(({ agent, replica, methods }) => ({
      key: `${agent} ${replica}`,
      methods: methods
        .filter(({ ended }) => ended > 0)
        .map((each) => ({ ...each, running: each.running.toJSON(), waiting: each.waiting.toJSON() }))
        .toSorted((a, b) => (a.method < b.method ? -1 : 1)),
    }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function endedIn({ replicas }: NodeFigures): number {
  return replicas.flatMap(({ methods }) => methods).reduce((sum, { ended }) => sum + ended, 0);
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      at: fc.nat(9),
      ms: fc.nat(3_000),
      method: fc.constantFrom("a", "b"),
      code: fc.constantFrom("ok" as const, "internal" as const, "cancelled" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("add" as const, "stop" as const),
      at: fc.nat(9),
      agent: fc.constantFrom("x", "y"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("tell" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ask" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pack" as const) }) },
  // A message on its way: it arrives, is lost, or arrives and stays on its way.
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("arrive" as const, "lose" as const, "repeat" as const),
      at: fc.nat(3),
    }),
  },
);

test("ME2, ME3: whatever is lost, late, repeated or out of order, each request counts once, and in the end all of them do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, startsLate) => {
      const node = new CountedNode("n");
      node.add("x");
      const told = new Told("n", 1_000);
      let mirror = new NodeMirror({ node: "n", intervalMs: 1_000 });
      const way: StatsMessage[] = [];
      const send = (messages: Uint8Array[]): void => void way.push(...messages.map(decodeStats));
      const tell = (): void =>
        send(told.news(node.figures, MAX_BYTES, { isDue: true, isLast: false }).messages);
      for (const each of steps) {
        if (each.do === "end") node.end(each.at, each);
        else if (each.do === "add") node.add(each.agent);
        else if (each.do === "stop") node.stop(each.at);
        else if (each.do === "tell") tell();
        else if (each.do === "ask") send(told.whole(MAX_BYTES));
        else if (each.do === "pack") mirror.pack();
        else {
          const [message] = each.do === "repeat" ? [way[each.at]] : way.splice(each.at, 1);
          if (message && each.do !== "lose") mirror.take(message);
          if (mirror.isKnown) expect(endedIn(mirror.figures)).toBeLessThanOrEqual(endedIn(node.figures));
        }
      }
      if (startsLate) mirror = new NodeMirror({ node: "n", intervalMs: 1_000 });
      // From now on all goes well: two intervals are enough.
      const late = way.splice(0);
      for (let interval = 0; interval < 2; interval++) {
        tell();
        if (
          way
            .splice(0)
            .map((message) => mirror.take(message))
            .includes("gap")
        )
          send(told.whole(MAX_BYTES));
        for (const message of way.splice(0)) mirror.take(message);
      }
      for (const message of late) mirror.take(message);
      expect(seen(mirror.figures)).toEqual(seen(node.figures));
    }),
    { numRuns: 300 },
  );
});

test("ME2: nothing new is nothing to tell, and what has changed is told without the rest", () => {
  const node = new CountedNode("n");
  for (let i = 0; i < 20; i++) node.add("x");
  for (let i = 0; i < 400; i++) node.end(i, { method: "a", ms: i, code: "ok" });
  const told = new Told("n", 1_000);
  const now = { isDue: false, isLast: false };
  const [all] = told.news(node.figures, 1_000_000, now).messages;
  expect(told.news(node.figures, 1_000_000, now)).toEqual({ messages: [], isNew: false });
  node.end(3, { method: "a", ms: 7, code: "ok" });
  const [news] = told.news(node.figures, 1_000_000, now).messages;
  expect(decodeStats(news as Uint8Array).replicas).toEqual([
    ["x", "n-4", {}, [["a", { ended: 21, ok: 21 }, expect.any(Array), expect.any(Array)]]],
  ]);
  expect(news?.length).toBeLessThan(300);
  expect(all?.length).toBeGreaterThan(2_000);
});

test("no message is larger than allowed, however much there is to tell", () => {
  const node = new CountedNode("n");
  for (let i = 0; i < 30; i++) node.add("x");
  for (let i = 0; i < 900; i++) node.end(i, { method: `m${i % 40}`, ms: i * 3, code: "ok" });
  const told = new Told("n", 1_000);
  told.news(node.figures, 4_096, { isDue: false, isLast: false });
  const sizes = told.whole(4_096).map(({ length }) => length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4_096);
  expect(sizes.length).toBeGreaterThan(5);
});
