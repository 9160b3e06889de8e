import { type CacheOptions, type Contract, type MethodContract, nearest } from "@shoal/mesh";
import type { CacheEntry } from "./cache-schema.ts";

/**
 * A contract with other caches for some of its methods.
 * @throws Error that says which method there is not, or what is missing
 */
export function withCaches(
  contract: Contract,
  caches: Readonly<Record<string, CacheEntry | false>>,
): Contract {
  const methods: Record<string, MethodContract> = { ...contract.methods };
  for (const [name, entry] of Object.entries(caches)) {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) throw new Error(`cache: "${contract.name}" has no method "${name}"${hint(name, contract)}`);
    methods[name] = { ...method, cache: entry === false ? undefined : merged(name, method.cache, entry) };
  }
  return { ...contract, methods };
}

/** What the entry says wins over the module's own. */
function merged(method: string, own: CacheOptions | undefined, entry: CacheEntry): CacheOptions {
  const ttl = entry.ttl ?? own?.ttl;
  if (ttl === undefined) throw new Error(`cache: "${method}" needs a ttl, such as \`ttl: 5m\``);
  return { ...own, ...entry, ttl };
}

function hint(name: string, { methods }: Contract): string {
  const names = Object.keys(methods);
  const [alike] = nearest(name, names);
  return alike === undefined ? `; it has ${names.join(", ")}` : `; did you mean "${alike}"?`;
}
