import { delivery } from "./delivery.ts";
import type { Connect } from "./harness.ts";
import { leaving } from "./leaving.ts";
import { limits } from "./limits.ts";
import { noResponders } from "./no-responders.ts";
import { routing } from "./routing.ts";

/** What every transport must do. Run it once for each implementation. */
export function transportContract(connect: Connect): void {
  routing(connect);
  noResponders(connect);
  delivery(connect);
  leaving(connect);
  limits(connect);
}
