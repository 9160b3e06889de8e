import { type Mesh, type MeshOptions, connect } from "../../src/mesh.ts";
import { MemoryBroker } from "../../src/transport/memory.ts";
import { turns } from "./actor-fixture.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { seeded } from "./seeded.ts";
import { TappedTransport } from "./tapped-transport.ts";

/** A whole mesh in one process, on a clock that stands still. */
export class InProcessMesh {
  readonly clock: ManualClock = new ManualClock();
  readonly log: RecordingLogger = new RecordingLogger();
  readonly broker: MemoryBroker;

  constructor(options: { maxPayload?: number } = {}) {
    this.broker = new MemoryBroker({ random: seeded(1), clock: this.clock, ...options });
  }

  /** One member, as if in a process of its own. */
  async join(options: MeshOptions = {}): Promise<{ mesh: Mesh; transport: TappedTransport }> {
    const transport = new TappedTransport(this.broker);
    const mesh = await connect({ transport, clock: this.clock, logger: this.log, ...options });
    return { mesh, transport };
  }

  async member(options: MeshOptions = {}): Promise<Mesh> {
    return (await this.join(options)).mesh;
  }

  /** Time passes in steps of 5 ms, and what it sets off gets done. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 5) {
      this.clock.advance(Math.min(5, left));
      await turns(3);
    }
  }

  /** Time passes until `promise` settles: 5 s at most. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    for (let i = 0; i < 1_000 && !isOver; i++) await this.advance(5);
    return promise;
  }
}
