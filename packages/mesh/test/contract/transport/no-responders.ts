import { describe, expect, test } from "vitest";
import { type Connect, bytes, freshSubject, listen, pair, settle } from "./harness.ts";

export function noResponders(connect: Connect): void {
  describe("no responders", () => {
    test("T3: a request that nobody hears is answered at once", async () => {
      const [a] = await pair(connect);
      const inbox = a.newInbox();
      const heard = listen(a, `${inbox}.*`);
      a.publish(freshSubject(), bytes("x"), { reply: `${inbox}.1` });
      await settle(a);
      expect(heard.messages).toHaveLength(1);
      const [answer] = heard.messages;
      expect(answer).toMatchObject({
        subject: `${inbox}.1`,
        noResponders: true,
        hasHeaders: true,
        reply: "",
      });
      expect(answer?.payload).toHaveLength(0);
    });

    test("T3: without a reply subject nothing is said", async () => {
      const [a] = await pair(connect);
      const heard = listen(a, ">");
      const subject = `elsewhere.${freshSubject()}`;
      a.publish(subject, bytes("x"));
      await settle(a);
      expect(heard.messages.filter((message) => message.noResponders)).toEqual([]);
    });

    test("T3: a subscriber that says nothing counts as one", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const silent = listen(b, subject, { queue: "g" });
      const inbox = a.newInbox();
      const heard = listen(a, `${inbox}.*`);
      await settle(a, b);
      a.publish(subject, bytes("x"), { reply: `${inbox}.1` });
      await settle(a, b);
      expect(silent.texts).toEqual(["x"]);
      expect(heard.messages).toEqual([]);
    });

    test("T3: only the asker is told, once, whoever else listens to its reply subject", async () => {
      const [a, b] = await pair(connect);
      const reply = freshSubject();
      const others = [listen(b, reply), listen(a, reply, { queue: "g" })];
      await settle(a, b);
      const own = [listen(a, reply), listen(a, reply)];
      await settle(a, b);
      a.publish(freshSubject(), bytes("x"), { reply });
      await settle(a, b);
      expect(own.flatMap(({ messages }) => messages)).toHaveLength(1);
      expect(others.flatMap(({ messages }) => messages)).toEqual([]);
    });

    test("an empty answer of a responder is not taken for it", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      b.subscribe(subject, ({ reply }) =>
        b.publish(reply, new Uint8Array(0), { headers: { "X-Code": "503" } }),
      );
      const inbox = a.newInbox();
      const heard = listen(a, `${inbox}.*`);
      await settle(a, b);
      a.publish(subject, bytes("x"), { reply: `${inbox}.1` });
      await settle(a, b, a);
      expect(heard.messages.map((message) => message.noResponders)).toEqual([false]);
    });
  });
}
