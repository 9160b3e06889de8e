import { Line, type LineOwner, type Queueable } from "./line.ts";

/** One of whom something waits. */
export class Sender<T extends Queueable> implements LineOwner {
  readonly name: string;
  count = 0;
  /** By level; each is made when it is first needed. */
  private readonly lines: (Line<T> | undefined)[] = [];
  /** Others of whom as many wait. */
  previous: Sender<T> | undefined;
  next: Sender<T> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  line(level: number): Line<T> {
    return (this.lines[level] ??= new Line<T>(this, level));
  }

  /** The newest of the lowest priority. @param above levels from here on count */
  newest(above = 0): T | undefined {
    for (let level = this.lines.length - 1; level >= above; level--) {
      const last = this.lines[level]?.last;
      if (last) return last;
    }
    return undefined;
  }
}

/** Those of whom something waits, by how much it is. Whatever is done to it takes the same time however many there are. */
export class Senders<T extends Queueable> {
  private readonly byName = new Map<string, Sender<T>>();
  /** The first of those of whom so many wait; the others follow it. */
  private readonly byCount: (Sender<T> | undefined)[] = [];
  private most = 0;

  find(name: string): Sender<T> | undefined {
    return this.byName.get(name);
  }

  /** One of those of whom the most wait. */
  get largest(): Sender<T> | undefined {
    return this.byCount[this.most];
  }

  /** One more of its requests waits. */
  added(name: string): Sender<T> {
    let sender = this.byName.get(name);
    if (sender) this.leave(sender);
    else this.byName.set(name, (sender = new Sender(name)));
    sender.count++;
    this.join(sender);
    if (sender.count > this.most) this.most = sender.count;
    return sender;
  }

  /** One less. */
  removed(sender: Sender<T>): void {
    this.leave(sender);
    sender.count--;
    if (sender.count > 0) this.join(sender);
    else this.byName.delete(sender.name);
    if (this.byCount[this.most] === undefined && this.most > 0) this.most--;
  }

  private join(sender: Sender<T>): void {
    const { count } = sender;
    const next = this.byCount[count];
    sender.next = next;
    if (next) next.previous = sender;
    this.byCount[count] = sender;
  }

  private leave(sender: Sender<T>): void {
    if (sender.previous) sender.previous.next = sender.next;
    else this.byCount[sender.count] = sender.next;
    if (sender.next) sender.next.previous = sender.previous;
    sender.previous = undefined;
    sender.next = undefined;
  }
}
