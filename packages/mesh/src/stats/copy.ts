import { type Numbers, nodeOf, replicaNumbers, replicaOf, servedNumbers, servedOf } from "./entry.ts";
import { GONE, type NodeFigures, type ReplicaFigures, type ServedFigures } from "./figures.ts";
import { Times } from "./times.ts";

/** A method, as far as it is not known already: numbers that are other ones, and what has come to its times. */
export type MethodChange = readonly [
  method: string,
  numbers: Numbers,
  running: readonly number[] | null,
  waiting: readonly number[] | null,
];

/** A replica likewise. Without numbers: it has gone, and what it has done stands elsewhere. */
export type ReplicaChange = readonly [
  agent: string,
  replica: string,
  numbers: Numbers | null,
  methods: readonly MethodChange[],
];

interface MethodCopy {
  readonly numbers: Record<string, number>;
  readonly running: Times;
  readonly waiting: Times;
}

interface ReplicaCopy {
  readonly agent: string;
  readonly replica: string;
  readonly numbers: Record<string, number>;
  readonly methods: Map<string, MethodCopy>;
}

/** Figures of a node, as they have been told so far: on its own side, and on the side of whoever has heard it all. */
export class NodeCopy {
  private readonly node: string;
  /** Of the process, as they were told last. */
  numbers: Numbers = {};
  private readonly replicas = new Map<string, ReplicaCopy>();

  constructor(node: string) {
    this.node = node;
  }

  get size(): number {
    return this.replicas.size;
  }

  /** What is other in the node's figures than here; those that have gone come first, beside where they are counted now. */
  changesTo({ replicas }: NodeFigures): ReplicaChange[] {
    const present = new Set(replicas.map(keyOf));
    const changes: ReplicaChange[] = [];
    for (const [key, { agent, replica }] of this.replicas)
      if (!present.has(key)) changes.push([agent, replica, null, []]);
    const [departed, others] = [replicas.filter(isDeparted), replicas.filter((each) => !isDeparted(each))];
    for (const each of [...departed, ...others]) {
      const change = this.changeTo(each);
      if (change) changes.push(change);
    }
    return changes;
  }

  /** All that is here, for somebody who knows nothing. */
  get all(): ReplicaChange[] {
    return [...this.replicas.values()].map(({ agent, replica, numbers, methods }) => [
      agent,
      replica,
      numbers,
      [...methods].map(([method, { numbers: counts, running, waiting }]): MethodChange => {
        return [method, counts, running.changesSince(), waiting.changesSince()];
      }),
    ]);
  }

  apply(changes: readonly ReplicaChange[], numbers: Numbers): void {
    this.numbers = numbers;
    for (const [agent, replica, changed, methods] of changes) {
      const key = keyOf({ agent, replica });
      if (!changed) {
        this.replicas.delete(key);
        continue;
      }
      const copy = this.replicas.get(key) ?? { agent, replica, numbers: {}, methods: new Map() };
      this.replicas.set(key, copy);
      Object.assign(copy.numbers, changed);
      for (const [method, counts, running, waiting] of methods) {
        const known = copy.methods.get(method) ?? newMethod();
        copy.methods.set(method, known);
        Object.assign(known.numbers, counts);
        if (running) known.running.become(running);
        if (waiting) known.waiting.become(waiting);
      }
    }
  }

  /** As the node has told them. Distributions are those of the copy. */
  get figures(): NodeFigures {
    const replicas = [...this.replicas.values()].map(figuresOf);
    return { ...nodeOf(this.node, this.numbers), replicas };
  }

  private changeTo(figures: ReplicaFigures): ReplicaChange | undefined {
    const known = this.replicas.get(keyOf(figures));
    const numbers = difference(replicaNumbers(figures), known?.numbers);
    const methods = figures.methods.flatMap((each) => {
      const change = methodChange(each, known?.methods.get(each.method));
      return change ? [change] : [];
    });
    if (known && methods.length === 0 && Object.keys(numbers).length === 0) return undefined;
    return [figures.agent, figures.replica, numbers, methods];
  }
}

/** Undefined when nothing is other. A method that was never called is not told of. */
function methodChange(figures: ServedFigures, known?: MethodCopy): MethodChange | undefined {
  if (!known && figures.ended === 0 && figures.running.count === 0) return undefined;
  const numbers = difference(servedNumbers(figures), known?.numbers);
  const running = figures.running.changesSince(known?.running);
  const waiting = figures.waiting.changesSince(known?.waiting);
  const isSame = !running && !waiting && Object.keys(numbers).length === 0;
  return isSame ? undefined : [figures.method, numbers, running, waiting];
}

/** Numbers that are other ones than before. */
function difference(numbers: Numbers, before?: Numbers): Numbers {
  if (!before) return numbers;
  const changed: Record<string, number> = {};
  for (const [name, number] of Object.entries(numbers)) if (number !== before[name]) changed[name] = number;
  return changed;
}

function newMethod(): MethodCopy {
  return { numbers: {}, running: new Times(), waiting: new Times() };
}

function figuresOf({ agent, replica, numbers, methods }: ReplicaCopy): ReplicaFigures {
  const served = [...methods].map(([method, each]) => servedOf(method, each.numbers, each));
  return replicaOf({ agent, replica }, numbers, served);
}

function isDeparted({ replica }: ReplicaFigures): boolean {
  return replica === GONE;
}

function keyOf({ agent, replica }: Pick<ReplicaFigures, "agent" | "replica">): string {
  return `${agent} ${replica}`;
}
