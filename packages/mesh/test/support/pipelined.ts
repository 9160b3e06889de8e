import type { Mesh } from "../../src/mesh.ts";
import type { Agent } from "../../src/contract/agent.ts";
import type { MeshError } from "../../src/errors.ts";
import { InProcessMesh } from "../../src/testing/in-process-mesh.ts";

/** A mesh in this process, and whatever is served on members of their own. */
export class PipelineWorld {
  readonly mesh: InProcessMesh = new InProcessMesh();
  private caller: Mesh | undefined;

  get clock(): InProcessMesh["clock"] {
    return this.mesh.clock;
  }

  async serve(...agents: object[]): Promise<void> {
    for (const agent of agents) await (await this.mesh.member()).serve(agent as Agent);
  }

  async client(): Promise<Mesh> {
    return (this.caller ??= await this.mesh.member());
  }

  /** What a call gives, or its error. */
  async outcome(call: (client: Mesh) => Promise<unknown>): Promise<unknown> {
    const client = await this.client();
    return this.mesh.settle(call(client).catch((error: unknown) => error));
  }

  /** The error of a call. */
  async error(call: (client: Mesh) => Promise<unknown>): Promise<MeshError> {
    const failed = (client: Mesh): Promise<unknown> =>
      call(client).then((value) => Promise.reject(new Error(`it gave ${JSON.stringify(value)}`)));
    return (await this.outcome(failed)) as MeshError;
  }
}
