/** Values nested `depth` deep around an innermost one. */
export const nested = {
  arrays(depth: number, innermost: unknown): unknown {
    let value = innermost;
    for (let i = 0; i < depth; i++) value = [value];
    return value;
  },
  objects(depth: number, innermost: unknown): unknown {
    let value = innermost;
    for (let i = 0; i < depth; i++) value = { a: value };
    return value;
  },
};
