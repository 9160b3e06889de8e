import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DrainRate } from "../../../src/actor/drain-rate.ts";
import { Mailbox } from "../../../src/actor/mailbox.ts";
import type { Priority } from "../../../src/protocol/priority.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { WaitingItem } from "../../support/waiting-item.ts";

const PRIORITIES = ["high", "normal", "low"] as const;

function mailboxOf(capacity: number, capacityBytes = Infinity): Mailbox<WaitingItem> {
  return new Mailbox(capacity, capacityBytes, new ManualClock(), new DrainRate(() => 1));
}

function put(mailbox: Mailbox<WaitingItem>, sender: string, priority: Priority = "normal", count = 1): void {
  for (let n = 0; n < count; n++) {
    expect(mailbox.push(new WaitingItem(`${sender}${n}`, { sender, priority }))).toBe(true);
  }
}

function take(mailbox: Mailbox<WaitingItem>, count = Infinity): WaitingItem[] {
  const taken: WaitingItem[] = [];
  while (taken.length < count) {
    const item = mailbox.shift();
    if (!item) break;
    taken.push(item);
  }
  return taken;
}

const sendersOf = (items: WaitingItem[]): string => items.map(({ sender }) => sender).join("");
const bytesOf = (items: readonly WaitingItem[]): number => items.reduce((sum, { bytes }) => sum + bytes, 0);

test("M1, M2, M3, M5: under any sequence of operations it holds what it should, and keeps each sender's order", () => {
  const operation = fc.record({
    type: fc.constantFrom("push", "push", "push", "displace", "shift", "shift", "remove"),
    at: fc.nat(40),
    sender: fc.constantFrom("a", "b", "c"),
    priority: fc.constantFrom(...PRIORITIES),
  });
  fc.assert(
    fc.property(fc.nat(6), fc.array(operation, { maxLength: 80 }), (capacity, operations) => {
      const mailbox = mailboxOf(capacity, 60);
      const all: WaitingItem[] = [];
      const model = new Set<WaitingItem>();
      const isOldest = ({ sender, priority, ...item }: WaitingItem): boolean =>
        [...model].find((each) => each.sender === sender && each.priority === priority)?.name === item.name;
      for (const { type, at, sender, priority } of operations) {
        if (type === "push" || type === "displace") {
          const item = new WaitingItem(String(all.length), { sender, priority, bytes: at });
          all.push(item);
          const fits = model.size < capacity && bytesOf([...model]) + at <= 60;
          const obstacle = mailbox.obstacle(item);
          if (obstacle !== "share") expect(obstacle === undefined).toBe(fits);
          const isIn = mailbox.push(item);
          expect(isIn).toBe(obstacle === undefined);
          if (isIn) model.add(item);
          else if (type === "displace") {
            const victim = mailbox.displace(item);
            if (victim) {
              expect(model.delete(victim)).toBe(true);
              model.add(item);
            }
          }
        } else if (type === "shift") {
          const item = mailbox.shift();
          expect(item === undefined).toBe(model.size === 0);
          if (item) expect(isOldest(item)).toBe(true);
          if (item) model.delete(item);
        } else if (all[at]) {
          mailbox.remove(all[at]);
          model.delete(all[at]);
        }
        expect(mailbox.size).toBe(model.size);
        expect(mailbox.size).toBeLessThanOrEqual(capacity);
        expect(mailbox.bytes).toBe(bytesOf([...model]));
        expect(mailbox.bytes).toBeLessThanOrEqual(60);
        expect(new Set(mailbox)).toEqual(model);
      }
      expect(new Set(take(mailbox))).toEqual(model);
      expect(mailbox.size).toBe(0);
    }),
  );
});

