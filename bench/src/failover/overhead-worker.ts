import { connect } from "@shoal/mesh/client";
import { echoRequester } from "../call/echo-requester.ts";
import { measure, type Measured, type Order } from "../call/measure.ts";
import { serveParent } from "../worker.ts";

/** A client with failover or without, and idempotent calls: those that are watched from their first moment. */
const [servers = "", failover] = process.argv.slice(2);
const mesh = await connect({ servers, failover: failover === "on" });
const requester = echoRequester(mesh, { idempotent: true });

const commands = { measure: (order: Order): Promise<Measured> => measure(requester, order) };

export type OverheadCommands = typeof commands;

serveParent(commands);
