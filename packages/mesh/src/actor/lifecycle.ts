import type { LifecycleContext } from "../contract/agent.ts";
import type { Emit } from "../contract/context.ts";
import type { Port } from "../contract/port.ts";
import type { MeshView } from "../contract/mesh-view.ts";
import type { Logger } from "../logger.ts";

interface Living {
  readonly log: Logger;
  readonly replica: string;
  readonly emit: Emit;
  readonly port: Port;
  readonly mesh: MeshView;
}

/** What `onStart` and `onStop` see of their actor; its state is read and written through. */
export function lifecycleOf(
  actor: Living,
  life: { state: unknown },
  fail: (error: unknown) => void,
): LifecycleContext<never> {
  const context: LifecycleContext<unknown> = {
    get state() {
      return life.state;
    },
    set state(state: unknown) {
      life.state = state;
    },
    log: actor.log,
    replica: actor.replica,
    emit: actor.emit,
    port: actor.port,
    mesh: actor.mesh,
    fail,
  };
  return context as LifecycleContext<never>;
}
