import { describe, expect, test } from "vitest";
import type { MeshError } from "../../../src/errors.ts";
import { type Connect, bytes, freshSubject, listen, pair, settle } from "./harness.ts";

export function leaving(connect: Connect): void {
  describe("leaving", () => {
    test("T4: a drained subscription gets what was sent before, and nothing sent after", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      for (let i = 0; i < 500; i++) a.publish(subject, bytes(String(i)));
      await a.flush();
      await heard.drain();
      expect(heard.messages).toHaveLength(500);
      a.publish(subject, bytes("after"));
      await settle(a, b);
      expect(heard.messages).toHaveLength(500);
    });

    test("T4: what the connection itself published in the same turn counts as before", async () => {
      const [a] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(a, subject);
      a.publish(subject, bytes("x"));
      await heard.drain();
      expect(heard.texts).toEqual(["x"]);
    });

    test("a connection tells what it listens to, and no longer what it has left", async () => {
      const [a] = await pair(connect);
      const [one, two, three] = [freshSubject(), freshSubject(), freshSubject()];
      const first = listen(a, one);
      const second = listen(a, two, { queue: "g" });
      listen(a, three);
      expect(a.interests).toEqual([
        { subject: one, queue: undefined },
        { subject: two, queue: "g" },
        { subject: three, queue: undefined },
      ]);
      first.unsubscribe();
      await second.drain();
      expect(a.interests.map(({ subject }) => subject)).toEqual([three]);
    });

    test("T4: a drain ends although others never stop talking", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      let talking = true;
      a.subscribe(subject, () => talking && a.publish(subject, bytes("again")));
      const heard = listen(b, subject);
      await settle(a, b);
      a.publish(subject, bytes("first"));
      await settle(a, b);
      await heard.drain();
      await b.flush();
      talking = false;
      expect(heard.messages.length).toBeGreaterThan(0);
    });

    test("T4: members that leave a group one by one lose nothing of it", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const members = Array.from({ length: 4 }, () => listen(b, subject, { queue: "g" }));
      await settle(b);
      const left: Promise<void>[] = [];
      for (let i = 0; i < 400; i++) {
        a.publish(subject, bytes(String(i)));
        if (i % 100 === 50 && i < 300) left.push(members[Math.floor(i / 100)]!.drain());
        if (i % 20 === 0) await new Promise(setImmediate);
      }
      await Promise.all(left);
      await settle(a, b);
      const got = members.flatMap(({ texts }) => texts.map(Number)).sort((x, y) => x - y);
      expect(got).toEqual(Array.from({ length: 400 }, (_, i) => i));
    });

    test("an unsubscribed one gets nothing more, not even what is under way", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      a.publish(subject, bytes("x"));
      heard.unsubscribe();
      await settle(a, b);
      expect(heard.messages).toEqual([]);
    });

    test("draining and unsubscribing may be repeated, in any order", async () => {
      const [a] = await pair(connect);
      const heard = listen(a, freshSubject());
      await Promise.all([heard.drain(), heard.drain()]);
      await heard.drain();
      heard.unsubscribe();
      const other = listen(a, freshSubject());
      other.unsubscribe();
      other.unsubscribe();
      await other.drain();
      await settle(a);
      expect(a.status).toBe("connected");
    });

    test("closing sends what is queued, may be repeated, and is told once", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      const events: string[] = [];
      a.onStatus(({ type }) => events.push(type));
      a.publish(subject, bytes("last words"));
      await Promise.all([a.close(), a.close()]);
      await a.close();
      await settle(b);
      expect(heard.texts).toEqual(["last words"]);
      expect(events).toEqual(["closed"]);
      expect(a.status).toBe("closed");
    });

    test("a closed connection takes nothing, and says so", async () => {
      const [a] = await pair(connect);
      const heard = listen(a, freshSubject());
      await a.close();
      const closed = expect.objectContaining({ name: "MeshError", code: "unavailable" }) as MeshError;
      expect(() => a.publish("x", bytes("x"))).toThrow(closed);
      expect(() => a.subscribe("x", () => {})).toThrow(closed);
      await expect(a.flush()).rejects.toThrow(closed);
      await heard.drain();
      heard.unsubscribe();
    });

    test("a status listener that throws keeps nobody else from hearing; one that left hears nothing", async () => {
      const [a] = await pair(connect);
      const events: string[] = [];
      a.onStatus(() => {
        throw new Error("a listener's own fault");
      });
      const stop = a.onStatus(() => events.push("left"));
      a.onStatus(({ type }) => events.push(type));
      stop();
      await a.close();
      expect(events).toEqual(["closed"]);
    });
  });
}
