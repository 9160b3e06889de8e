import { connect, createInbox } from "nats";
import { bytesOf, type Contender, type Requester } from "../contender.ts";

const SUBJECT = "bench.mux";

/**
 * The limit: one inbox subscription, a table of callbacks, no timers, no promises. Nothing that sends each request
 * as a message of its own through this library can be faster.
 */
export const ownMux: Contender = {
  async respond(url) {
    const connection = await connect({ servers: url });
    connection.subscribe(SUBJECT, {
      callback: (_error, { reply, data }) => connection.publish(reply ?? "", data),
    });
    await connection.flush();
  },

  async request(url): Promise<Requester> {
    const connection = await connect({ servers: url });
    const prefix = `${createInbox()}.`;
    const waiting = new Map<number, (reply: Uint8Array) => void>();
    let lastId = 0;
    connection.subscribe(`${prefix}*`, {
      callback: (_error, { subject, data }) => {
        const id = Number(subject.slice(prefix.length));
        const done = waiting.get(id);
        waiting.delete(id);
        done?.(data);
      },
    });
    await connection.flush();
    return {
      prepare(size) {
        const payload = bytesOf(size);
        return (done) => {
          const id = ++lastId;
          waiting.set(id, ({ length }) =>
            done(length === size ? undefined : new Error("the reply is not an echo")),
          );
          connection.publish(SUBJECT, payload, { reply: prefix + id });
        };
      },
    };
  },
};
