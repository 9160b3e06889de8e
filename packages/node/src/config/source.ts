import { readFileSync } from "node:fs";
import { LineCounter, type Node, isMap, isNode, isScalar, parseDocument } from "yaml";
import { ConfigError } from "./problem.ts";

/** A configuration as it was read, and where in the file each part of it stands. */
export interface Source {
  file: string;
  value: unknown;
  placeOf: (path: readonly PropertyKey[]) => { line: number; column: number } | undefined;
}

/** @throws ConfigError for a file that cannot be read, or is not YAML: every fault with its line */
export function readYaml(file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { file, line, column: col, path: "", message: error.message };
      }),
    );
  }
  return {
    file,
    value: document.toJS() ?? {},
    placeOf(path) {
      // A part that is missing is reported where the nearest part that exists begins.
      for (let length = path.length; length >= 0; length--) {
        const place = offsetOf(document.contents, path.slice(0, length));
        if (place === undefined) continue;
        const { line, col } = lines.linePos(place);
        return { line, column: col };
      }
      return undefined;
    },
  };
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
