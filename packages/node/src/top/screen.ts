/**
 * The whole terminal, by hand: another page, and no cursor.
 *
 * IN8: a frame is one write, and one that is there already is none.
 * IN9: when it is closed the terminal is as it was.
 */

const ENTER = "\u001B[?1049h\u001B[?25l\u001B[2J";
const LEAVE = "\u001B[?25h\u001B[?1049l";
/** The terminal shows all of a frame at once, where it knows these. */
const BEGIN = "\u001B[?2026h\u001B[H";
const END = "\u001B[J\u001B[?2026l";

export class Screen {
  private readonly out: NodeJS.WriteStream;
  private readonly input: NodeJS.ReadStream;
  private isOpen = false;
  private last = "";

  constructor(out: NodeJS.WriteStream, input: NodeJS.ReadStream) {
    this.out = out;
    this.input = input;
  }

  get width(): number {
    return this.out.columns;
  }

  get height(): number {
    return this.out.rows;
  }

  open(): void {
    this.isOpen = true;
    if (this.input.isTTY) this.input.setRawMode(true);
    this.input.resume().setEncoding("utf8");
    this.out.write(ENTER);
  }

  /** Draws a frame, unless it is the one that is there. */
  draw(lines: readonly string[]): void {
    if (!this.isOpen) return;
    const text = `${BEGIN}${lines.map((line) => `${line}\u001B[K`).join("\r\n")}${END}`;
    // IN8
    if (text === this.last || this.out.writableNeedDrain) return;
    this.last = text;
    this.out.write(text);
  }

  /** The size is another one: whatever is there is drawn anew. */
  forget(): void {
    this.last = "";
  }

  /** The terminal is as it was. Idempotent, and at once: a process may be about to end. */
  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    // IN9
    if (this.input.isTTY) this.input.setRawMode(false);
    this.input.pause();
    this.out.write(LEAVE);
  };
}
