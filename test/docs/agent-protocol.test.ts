import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ACK, encodeQuery, encodeResponse } from "../../packages/agents/src/protocol/chunk.ts";
import { NUMBERS } from "../../packages/agents/src/protocol/failure.ts";
import { subjectOf } from "../../packages/agents/src/protocol/identity.ts";
import {
  CODE_HEADER,
  GROUP,
  HEARTBEAT_S,
  KEEP_ALIVE_MS,
  MISSED_BEATS,
  PROTOCOL_VERSION,
  SERVICE,
  SILENCE_MS,
  TEXT_HEADER,
} from "../../packages/agents/src/protocol/terms.ts";
import { settingsAt } from "../../packages/node/src/config/schema.ts";
import { readPage, tableOf } from "../support/docs/page.ts";
import { type Project, workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";
import { pythonPath } from "../support/python.ts";

const IDENTITY = { agent: "{agent}", owner: "{owner}", name: "{name}" };
const PAGE = readPage("docs/agent-protocol.md");

/** A reader who has the authors' Python packages too. */
function pythonProject(): Project {
  const project = workspaceProject();
  const python = join(project.directory, "node_modules/.bin/python");
  writeFileSync(python, `#!/bin/sh\nexec '${pythonPath()}' "$@"\n`);
  chmodSync(python, 0o755);
  project.env["PATH"] = `${join(project.directory, "node_modules/.bin")}:${project.env["PATH"]}`;
  return project;
}

describePage(PAGE, { setUp: pythonProject, skip: /^npm / });

it("lists every setting", () => {
  const told = tableOf(PAGE, "setting", "default", "meaning").map(([setting]) => setting);
  expect(told).toEqual(settingsAt(["protocol"]));
});

it("has the subjects and the queue group as they are", () => {
  expect(tableOf(PAGE, "verb", "subject", "queue group")).toEqual([
    ["prompt", subjectOf("prompt", IDENTITY), GROUP],
    ["status", subjectOf("status", IDENTITY), GROUP],
    ["hb", subjectOf("hb", IDENTITY), ""],
  ]);
});

it("has the protocol's numbers as they are", () => {
  const values = tableOf(PAGE, "what", "value").map(([, value]) => value);
  const numbers = [HEARTBEAT_S, MISSED_BEATS, KEEP_ALIVE_MS / 1_000, SILENCE_MS / 1_000];
  expect(values).toEqual([PROTOCOL_VERSION, ...numbers.map(String)]);
});

it("has the number of every code as it is", () => {
  const told = tableOf(PAGE, "code", "number").map(([code = "", number]) => [code, Number(number)]);
  expect(told).toEqual(Object.entries(NUMBERS));
});

it("has messages as they are", () => {
  const rows = tableOf(PAGE, "ours", "on the wire", "section");
  const told = new Map(rows.map(([, wire = "", section]) => [section, wire]));
  expect(told.get("2, 3")).toBe(`micro service ${SERVICE}, endpoints prompt, status`);
  expect(told.get("4")).toBe(`$SRV.INFO.${SERVICE}`);
  expect(told.get("6.4")).toBe(text(ACK));
  expect(told.get("6.3")).toBe(text(encodeResponse("…")));
  expect(told.get("7")).toBe(`${text(encodeQuery("", "", "")).replace(/\{"id".*?\}/, "{…}")}, one reply`);
  expect(told.get("8")).toBe(subjectOf("hb", IDENTITY));
  expect(told.get("9")).toBe(`${CODE_HEADER}, ${TEXT_HEADER}`);
});

function text(payload: Uint8Array): string {
  return Buffer.from(payload).toString();
}
