import { describe, expect, test } from "vitest";
import { type Connect, bytes, freshSubject, listen, pair, settle } from "./harness.ts";

const badRequest = expect.objectContaining({ name: "MeshError", code: "bad_request" }) as Error;

export function limits(connect: Connect): void {
  describe("limits", () => {
    test("T6: the largest payload passes, and one byte more is refused with both sizes", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      const { maxPayload } = a;
      a.publish(subject, new Uint8Array(maxPayload));
      expect(() => a.publish(subject, new Uint8Array(maxPayload + 1))).toThrow(
        expect.objectContaining({
          code: "too_large",
          message: expect.stringMatching(new RegExp(`${maxPayload + 1} bytes.*${maxPayload}`)) as string,
        }) as Error,
      );
      await settle(a, b);
      expect(heard.messages.map(({ payload }) => payload.length)).toEqual([maxPayload]);
      expect(a.status).toBe("connected");
    });

    test("T6: headers count, to the byte", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      // "NATS/1.0\r\n" + "X-Name: é\r\n" + "\r\n"
      const taken = 10 + 12 + 2;
      const headers = { "X-Name": "é" };
      a.publish(subject, new Uint8Array(a.maxPayload - taken), { headers });
      expect(() => a.publish(subject, new Uint8Array(a.maxPayload - taken + 1), { headers })).toThrow(
        expect.objectContaining({ code: "too_large" }) as Error,
      );
      await settle(a, b);
      expect(heard.messages.map((message) => message.header("x-name"))).toEqual(["é"]);
      expect(a.status).toBe("connected");
    });

    test("headers are found whatever their case; values are one line without space around", async () => {
      const [a, b] = await pair(connect);
      const subject = freshSubject();
      const heard = listen(b, subject);
      await settle(b);
      a.publish(subject, bytes("x"), {
        headers: { "Shoal-Timeout": " 10s ", traceparent: "00-1\r\nInjected: yes", Empty: "" },
      });
      await settle(a, b);
      const [message] = heard.messages;
      expect(message?.hasHeaders).toBe(true);
      expect(message?.header("shoal-TIMEOUT")).toBe("10s");
      expect(message?.header("Traceparent")).toBe("00-1 Injected: yes");
      expect(message?.header("Injected")).toBeUndefined();
      expect(message?.header("Empty")).toBe("");
      expect(message?.header("constructor")).toBeUndefined();
      expect(Buffer.from(message?.payload ?? []).toString()).toBe("x");
    });

    test.each(["", "bad name", "bad:name", "bad\r\nname", "büd"])(
      "a header named %j is refused",
      async (name) => {
        const [a] = await pair(connect);
        expect(() => a.publish(freshSubject(), bytes("x"), { headers: { [name]: "1" } })).toThrow(badRequest);
      },
    );

    test.each(["", "two words", "line\r\nPUB x 0", "tab\there"])("%j is no subject", async (subject) => {
      const [a, b] = await pair(connect);
      const heard = listen(b, ">");
      expect(() => a.publish(subject, bytes("x"))).toThrow(badRequest);
      expect(() => a.subscribe(subject, () => {})).toThrow(badRequest);
      if (subject !== "") expect(() => a.publish("fine", bytes("x"), { reply: subject })).toThrow(badRequest);
      await settle(a, b);
      expect(heard.messages).toEqual([]);
      expect(a.status).toBe("connected");
    });
  });
}
