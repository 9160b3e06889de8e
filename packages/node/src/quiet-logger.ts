import type { Logger } from "@shoal/mesh";

/** For commands that tell themselves what there is to tell. */
export const quietLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => quietLogger,
};
