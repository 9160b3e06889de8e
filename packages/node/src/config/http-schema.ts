import { z } from "zod";
import { picked } from "./picked.ts";

/** The usual port of what a program tells Prometheus of itself. */
const DEFAULT_PORT = 9464;
const LOOPBACK = "127.0.0.1";
const LAST_PORT = 65_535;

/** Where a node answers over HTTP how it is. */
export interface HttpEntry {
  /** 0: any that is free; it is told in the log. */
  readonly port: number;
  readonly host: string;
}

const aPort = z.int().min(0).max(LAST_PORT);

const settings = z.strictObject({
  /** Default 9464. Of several processes each has the next one. */
  port: aPort.default(DEFAULT_PORT),
  /** Default 127.0.0.1; `0.0.0.0` or `::` for every address of the machine. */
  host: z.string().regex(/^\S+$/, 'must be an address such as "127.0.0.1" or "0.0.0.0"').default(LOOPBACK),
});

/** What there is to set. */
export const httpSettings: z.ZodObject = settings;

const aSwitch = z.boolean().transform((on) => on && settings.parse({}));

const aPortAlone = aPort.transform((port) => ({ port, host: LOOPBACK }));

const anAddress = z
  .string()
  .regex(/^(\S+:)?\d+$/, 'must be true, a port, or an address with a port such as "0.0.0.0:9464"')
  .transform(entryIn)
  .refine(({ port }) => port <= LAST_PORT, `must have a port of at most ${LAST_PORT}`);

/** `true`, a port, text such as `0.0.0.0:9464`, or both apart. */
export const http: z.ZodType<HttpEntry | false> = picked<HttpEntry | false>((value) => {
  if (typeof value === "boolean") return aSwitch;
  if (typeof value === "number") return aPortAlone;
  return typeof value === "string" ? anAddress : settings;
});

/** Process `index` of several, from 0: each has a port of its own. */
export function httpOfProcess({ port: first, host }: HttpEntry, index: number): HttpEntry {
  return { host, port: first === 0 ? 0 : first + index };
}

/** In one word, as an environment variable has it. */
export function httpText({ port, host }: HttpEntry): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function entryIn(written: string): HttpEntry {
  const [, host = LOOPBACK, port] = /^(?:\[?(\S+?)\]?:)?(\d+)$/.exec(written) ?? [];
  return { host, port: Number(port) };
}
