import { encodeExtensions } from "../protocol/extensions.ts";
import { Kind, encodeFrame } from "../protocol/frame.ts";
import { DEFAULT_WINDOW, UNARY_WINDOW } from "../protocol/credit.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Request } from "./request.ts";

const MAX_U32 = 0xffff_ffff;

/** One attempt at a request, as it is sent. */
export interface Attempt {
  readonly request: Request;
  readonly number: number;
  /** 1 for the first. */
  readonly attempt: number;
  readonly key: string | undefined;
  readonly trace: Trace | undefined;
  readonly takesStream: boolean;
  readonly avoid: readonly string[] | undefined;
  /** Chunks that the caller has already. */
  readonly from: number;
}

/** Windows come in few sizes: their extensions are encoded once. */
const windows = new Map<number, Uint8Array | undefined>();
const KNOWN_WINDOWS = 16;

/**
 * @param caller the client's id
 * @throws MeshError `bad_request` for an input that cannot be sent, `too_large` for metadata
 */
export function encodeRequest(
  call: Attempt,
  caller: Uint8Array,
  remainingMs: number,
  window: number,
): Uint8Array {
  const { request, number, attempt, takesStream } = call;
  return encodeFrame(
    {
      kind: Kind.request,
      call: number,
      value: Math.min(MAX_U32, remainingMs),
      attempt: Math.min(attempt, 255),
      multi: takesStream,
      typed: request.typed,
      caller,
      extensions: extensionsOf(
        call,
        window === (takesStream ? DEFAULT_WINDOW : UNARY_WINDOW) ? undefined : window,
      ),
    },
    request.input,
  );
}

/** Undefined for most requests, at no cost. */
function extensionsOf(call: Attempt, window: number | undefined): Uint8Array | undefined {
  const { request, key, trace, avoid, from } = call;
  const { isDirect, chain, retries, undegraded, session, tokens, onAsk } = request;
  const priority = request.priority === "normal" ? undefined : request.priority;
  const isPlain = !isDirect && !chain && key === undefined && !trace && !avoid && from === 0;
  const isBounded = retries !== undefined || tokens !== undefined;
  if (!isPlain || isBounded || undegraded || priority || session !== undefined || onAsk) {
    return encodeExtensions({
      chain,
      idempotencyKey: key,
      trace,
      window,
      method: isDirect ? request.method : undefined,
      avoid,
      retries,
      undegraded,
      from,
      priority,
      session,
      askable: onAsk !== undefined,
      tokens,
    });
  }
  return window === undefined ? undefined : windowExtension(window);
}

function windowExtension(window: number): Uint8Array | undefined {
  const known = windows.get(window);
  if (known) return known;
  const encoded = encodeExtensions({ window });
  if (windows.size < KNOWN_WINDOWS) windows.set(window, encoded);
  return encoded;
}
