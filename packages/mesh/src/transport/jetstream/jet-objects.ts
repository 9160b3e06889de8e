import type { NatsConnection, ObjectStore } from "nats";
import type { Objects } from "../store.ts";
import { insist } from "./insist.ts";
import { asJetError } from "./jet-error.ts";
import { opened } from "./opened.ts";

/** An object store of NATS. */
export class JetObjects implements Objects {
  private readonly name: string;
  private readonly store: ObjectStore;

  private constructor(name: string, store: ObjectStore) {
    this.name = name;
    this.store = store;
  }

  static async open(name: string, connection: NatsConnection): Promise<JetObjects> {
    const views = connection.jetstream().views;
    return new JetObjects(name, await opened(name, () => views.os(name)));
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    await this.tell("writing", name, () => this.store.putBlob({ name }, value));
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return (await this.tell("reading", name, () => this.store.getBlob(name))) ?? undefined;
  }

  async delete(name: string): Promise<void> {
    await this.tell("deleting", name, () => this.store.delete(name));
  }

  private async tell<T>(doing: string, name: string, step: () => Promise<T>): Promise<T> {
    try {
      return await insist(step);
    } catch (error) {
      throw asJetError(`${doing} the object ${name} of ${this.name}`, error);
    }
  }
}
