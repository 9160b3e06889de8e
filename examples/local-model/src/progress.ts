import type { FetchStep } from "@shoal/node";

/** What is going on, on one line of a terminal that is rewritten; elsewhere only what has ended. */
export class Progress {
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  readonly show = (step: FetchStep): void => {
    if (step.kind !== "progress") return void this.stream.write(`${step.text}\n`);
    if (!this.stream.isTTY) return;
    const percent = step.fraction === undefined ? "" : ` ${Math.floor(step.fraction * 100)} %`;
    this.stream.write(`\r\u001B[2K${step.text}${percent}`);
  };

  clear(): void {
    if (this.stream.isTTY) this.stream.write("\r\u001B[2K");
  }
}
