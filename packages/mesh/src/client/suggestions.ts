import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Transport } from "../transport/transport.ts";
import type { Directory } from "./directory.ts";
import { Nobody } from "./nobody.ts";
import type { Request } from "./request.ts";
import { nearest } from "./suggest.ts";

/** How long a call that found nobody may look for names that are alike, and how long what it found is good. */
const LOOK = { quietMs: 40, maxMs: 200 };
const GOOD_FOR_MS = 5_000;

interface SuggestionsParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly root: string;
}

/** Adds to "nobody listens" the names that do exist and look alike. */
export class Suggestions {
  private readonly parts: SuggestionsParts;
  private known: Promise<string[]> | undefined;
  private knownUntil = 0;

  constructor(parts: SuggestionsParts) {
    this.parts = parts;
  }

  /**
   * Calls `done` with the error, or with a more helpful one; at once when there is nothing to add.
   * A hint is not worth being late for, nor is it for one attempt of several.
   */
  explain(
    error: MeshError,
    request: Pick<Request, "deadlineAt" | "onHeld"> | undefined,
    done: (error: MeshError) => void,
  ): void {
    const { clock, transport } = this.parts;
    const { agent } = error;
    const leftMs = request && !request.onHeld ? request.deadlineAt - clock.now() : 0;
    const isNobody = error instanceof Nobody && agent !== undefined;
    if (!isNobody || transport.status !== "connected" || leftMs <= 0) return done(error);
    const stopWaiting = clock.after(leftMs, () => done(error));
    void this.names().then((known) => {
      stopWaiting();
      done(withHint(error, agent, known, this.parts.root));
    });
  }

  private names(): Promise<string[]> {
    const now = this.parts.clock.now();
    if (!this.known || now >= this.knownUntil) {
      this.knownUntil = now + GOOD_FOR_MS;
      this.known = this.parts.directory.discover(undefined, LOOK).then(
        (agents) => agents.map(({ name }) => name),
        () => [],
      );
    }
    return this.known;
  }
}

function withHint(error: MeshError, agent: string, known: readonly string[], root: string): MeshError {
  const others = known.filter((name) => name !== agent);
  const alike = nearest(agent, others);
  let hint = `No agent is on this mesh (root "${root}"): is a node running?`;
  if (alike.length > 0) hint = `Did you mean ${alike.map((name) => `"${name}"`).join(" or ")}?`;
  else if (others.length > 0) hint = `Agents on this mesh: ${others.slice(0, 10).join(", ")}.`;
  const { message, retryable, method, attempt } = error;
  return new MeshError("unavailable", `${message} ${hint}`, {
    retryable,
    agent,
    method,
    attempt,
    details: { alike, known: others },
  });
}
