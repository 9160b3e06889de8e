import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Mailbox, type Queueable } from "../../../src/actor/mailbox.ts";

class Item implements Queueable {
  ahead: this | undefined = undefined;
  behind: this | undefined = undefined;
  readonly name: number;
  readonly bytes: number;

  constructor(name: number, bytes: number) {
    this.name = name;
    this.bytes = bytes;
  }
}

const bytesOf = (items: readonly Item[]): number => items.reduce((sum, { bytes }) => sum + bytes, 0);

test("M1, M2, M3: under any sequence of operations it behaves as a bounded list", () => {
  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("push" as const), at: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.constant({ type: "shift" as const, at: 0 }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("remove" as const), at: fc.nat(30) }) },
  );
  fc.assert(
    fc.property(fc.nat(6), fc.array(operation, { maxLength: 60 }), (capacity, operations) => {
      const mailbox = new Mailbox<Item>(capacity, 60);
      const all: Item[] = [];
      let model: Item[] = [];
      for (const { type, at } of operations) {
        if (type === "push") {
          const item = new Item(all.length, at);
          all.push(item);
          const fits = model.length < capacity && bytesOf(model) + at <= 60;
          expect(mailbox.push(item)).toBe(fits);
          if (fits) model.push(item);
        } else if (type === "shift") expect(mailbox.shift()).toBe(model.shift());
        else {
          const item = all[at];
          if (item) mailbox.remove(item);
          model = model.filter((each) => each !== item);
        }
        expect(mailbox.size).toBe(model.length);
        expect(mailbox.bytes).toBe(bytesOf(model));
        expect([...mailbox]).toEqual(model);
      }
      const rest: Item[] = [];
      for (let item = mailbox.shift(); item; item = mailbox.shift()) rest.push(item);
      expect(rest).toEqual(model);
    }),
  );
});