describe("turns", () => {
  test("M4: while all priorities wait, of 21 turns 16 are high, 4 normal and 1 low", () => {
    const mailbox = mailboxOf(1_000);
    for (const priority of PRIORITIES) put(mailbox, "a", priority, 100);
    for (let round = 0; round < 5; round++) {
      const turns = take(mailbox, 21).map(({ priority }) => priority);
      expect(PRIORITIES.map((each) => turns.filter((one) => one === each).length)).toEqual([16, 4, 1]);
    }
  });

  test("M4: nothing is kept back for a priority of which nothing waits", () => {
    const mailbox = mailboxOf(1_000);
    put(mailbox, "a", "low", 50);
    expect(take(mailbox, 30)).toHaveLength(30);
    put(mailbox, "a", "high", 3);
    expect(take(mailbox, 4).map(({ priority }) => priority)).toEqual(["high", "high", "high", "low"]);
  });

  test("M4: what went before has no part in it, when no other priority waited", () => {
    const mailbox = mailboxOf(1_000);
    for (const alone of ["normal", "high"] as const) {
      put(mailbox, "a", alone, 13);
      expect(take(mailbox, 9)).toHaveLength(9);
      for (const priority of PRIORITIES) put(mailbox, "a", priority);
      const rest = take(mailbox).map(({ priority }) => priority);
      expect(rest[0]).toBe("high");
      expect(rest.indexOf("low")).toBeGreaterThan(3);
    }
  });

  test("M4: senders take turns, so that one that came first with much delays another by one request", () => {
    const mailbox = mailboxOf(1_000);
    put(mailbox, "a", "normal", 100);
    put(mailbox, "b", "normal", 2);
    put(mailbox, "c", "normal", 1);
    expect(sendersOf(take(mailbox, 7))).toBe("abcabaa");
  });

  test("M4: with any senders and priorities none waits for more than a round of all the others", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom(...PRIORITIES)), {
          minLength: 1,
          maxLength: 200,
        }),
        (given) => {
          const mailbox = mailboxOf(1_000);
          for (const [sender, priority] of given) put(mailbox, sender, priority);
          const lines = new Map<string, number>();
          const left = new Map<string, number>();
          for (const [sender, priority] of given) {
            const key = sender + priority;
            left.set(key, (left.get(key) ?? 0) + 1);
          }
          for (const [turn, { sender, priority }] of take(mailbox).entries()) {
            const key = sender + priority;
            expect(turn - (lines.get(key) ?? 0)).toBeLessThanOrEqual(21 * 4 + 1);
            lines.set(key, turn);
            left.set(key, (left.get(key) ?? 0) - 1);
          }
          expect([...left.values()].every((count) => count === 0)).toBe(true);
        },
      ),
    );
  });
});

