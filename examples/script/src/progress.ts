/** A line on the terminal that tells how far it is; silent where nobody watches. */
export class Progress {
  private readonly total: number;
  private readonly isSeen = process.stderr.isTTY;
  private done = 0;

  constructor(total: number) {
    this.total = total;
    this.draw();
  }

  advance(): void {
    this.done++;
    this.draw();
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.isSeen) process.stderr.write("\r\x1b[K");
  }

  private draw(): void {
    if (this.isSeen && this.done < this.total) process.stderr.write(`\r${this.done} of ${this.total} done`);
  }
}
