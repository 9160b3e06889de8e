import { readFileSync } from "node:fs";
import { LineCounter, type Node, isMap, isNode, isScalar, parseDocument } from "yaml";
import { ConfigError } from "./problem.ts";
import type { Place, Source } from "./source.ts";

/** @throws ConfigError for a file that cannot be read, or is not YAML: every fault with its line */
export function readYaml(file: string): Source {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ pos, message }) => ({ file, ...place(pos[0]), path: "", message })),
    );
  }
  return {
    file,
    value: valueOf(file, () => document.toJS()),
    placeOf(path) {
      // A part that is missing is reported where the nearest part that exists begins.
      for (let length = path.length; length >= 0; length--) {
        const offset = offsetOf(document.contents, path.slice(0, length));
        if (offset !== undefined) return place(offset);
      }
      return undefined;
    },
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([{ file, path: "", message: `cannot be read: ${(error as Error).message}` }]);
  }
}

/** An alias without its anchor is found only now. */
function valueOf(file: string, toValue: () => unknown): unknown {
  try {
    return toValue() ?? {};
  } catch (error) {
    throw new ConfigError([{ file, path: "", message: (error as Error).message }]);
  }
}

/** Where a value's key begins, or the value itself in a list. */
function offsetOf(root: Node | null, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(key));
      if (!pair) return undefined;
      offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
    } else {
      node = (node as { items?: unknown[] } | undefined)?.items?.[Number(key)];
      if (!isNode(node)) return undefined;
      offset = node.range?.[0];
    }
  }
  return offset;
}