describe("a full mailbox", () => {
  const offer = (
    mailbox: Mailbox<WaitingItem>,
    sender: string,
    priority: Priority = "normal",
    bytes = 0,
  ): WaitingItem | undefined => {
    const item = new WaitingItem("new", { sender, priority, bytes });
    expect(mailbox.push(item)).toBe(false);
    return mailbox.displace(item);
  };

  test("M5: the newest of whoever has the most makes room, until nobody has two more than another", () => {
    const mailbox = mailboxOf(9);
    put(mailbox, "a", "normal", 9);
    expect(offer(mailbox, "b")?.name).toBe("a8");
    expect(offer(mailbox, "b")?.name).toBe("a7");
    expect(offer(mailbox, "c")?.name).toBe("a6");
    expect(offer(mailbox, "c")?.name).toBe("a5");
    expect(offer(mailbox, "b")?.name).toBe("a4");
    for (const each of ["a", "b", "b"]) expect(offer(mailbox, each)).toBeUndefined();
    expect(offer(mailbox, "c")?.name).toBe("a3");
    expect(
      [...mailbox]
        .map(({ sender }) => sender)
        .toSorted()
        .join(""),
    ).toBe("aaabbbccc".slice(0, 9));
  });

  test("M5: of whoever has the most what is least urgent goes first", () => {
    const mailbox = mailboxOf(4);
    put(mailbox, "a", "low");
    put(mailbox, "a", "high", 3);
    expect(offer(mailbox, "b", "low")).toMatchObject({ sender: "a", priority: "low" });
    expect(offer(mailbox, "c", "low")).toMatchObject({ sender: "a", priority: "high", name: "a2" });
  });

  test("M5: what is more urgent takes the place of what is less, first of its own sender", () => {
    const mailbox = mailboxOf(4);
    put(mailbox, "a", "low");
    put(mailbox, "b", "low");
    put(mailbox, "a");
    put(mailbox, "b");
    expect(offer(mailbox, "a", "high")).toMatchObject({ sender: "a", priority: "low" });
    expect(offer(mailbox, "a", "high")).toMatchObject({ sender: "a", priority: "normal" });
    expect(offer(mailbox, "a", "high")).toBeUndefined();
    expect(offer(mailbox, "a", "low")).toBeUndefined();
  });

  test("M5: of those who have as much nobody is left with less than the other had", () => {
    const mailbox = mailboxOf(3);
    put(mailbox, "a", "low");
    put(mailbox, "b", "low");
    put(mailbox, "c");
    expect(offer(mailbox, "d")).toMatchObject({ sender: "b", priority: "low" });
    expect(offer(mailbox, "d", "high")).toMatchObject({ sender: "d", priority: "normal" });
    expect(offer(mailbox, "e")).toMatchObject({ sender: "a", priority: "low" });
    expect(offer(mailbox, "f")).toBeUndefined();
  });

  test("M5: where bytes are what is short, one makes room whose bytes are enough", () => {
    const mailbox = mailboxOf(100, 100);
    for (const name of ["1", "2", "3"]) mailbox.push(new WaitingItem(name, { sender: "a", bytes: 30 }));
    expect(offer(mailbox, "b", "normal", 41)).toBeUndefined();
    expect(offer(mailbox, "b", "normal", 40)?.name).toBe("3");
    expect(mailbox.bytes).toBe(100);
  });

  test("M5: one without places takes nothing", () => {
    expect(offer(mailboxOf(0), "a", "high")).toBeUndefined();
  });
});

describe("time", () => {
  /** One is served in each turn. @returns the longest wait in turns, of those that came when paces were known */
  function longestWait(
    senders: readonly { name: string; perTurn: number; priority: Priority }[],
    capacity: number,
  ): Map<string, number> {
    const mailbox = mailboxOf(capacity);
    const since = new Map<WaitingItem, number>();
    const longest = new Map<string, number>();
    for (let turn = 0; turn < 40 * capacity; turn++) {
      for (const { name, perTurn, priority } of senders) {
        const due = Math.floor((turn + 1) * perTurn) - Math.floor(turn * perTurn);
        for (let n = 0; n < due; n++) {
          const item = new WaitingItem(`${turn}`, { sender: name, priority });
          if (!mailbox.push(item) && !mailbox.displace(item)) continue;
          since.set(item, turn);
        }
      }
      const item = mailbox.shift();
      const from = item && since.get(item);
      if (!item || from === undefined || from < 4 * capacity) continue;
      longest.set(item.sender, Math.max(turn - from, longest.get(item.sender) ?? 0));
    }
    return longest;
  }

  test.each([10, 100, 1_000])(
    "M6: in a mailbox of %d a noisy sender waits no longer than a full one takes, and quiet ones hardly at all",
    (capacity) => {
      const quiet = [0.21, 0.22, 0.23].map((perTurn) => ({
        name: `quiet ${perTurn}`,
        perTurn,
        priority: "normal" as const,
      }));
      const longest = longestWait([...quiet, { name: "noisy", perTurn: 2.3, priority: "normal" }], capacity);
      expect(longest.get("noisy")).toBeGreaterThan(capacity / 2);
      expect(longest.get("noisy")).toBeLessThanOrEqual(1.2 * capacity + 10);
      for (const { name } of quiet) expect(longest.get(name)).toBeLessThanOrEqual(5);
    },
  );

  test.each([10, 100, 1_000])("M4, M6: in a mailbox of %d what is low waits no longer either", (capacity) => {
    const all = PRIORITIES.map((priority) => ({ name: priority, perTurn: 1, priority }));
    const longest = longestWait(all, capacity);
    for (const each of PRIORITIES) expect(longest.get(each)).toBeLessThanOrEqual(1.2 * capacity + 3 * 21);
  });
});
