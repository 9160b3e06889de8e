import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { print } from "./output.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command and its flags, as a shell offers them. */
export interface Completed {
  name: string;
  /** Of a command that is a group of others. */
  subcommands?: readonly string[];
  flags: readonly string[];
}

const METHODS = "call";
/** Groups whose commands take a method. */
const METHOD_GROUPS: ReadonlySet<string> = new Set(["cache"]);
const AGENTS = "info|ping|tail";
const NODES = "drain|log-level";
/** Takes an agent, or a node. */
const EITHER = "inspect";
const FILES = "up|node|check";
const ASK_METHODS = "shoal complete-targets 2>/dev/null";
const ASK_AGENTS = "shoal complete-targets --agents 2>/dev/null";
const ASK_NODES = "shoal complete-targets --nodes 2>/dev/null";
const ASK_EITHER = "shoal complete-targets --agents --nodes 2>/dev/null";

export function completion(shell: Shell, commands: readonly Completed[]): void {
  print(SCRIPTS[shell](commands));
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Completed[]) => string>> = {
  bash: (commands) => `_shoal() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(commands)}" -- "$word")); return
  fi
  if [[ "$word" == -* ]]; then
    case "$command" in
${commands.map(({ name, flags }) => `      ${name}) COMPREPLY=($(compgen -W "${flags.join(" ")}" -- "$word")) ;;`).join("\n")}
    esac
    return
  fi
  case "$command" in
${groups(commands)
  .map(
    ({ name, words, next }) =>
      `    ${name}) if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W "${words}" -- "$word")); else COMPREPLY=($(compgen -W "$(${next})" -- "$word")); fi ;;`,
  )
  .join("\n")}
    ${METHODS}) COMPREPLY=($(compgen -W "$(${ASK_METHODS})" -- "$word")) ;;
    ${AGENTS}) COMPREPLY=($(compgen -W "$(${ASK_AGENTS})" -- "$word")) ;;
    ${NODES}) COMPREPLY=($(compgen -W "$(${ASK_NODES})" -- "$word")) ;;
    ${EITHER}) COMPREPLY=($(compgen -W "$(${ASK_EITHER})" -- "$word")) ;;
    ${FILES}|init) COMPREPLY=($(compgen -f -- "$word")) ;;
    completion) COMPREPLY=($(compgen -W "${SHELLS.join(" ")}" -- "$word")) ;;
  esac
}
complete -o filenames -F _shoal shoal`,
  zsh: (commands) => `#compdef shoal
_shoal() {
  if (( CURRENT == 2 )); then compadd -- ${names(commands)}; return; fi
  if [[ "$words[CURRENT]" == -* ]]; then
    case "$words[2]" in
${commands.map(({ name, flags }) => `      ${name}) compadd -- ${flags.join(" ")} ;;`).join("\n")}
    esac
    return
  fi
  case "$words[2]" in
${groups(commands)
  .map(
    ({ name, words, next }) =>
      `    ${name}) if (( CURRENT == 3 )); then compadd -- ${words}; else compadd -- \${(f)"$(${next})"}; fi ;;`,
  )
  .join("\n")}
    ${METHODS}) compadd -- \${(f)"$(${ASK_METHODS})"} ;;
    ${AGENTS}) compadd -- \${(f)"$(${ASK_AGENTS})"} ;;
    ${NODES}) compadd -- \${(f)"$(${ASK_NODES})"} ;;
    ${EITHER}) compadd -- \${(f)"$(${ASK_EITHER})"} ;;
    ${FILES}|init) _files ;;
    completion) compadd -- ${SHELLS.join(" ")} ;;
  esac
}
compdef _shoal shoal`,
  fish: (commands) =>
    [
      `complete -c shoal -n __fish_use_subcommand -f -a "${names(commands)}"`,
      `complete -c shoal -n "__fish_seen_subcommand_from ${spaced(METHODS)}" -f -a "(${ASK_METHODS})"`,
      `complete -c shoal -n "__fish_seen_subcommand_from ${spaced(AGENTS)}" -f -a "(${ASK_AGENTS})"`,
      `complete -c shoal -n "__fish_seen_subcommand_from ${spaced(NODES)}" -f -a "(${ASK_NODES})"`,
      `complete -c shoal -n "__fish_seen_subcommand_from ${EITHER}" -f -a "(${ASK_EITHER})"`,
      ...groups(commands).flatMap(({ name, words, next }) => [
        `complete -c shoal -n "__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${words}" -f -a "${words}"`,
        `complete -c shoal -n "__fish_seen_subcommand_from ${name}; and __fish_seen_subcommand_from ${words}" -f -a "(${next})"`,
      ]),
      `complete -c shoal -n "__fish_seen_subcommand_from completion" -f -a "${SHELLS.join(" ")}"`,
      ...commands.flatMap(({ name, flags }) =>
        flags.map((flag) => `complete -c shoal -n "__fish_seen_subcommand_from ${name}" -l ${flag.slice(2)}`),
      ),
    ].join("\n"),
};

/** Commands that are groups: their own commands, and what tells what comes after these. */
function groups(commands: readonly Completed[]): { name: string; words: string; next: string }[] {
  return commands
    .filter(({ subcommands = [] }) => subcommands.length > 0)
    .map(({ name, subcommands = [] }) => ({
      name,
      words: subcommands.join(" "),
      next: METHOD_GROUPS.has(name) ? ASK_METHODS : "true",
    }));
}

function names(commands: readonly Completed[]): string {
  return commands.map(({ name }) => name).join(" ");
}

function spaced(pattern: string): string {
  return pattern.replaceAll("|", " ");
}

/** What a shell offers after `shoal call`: every agent, and every method; after others agents, or nodes, alone. */
export async function completeTargets({
  agents = false,
  nodes = false,
  ...connection
}: ConnectionFlags & { agents?: boolean; nodes?: boolean }): Promise<void> {
  await using mesh = await connectFrom(connection);
  if (nodes) for (const name of await mesh.nodes.names()) print(name);
  if (nodes && !agents) return;
  for (const { name, methods } of await mesh.discover()) {
    print(name);
    if (agents) continue;
    for (const method of methods) print(`${name}.${method.name}`);
  }
}
