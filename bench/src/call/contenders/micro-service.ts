import { connect } from "nats";
import type { Contender } from "../contender.ts";
import { requester } from "./nats-request.ts";

const SUBJECT = "bench.micro";

/** The library's micro service framework, asked with the library's `request()`. */
export const microService: Contender = {
  async respond(url) {
    const connection = await connect({ servers: url });
    const service = await connection.services.add({ name: "echo", version: "1.0.0" });
    service.addEndpoint("say", {
      subject: SUBJECT,
      handler: (_error, message) => void message.respond(message.data),
    });
    await connection.flush();
  },

  async request(url) {
    return requester(await connect({ servers: url }), SUBJECT);
  },
};
