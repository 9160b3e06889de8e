import type { MeshClient } from "@shoal/mesh";

/** Asks, and prints answers as they come. */
export class Talk {
  private readonly mesh: MeshClient;
  private pieces = 0;
  private writingMs = 0;

  constructor(mesh: MeshClient) {
    this.mesh = mesh;
  }

  /** @param session of a conversation; without one, nothing was said before */
  async ask(question: string, session?: string): Promise<void> {
    process.stdout.write(`\n> ${question}\n`);
    const options = { timeout: "2m", ...(session === undefined ? {} : { session }) } as const;
    const answer = this.mesh.stream("writer.prompt", question, options);
    let from = 0;
    for await (const piece of answer) {
      process.stdout.write(String(piece));
      // The first comes when the question has been read.
      if (from === 0) from = performance.now();
      else this.pieces += 1;
    }
    this.writingMs += performance.now() - from;
    process.stdout.write("\n");
  }

  get summary(): string {
    const rate = Math.round(this.pieces / (this.writingMs / 1_000));
    const megabytes = Math.round(process.memoryUsage().rss / 1e6);
    return `\nAnswered on this machine's processor: ${rate} tokens/s, ${megabytes} MB of memory for everything.`;
  }
}
