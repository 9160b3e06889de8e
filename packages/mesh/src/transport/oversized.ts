import { MeshError } from "../errors.ts";

export function oversized(size: number, limit: number): MeshError {
  return new MeshError(
    "too_large",
    `the payload takes ${size} bytes and the server's max_payload is ${limit}: send less, or a reference to it.`,
  );
}
