import { type ConnectionFlags, connectFrom } from "./connection.ts";
import { print } from "./output.ts";

type Shell = "bash" | "zsh" | "fish";

/** Commands that take an agent, or an agent's method. */
const TAKES_TARGET = "call|info|ping|tail";

export function completion(shell: Shell, commands: readonly string[]): void {
  const words = commands.join(" ");
  const scripts: Record<Shell, string> = {
    bash: `_shoal() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${words}" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
    ${TAKES_TARGET}) COMPREPLY=($(compgen -W "$(shoal complete-targets 2>/dev/null)" -- "$word")) ;;
    up|node|check) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _shoal shoal`,
    zsh: `#compdef shoal
_shoal() {
  if (( CURRENT == 2 )); then compadd -- ${words}; return; fi
  case "$words[2]" in
    ${TAKES_TARGET}) compadd -- \${(f)"$(shoal complete-targets 2>/dev/null)"} ;;
    up|node|check) _files ;;
  esac
}
compdef _shoal shoal`,
    fish: `complete -c shoal -n __fish_use_subcommand -f -a "${words}"
complete -c shoal -n "__fish_seen_subcommand_from ${TAKES_TARGET.replaceAll("|", " ")}" -f -a "(shoal complete-targets 2>/dev/null)"`,
  };
  print(scripts[shell]);
}

/** What a shell offers after \`shoal call\`: every agent, and every method. */
export async function completeTargets(connection: ConnectionFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  for (const { name, methods } of await mesh.discover()) {
    print(name);
    for (const method of methods) print(`${name}.${method.name}`);
  }
}
