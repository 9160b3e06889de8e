import type { MetricsReport } from "@shoal/agents";
import type { Mesh } from "@shoal/mesh";
import { wordsOf } from "../process/words.ts";
import { Feed } from "./feed.ts";
import { frame } from "./frame.ts";
import type { Paint } from "./grid.ts";
import { keysIn, press } from "./keys.ts";
import { heardOfStuck, reported } from "./news.ts";
import { Screen } from "./screen.ts";
import { type TopState, beginning } from "./state.ts";
import { stuckIn } from "./stuck-event.ts";

const DRAW_EVERY_MS = 250;
const NOTE_MS = 6_000;

/** The terminal, the keys, and what is heard, until somebody quits. */
export class LiveView {
  private readonly mesh: Mesh;
  private readonly paint: Paint;
  private readonly screen = new Screen(process.stdout, process.stdin);
  private readonly feed: Feed;
  private state: TopState;
  /** What it says, and since when. */
  private noted = { note: "", at: 0 };
  private readonly ended = Promise.withResolvers<void>();

  constructor(mesh: Mesh, metrics: string, report: MetricsReport, paint: Paint) {
    this.mesh = mesh;
    this.paint = paint;
    this.state = { ...beginning(mesh.root), report };
    this.feed = new Feed(mesh, metrics, {
      onReport: (next) => this.become(reported(this.state, next)),
      onLoss: (loss) => this.become({ loss }),
    });
  }

  async run(): Promise<void> {
    const { screen, ended } = this;
    const stop = (): void => ended.resolve();
    const redraw = (): void => {
      screen.forget();
      this.draw();
    };
    process.on("exit", screen.close);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
    const crash = (error: unknown): void => ended.reject(error);
    process.once("uncaughtException", crash).once("unhandledRejection", crash);
    const events = ["stuck", "unstuck"].map((kind) =>
      this.mesh.port.subscribe(`${this.mesh.root}._.event.${kind}.*`, ({ payload }) =>
        this.hear(kind, payload),
      ),
    );
    const ticking = setInterval(() => this.draw(), DRAW_EVERY_MS);
    process.stdout.on("resize", redraw);
    const onInput = (input: string): void => keysIn(input).forEach((key) => this.press(key));
    try {
      screen.open();
      process.stdin.on("data", onInput).once("end", stop);
      this.feed.follow(undefined);
      this.draw();
      await ended.promise;
    } finally {
      clearInterval(ticking);
      this.feed.stop();
      for (const each of events) each.unsubscribe();
      process.stdout.off("resize", redraw);
      process.stdin.off("data", onInput).off("end", stop);
      screen.close();
      process.off("exit", screen.close);
    }
  }

  private press(key: string): void {
    const { state, effect } = press(this.state, key);
    this.state = state;
    if (effect === "quit") return this.ended.resolve();
    if (effect === "drain") void this.drain();
    this.feed.follow(state.view === "agent" ? state.agent : undefined);
    this.draw();
  }

  private async drain(): Promise<void> {
    const { wish } = this.state;
    if (!wish) return;
    const whom = wish.replica ?? wish.node;
    this.become({ wish: undefined, note: `${whom} is told to drain` });
    try {
      const replica = wish.replica === undefined ? {} : { replica: wish.replica };
      await this.mesh.nodes.ask(wish.node, { op: "drain", ...replica });
    } catch (error) {
      this.become({ note: `${whom} is not drained: ${wordsOf(error)}` });
    }
  }

  private hear(kind: string, payload: Uint8Array): void {
    const event = stuckIn(payload, Date.now());
    if (event === undefined) return;
    this.become(heardOfStuck(this.state, event, kind === "unstuck"));
  }

  private become(change: Partial<TopState>): void {
    this.state = { ...this.state, ...change };
    this.draw();
  }

  private draw(): void {
    const { width, height } = this.screen;
    const now = Date.now();
    this.ageNote(now);
    this.screen.draw(frame(this.state, { width, height }, now, this.paint));
  }

  /** What has happened a while ago is not said any more. */
  private ageNote(now: number): void {
    const { note } = this.state;
    if (note !== this.noted.note) this.noted = { note, at: now };
    else if (note !== "" && now - this.noted.at >= NOTE_MS) this.state = { ...this.state, note: "" };
  }
}
