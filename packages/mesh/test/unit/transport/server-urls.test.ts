import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitServers } from "../../../src/transport/server-urls.ts";

test.each<[string | string[], object]>([
  ["nats://a:4222", { servers: ["nats://a:4222"] }],
  ["a", { servers: ["a"] }],
  [" a , tls://b:1,", { servers: ["a", "tls://b:1"] }],
  [["a,b", "c"], { servers: ["a", "b", "c"] }],
  ["nats://u:p@a:4222", { servers: ["nats://a:4222"], user: "u", pass: "p" }],
  ["u:99@a:4222", { servers: ["a:4222"], user: "u", pass: "99" }],
  ["nats://t@a", { servers: ["nats://a"], token: "t" }],
  ["nats://u:@a", { servers: ["nats://a"], user: "u", pass: "" }],
  ["nats://u:100%@a", { servers: ["nats://a"], user: "u", pass: "100%" }],
  ["nats://u:p@a,nats://v:q@b", { servers: ["nats://a", "nats://b"], user: "u", pass: "p" }],
  ["nats://[::1]:4222", { servers: ["nats://[::1]:4222"] }],
])("%j", (given, expected) => expect(splitServers(given)).toEqual(expected));

test("what is escaped comes out as it was, and never stays in the address", () => {
  const secret = fc.string({ unit: "grapheme", minLength: 1 });
  fc.assert(
    fc.property(secret, secret, (user, pass) => {
      const address = `nats://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@host:4222`;
      expect(splitServers(address)).toEqual({ servers: ["nats://host:4222"], user, pass });
    }),
  );
});
