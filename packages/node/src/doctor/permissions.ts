import { setTimeout as sleep } from "node:timers/promises";
import type { Mesh } from "@shoal/mesh";
import { type Finding, ok, problem, warning } from "./finding.ts";

const TOPIC = "permissions";
/** Refusals come before the answer to a flush, and are told a moment later. */
const TELL_MS = 50;

/** One class of subjects, and what fails without it. */
interface Right {
  readonly what: string;
  readonly verb: "publish" | "subscribe";
  /** Nobody listens there, and nobody ever will. */
  readonly subject: string;
  /** What to write into the user's permissions. */
  readonly grant: string;
  readonly isNeeded: "always" | "by a node" | "to look";
}

function rightsUnder(root: string, name: string): Right[] {
  const publish = (what: string, subject: string, grant: string, isNeeded: Right["isNeeded"]): Right => ({
    what,
    verb: "publish",
    subject,
    grant,
    isNeeded,
  });
  const subscribe = (what: string, subject: string, grant: string, isNeeded: Right["isNeeded"]): Right => ({
    what,
    verb: "subscribe",
    subject,
    grant,
    isNeeded,
  });
  return [
    publish("call agents", `${root}.${name}.x`, `"${root}.*", "${root}.*.*"`, "always"),
    publish("watch and cancel calls", `${root}._.at.${name}`, `"${root}._.at.*"`, "always"),
    publish("find agents", `$SRV.PING.${name}`, `"$SRV.>"`, "always"),
    publish("look into nodes", `${root}._.ctl.${name}`, `"${root}._.ctl.*"`, "to look"),
    subscribe("hear events", `${root}._.event.${name}.${name}`, `"${root}._.event.>"`, "to look"),
    subscribe("serve agents", `${root}.${name}`, `"${root}.>"`, "by a node"),
    publish("tell figures", `${root}._.stats.${name}`, `"${root}._.stats.*"`, "by a node"),
    subscribe("be found", `$SRV.PING.${name}`, `"$SRV.>"`, "by a node"),
  ];
}

/**
 * Tries what a user of a mesh does, where nobody hears it.
 * @param asNode what only a node needs is a problem when it is missing
 */
export async function permissionFindings(mesh: Mesh, asNode: boolean): Promise<Finding[]> {
  const rights = rightsUnder(mesh.root, `doctor-${Math.random().toString(36).slice(2, 10)}`);
  const { refused, hearsAnswers } = await tried(mesh, rights);
  const granted = rights.filter((each) => !refused.has(each)).map(({ what }) => what);
  return [
    ...(hearsAnswers ? [] : [deaf()]),
    ...(granted.length > 0 ? [ok(TOPIC, `this user may ${granted.join(", ")}`)] : []),
    ...[...refused].map((each) => refusalFinding(each, asNode)),
  ];
}

function deaf(): Finding {
  return problem(
    TOPIC,
    "this user hears no answer: NATS refuses to let it subscribe to its inbox",
    'name the inbox that it may have (`inboxPrefix`, or `inbox_prefix` of a context), or add `subscribe: ["_INBOX.>"]`',
  );
}

function refusalFinding({ what, verb, subject, grant, isNeeded }: Right, asNode: boolean): Finding {
  const text = `this user may not ${what}: NATS refuses to let it ${verb} to ${subject}`;
  const advice = `add ${grant} to what it may ${verb}: \`${verb}: [${grant}]\``;
  if (isNeeded === "always" || (isNeeded === "by a node" && asNode)) return problem(TOPIC, text, advice);
  if (isNeeded === "to look") return warning(TOPIC, text, advice);
  return ok(TOPIC, `this user may not ${what}, as only a node needs to`);
}

interface Tried {
  readonly refused: ReadonlySet<Right>;
  readonly hearsAnswers: boolean;
}

async function tried(mesh: Mesh, rights: readonly Right[]): Promise<Tried> {
  const { port } = mesh;
  const refusals: string[] = [];
  const stop = mesh.onStatus(({ type, detail }) => {
    if (type === "error") refusals.push(detail);
  });
  const inbox = port.open(() => {});
  const heard = rights
    .filter(({ verb }) => verb === "subscribe")
    .map((right) => ({ right, subscription: port.subscribe(right.subject, () => {}) }));
  for (const { verb, subject } of rights) if (verb === "publish") port.publish(subject, new Uint8Array(0));
  await port.flush();
  await sleep(TELL_MS);
  stop();
  inbox.close();
  for (const { subscription } of heard) subscription.unsubscribe();
  const refused = new Set([
    ...heard.filter(({ subscription }) => subscription.refusal !== undefined).map(({ right }) => right),
    ...rights.filter(
      ({ verb, subject }) =>
        verb === "publish" && refusals.some((each) => each.endsWith(`publish of ${subject}`)),
    ),
  ]);
  const prefix = inbox.subject.slice(0, inbox.subject.lastIndexOf("."));
  return { refused, hearsAnswers: !refusals.some((each) => each.includes(prefix)) };
}
