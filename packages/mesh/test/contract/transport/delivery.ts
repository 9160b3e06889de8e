import { describe, expect, test } from "vitest";
import { type Connect, bytes, freshSubject, listen, pair, settle } from "./harness.ts";

const COUNT = 2_000;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

export function delivery(connect: Connect): void {
  describe("delivery", () => {
    test("T1: messages arrive in order, over many turns and on a wildcard too", async () => {
      const [a, b] = await pair(connect);
      const root = freshSubject();
      const heard = listen(b, `${root}.*`);
      await settle(b);
      for (const number of numbers(COUNT)) {
        a.publish(`${root}.${Number(number) % 7}`, bytes(number));
        if (Number(number) % 100 === 0) await new Promise(setImmediate);
      }
      await settle(a, b);
      expect(heard.texts).toEqual(numbers(COUNT));
    });

    test("T1: a handler that blocks the process gets everything, in order", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const got: string[] = [];
      b.subscribe(subject, ({ payload }) => {
        if (got.length === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
        got.push(Buffer.from(payload.subarray(0, 8)).toString().trim());
      });
      await settle(b);
      for (const number of numbers(COUNT)) a.publish(subject, bytes(number.padEnd(1_024)));
      await settle(a, b);
      expect(got).toEqual(numbers(COUNT));
    });

    test("a handler that throws stops nothing, and is reported with its subject", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const errors: string[] = [];
      b.onStatus(({ type, detail }) => type === "error" && errors.push(detail));
      b.subscribe(subject, ({ payload }) => {
        throw new Error(`no ${Buffer.from(payload).toString()}`);
      });
      const other = listen(b, subject);
      await settle(b);
      a.publish(subject, bytes("1"));
      a.publish(subject, bytes("2"));
      await settle(a, b);
      expect(other.texts).toEqual(["1", "2"]);
      expect(errors).toEqual([
        `a handler of ${subject} failed: no 1`,
        `a handler of ${subject} failed: no 2`,
      ]);
      expect(b.status).toBe("connected");
    });

    test("what a receiver does to its bytes is seen by nobody else", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      b.subscribe(subject, ({ payload }) => payload.fill(0));
      const other = listen(b, subject);
      await settle(b);
      const payload = bytes("whole");
      a.publish(subject, payload);
      await settle(a, b);
      expect(other.texts).toEqual(["whole"]);
      expect(payload.toString()).toBe("whole");
    });

    test("what is published before a subscription is not heard by it", async () => {
      const [a] = await pair(connect);
      const subject = freshSubject();
      a.publish(subject, bytes("early"));
      const heard = listen(a, subject);
      a.publish(subject, bytes("late"));
      await settle(a);
      expect(heard.texts).toEqual(["late"]);
    });

    test("nothing is delivered in the turn in which it was published", async () => {
      const [a] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(a, subject);
      await settle(a);
      a.publish(subject, bytes("x"));
      expect(heard.messages).toEqual([]);
      await settle(a);
      expect(heard.texts).toEqual(["x"]);
    });
  });
}
