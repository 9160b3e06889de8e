import { counted } from "../counted.ts";
import type { Finding } from "../doctor/finding.ts";
import { examine } from "../doctor/examine.ts";
import { ExitCode } from "../exit-code.ts";
import { optionsFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson } from "./output.ts";

export interface DoctorFlags extends ConnectionFlags {
  node?: boolean;
  json?: boolean;
}

/** Looks at everything that a mesh needs, and says what to do about what is not well. */
export async function doctor(
  version: string,
  { node = false, json = false, ...connection }: DoctorFlags,
): Promise<void> {
  const findings = await examine({ options: optionsFrom(connection), asNode: node, version });
  const problems = findings.filter(({ state }) => state === "problem").length;
  const warnings = findings.filter(({ state }) => state === "warning").length;
  if (json) printJson({ ok: problems === 0, problems, warnings, findings });
  else print(findingsView(findings, problems, warnings));
  const code = problems === 0 ? ExitCode.ok : ExitCode.failed;
  // What an agent's module has opened does not keep this command: whatever was printed is flushed first.
  process.stdout.write("", () => process.exit(code));
}

const SIGNS = {
  ok: ["ok     ", "green"],
  warning: ["warning", "yellow"],
  problem: ["problem", "red"],
} as const;

function findingsView(findings: readonly Finding[], problems: number, warnings: number): string {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  const lines = findings.flatMap(({ topic, state, text, advice }) => {
    const [sign, colour] = SIGNS[state];
    const indent = " ".repeat(sign.length + width + 4);
    return [
      `${paint(colour, sign)}  ${topic.padEnd(width)}  ${text}`,
      ...(advice === undefined ? [] : [`${indent}${paint("bold", "→")} ${advice}`]),
    ];
  });
  const sum =
    problems + warnings === 0
      ? "All is well."
      : `${counted(problems, "problem")}, ${counted(warnings, "warning")}.`;
  return [...lines, "", sum].join("\n");
}
