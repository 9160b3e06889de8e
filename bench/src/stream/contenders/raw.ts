import { connect, createInbox, type Msg, type NatsConnection, type Subscription } from "nats";
import { bytesOf } from "../../call/contender.ts";
import { Tally, type Contender, type Stream, type Wish } from "../contender.ts";

const SUBJECT = "bench.stream";

/** The limit: the library publishes each chunk to the asker's inbox, as fast as it can; a callback takes them. */
export const rawCallback: Contender = { respond, request: (url) => request(url, byCallback) };

/** The same, consumed by the subscription's iterator. */
export const rawIterator: Contender = { respond, request: (url) => request(url, byIterator) };

type Consume = (connection: NatsConnection, wish: Wish) => Stream;

async function respond(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  connection.subscribe(SUBJECT, {
    callback: (_error, message) => {
      const { chunks, bytes } = message.json<Wish>();
      const chunk = bytesOf(bytes);
      for (let sent = 0; sent < chunks; sent++) connection.publish(message.reply ?? "", chunk);
    },
  });
  await connection.flush();
}

async function request(url: string, consume: Consume): ReturnType<Contender["request"]> {
  const connection = await connect({ servers: url });
  return { prepare: ({ chunks, bytes }) => consume(connection, { chunks, bytes }) };
}

function byCallback(connection: NatsConnection, wish: Wish): Stream {
  const payload = JSON.stringify(wish);
  return (first, done) => {
    const tally = new Tally(wish, first);
    const inbox = createInbox();
    const subscription = connection.subscribe(inbox, {
      callback: (_error, message) => end(take(tally, message, subscription), done),
    });
    connection.publish(SUBJECT, payload, { reply: inbox });
  };
}

function byIterator(connection: NatsConnection, wish: Wish): Stream {
  const payload = JSON.stringify(wish);
  return (first, done) => {
    const tally = new Tally(wish, first);
    const inbox = createInbox();
    const subscription = connection.subscribe(inbox);
    connection.publish(SUBJECT, payload, { reply: inbox });
    void (async () => {
      for await (const message of subscription) end(take(tally, message, subscription), done);
    })();
  };
}

/** What came of a chunk: more are due, it was the last, or it is not what was asked for. */
function take(tally: Tally, { data }: Msg, subscription: Subscription): "more" | "last" | Error {
  try {
    tally.add(data.length);
    if (!tally.complete) return "more";
    subscription.unsubscribe();
    return "last";
  } catch (error) {
    subscription.unsubscribe();
    return error as Error;
  }
}

function end(outcome: "more" | "last" | Error, done: (failure?: Error) => void): void {
  if (outcome !== "more") done(outcome === "last" ? undefined : outcome);
}
