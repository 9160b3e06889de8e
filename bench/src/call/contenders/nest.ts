import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type MicroserviceOptions,
} from "@nestjs/microservices";
import { lastValueFrom } from "rxjs";
import { fromPromise, textOf, type Contender } from "../contender.ts";

const PATTERN = "bench.nest";

class EchoController {
  say(input: { text: string }): { text: string } {
    return input;
  }
}

// oxlint-disable-next-line typescript/no-extraneous-class -- NestJS takes a class to hang its metadata on
class EchoModule {}

/** NestJS microservices with their NATS transport and defaults. Decorators are applied by hand: Node runs no decorator syntax. */
export const nest: Contender = {
  async respond(url) {
    Controller()(EchoController);
    const say = Object.getOwnPropertyDescriptor(EchoController.prototype, "say");
    MessagePattern(PATTERN)(EchoController.prototype, "say", say ?? {});
    Module({ controllers: [EchoController] })(EchoModule);
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(EchoModule, {
      transport: Transport.NATS,
      options: { servers: [url] },
      logger: false,
    });
    await app.listen();
  },

  async request(url) {
    const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [url] } });
    await client.connect();
    return {
      prepare(size) {
        const content = textOf(size);
        return fromPromise(
          () => lastValueFrom(client.send<{ text: string }>(PATTERN, content)),
          ({ text }) => text.length === size,
        );
      },
    };
  },
};
