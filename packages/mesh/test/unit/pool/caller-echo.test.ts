import { expect, test } from "vitest";
import { CallerEcho } from "../../../src/pool/caller-echo.ts";
import { Desk } from "../../../src/transport/desk.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

/** An echo, and the subject of a caller who may listen. */
function echoed() {
  const world = new InProcessMesh();
  const replica = world.outsider();
  let gone = 0;
  const desk = new Desk(replica);
  const echo = new CallerEcho(desk, () => gone++);
  const say = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      replica.publish("caller", Buffer.from("?"), { reply: echo.next() });
      await world.advance("5ms");
    }
  };
  const close = async (): Promise<void> => {
    echo.close();
    desk.shut();
    await world.close();
  };
  return { world, say, close, times: () => gone };
}

test("AK7: a caller is gone when five messages in a row have reached nobody", async () => {
  const { say, times, close } = echoed();
  await say(4);
  expect(times()).toBe(0);
  await say(1);
  expect(times()).toBe(1);
  await close();
});

test("AK7: one that has got a message meanwhile is given five more", async () => {
  const { world, say, times, close } = echoed();
  await say(4);
  const listening = world.outsider().subscribe("caller", () => {});
  await say(1);
  listening.unsubscribe();
  await say(4);
  expect(times()).toBe(0);
  await say(1);
  expect(times()).toBe(1);
  await close();
});
