import { MeshError, type MeshErrorOptions } from "../errors.ts";

/** The transport's own answer: no replica, on any node, listens for this request. */
export class Nobody extends MeshError {
  constructor(target: string, where: MeshErrorOptions) {
    super("unavailable", `nobody listens for ${target}.`, where);
  }
}
