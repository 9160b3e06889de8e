/** One line that is rewritten on a terminal, and nothing anywhere else. */
export class Progress {
  private readonly total: number;
  private readonly stream = process.stderr;
  private note = "";
  private drawnAt = 0;

  constructor(total: number) {
    this.total = total;
  }

  say(note: string): void {
    this.note = note;
    if (!this.stream.isTTY) this.stream.write(`${note}\n`);
  }

  update(done: number): void {
    if (!this.stream.isTTY || (performance.now() - this.drawnAt < 50 && done < this.total)) return;
    this.drawnAt = performance.now();
    const width = 30;
    const filled = Math.round((done / this.total) * width);
    const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
    this.stream.write(`\r\u001b[2K${bar} ${done}/${this.total} documents  ${this.note}`);
  }

  end(): void {
    if (this.stream.isTTY) this.stream.write("\r\u001b[2K");
  }
}
