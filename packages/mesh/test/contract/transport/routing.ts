import { describe, expect, test } from "vitest";
import { type Connect, bytes, freshSubject, listen, pair, peers, settle } from "./harness.ts";

export function routing(connect: Connect): void {
  describe("routing", () => {
    test.each([
      ["*", "a", true],
      ["a.*", "a.b", true],
      ["a.*", "a", false],
      ["a.*", "a.b.c", false],
      ["*.b", "a.b", true],
      ["a.>", "a.b", true],
      ["a.>", "a.b.c.d", true],
      ["a.>", "a", false],
      ["a.*.c", "a.b.c", true],
      ["a.*.c", "a.b.d", false],
      ["a.b", "a.b", true],
      ["a.b", "a.B", false],
    ])("a subscription to %s and a message to %s: %s", async (pattern, subject, expected) => {
      const [a, b] = await pair(connect);
      const root = freshSubject();
      const heard = listen(b, `${root}.${pattern}`);
      await settle(b);
      a.publish(`${root}.${subject}`, bytes("x"));
      await settle(a, b);
      expect(heard.messages.map((message) => message.subject)).toEqual(
        expected ? [`${root}.${subject}`] : [],
      );
    });

    test("T2: every plain subscription gets every message, the publisher's own too", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const all = [listen(a, subject), listen(b, subject), listen(b, subject)];
      await settle(a, b);
      a.publish(subject, bytes("x"));
      await settle(a, b);
      expect(all.map(({ texts }) => texts)).toEqual([["x"], ["x"], ["x"]]);
    });

    test("T2: a queue group gets each message once, and both members get some", async () => {
      const [a, b, c] = await peers(connect, 3);
      const subject = freshSubject();
      const members = [listen(b!, subject, { queue: "g" }), listen(c!, subject, { queue: "g" })];
      await settle(b!, c!);
      for (let i = 0; i < 200; i++) a!.publish(subject, bytes(String(i)));
      await settle(a!, b!, c!);
      const got = members.flatMap(({ texts }) => texts);
      expect(got.map(Number).sort((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_, i) => i));
      for (const { texts } of members) expect(texts.length).toBeGreaterThan(0);
    });

    test("T2: two groups on one subject each get every message", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const groups = [
        listen(b, subject, { queue: "g" }),
        listen(b, subject, { queue: "h" }),
        listen(b, subject),
      ];
      await settle(b);
      for (const text of ["1", "2", "3"]) a.publish(subject, bytes(text));
      await settle(a, b);
      for (const { texts } of groups) expect(texts).toEqual(["1", "2", "3"]);
    });

    test("T2: a wildcard and an exact subscription of one group share its messages", async () => {
      const [a, b] = await pair(connect);
      const root = freshSubject();
      const exact = listen(b, `${root}.x`, { queue: "g" });
      const wild = listen(b, `${root}.*`, { queue: "g" });
      await settle(b);
      for (let i = 0; i < 100; i++) a.publish(`${root}.x`, bytes("x"));
      await settle(a, b);
      expect(exact.messages.length + wild.messages.length).toBe(100);
      expect(Math.min(exact.messages.length, wild.messages.length)).toBeGreaterThan(0);
    });

    test("a message carries its subject and its reply subject, or an empty one", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      a.publish(subject, bytes("1"), { reply: "some.reply" });
      a.publish(subject, bytes("2"));
      await settle(a, b);
      expect(heard.messages.map((message) => message.reply)).toEqual(["some.reply", ""]);
      expect(heard.messages.every((message) => !message.noResponders && !message.hasHeaders)).toBe(true);
    });

    test("every inbox is new, and receives", async () => {
      const [a, b] = await pair(connect);
      const inbox = a.newInbox();
      expect(a.newInbox()).not.toBe(inbox);
      const heard = listen(a, `${inbox}.*`);
      await settle(a);
      b.publish(`${inbox}.7`, bytes("x"));
      await settle(b, a);
      expect(heard.messages.map((message) => message.subject)).toEqual([`${inbox}.7`]);
    });
  });
}
