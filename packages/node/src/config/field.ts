/** What is at `document.title`; undefined where there is nothing. */
export function fieldOf(value: unknown, field: string): unknown {
  return field
    .split(".")
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
          ? Reflect.get(inner, key)
          : undefined,
      value,
    );
}

/** The value with this field beside the others. */
export function withField(value: unknown, field: string, given: unknown): unknown {
  const others = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  return { ...others, [field]: given };
}
