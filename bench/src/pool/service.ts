/** How long jobs take, milliseconds. */
export type Service =
  | { readonly kind: "equal"; readonly ms: number }
  | { readonly kind: "exponential"; readonly meanMs: number }
  | { readonly kind: "log-uniform"; readonly leastMs: number; readonly mostMs: number };

/** The mean of a job's time, milliseconds. */
export function meanMs(service: Service): number {
  switch (service.kind) {
    case "equal":
      return service.ms;
    case "exponential":
      return service.meanMs;
    case "log-uniform":
      return (service.mostMs - service.leastMs) / Math.log(service.mostMs / service.leastMs);
  }
}

/** One job's time by the inverse of the distribution. @param uniform a random number in [0, 1) */
export function drawMs(service: Service, uniform: number): number {
  switch (service.kind) {
    case "equal":
      return service.ms;
    case "exponential":
      return -service.meanMs * Math.log(1 - uniform);
    case "log-uniform":
      return service.leastMs * (service.mostMs / service.leastMs) ** uniform;
  }
}
