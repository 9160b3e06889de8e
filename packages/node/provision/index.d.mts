/** A program, which versions of it will do, and where it can come from. The two that Shoal needs are in `tools.mjs`. */
export interface Tool {
  readonly name: string;
  /** Environment variable with a path that goes before everything else. */
  readonly variable: string;
  /** Oldest version accepted as it is. */
  readonly goodFrom: string;
  /** Oldest version accepted with a warning. */
  readonly worksFrom: string;
  /** What versions below `goodFrom` cannot do. */
  readonly lacks: string;
  readonly release: {
    readonly repository: string;
    readonly version: string;
    readonly archive: (platform: { os: string; arch: string }) => string;
    /** By file name; what is missing is checked against the release's own SHA256SUMS. */
    readonly sha256: Readonly<Record<string, string>>;
  };
  readonly go: { readonly module: string; readonly folder: string; readonly version: string };
  readonly apt: string | undefined;
  readonly byHand: Readonly<Record<"darwin" | "win32" | "other", string>>;
}

export declare const natsServer: Tool;
export declare const natsCli: Tool;

/** What is going on, for a person: whole lines, and progress that may come many times a second. */
export type Step =
  { kind: "info" | "warning"; text: string } | { kind: "progress"; text: string; fraction?: number };

export interface ProvisionOptions {
  /** Default `process.env`. `$SHOAL_RELEASES_URL` replaces `https://github.com` for the release archives. */
  env?: NodeJS.ProcessEnv;
  /** Holds `bin/`; default: {@link userCacheDir}. */
  cacheDir?: string;
  onStep?: (step: Step) => void;
  /** Look on this machine alone. Default false. */
  offline?: boolean;
  /** In milliseconds: the wait for an answer to begin (default 3,000) and the silence within one (default 20,000). */
  limits?: { headersMs?: number; stallMs?: number };
}

export interface Found {
  path: string;
  /** Such as `2.14.5`. */
  version: string;
  source: "env" | "path" | "cache" | "release" | "go" | "apt";
  /** A sentence to show: the version works but is old. */
  warning?: string;
}

/**
 * A binary that runs here: from its variable (`$SHOAL_NATS_SERVER`, `$SHOAL_NATS_CLI`), the PATH or the cache, else
 * fetched into the cache by release archive, `go install` or apt, whichever works first.
 *
 * @throws {ProvisionError} when there is none: it lists what was tried and how to install by hand
 */
export declare function findOrFetch(
  tool: "nats-server" | "nats" | Tool,
  options?: ProvisionOptions,
): Promise<Found>;

export declare class ProvisionError extends Error {
  readonly code: "tool_missing";
  readonly tool: string;
  readonly tried: { where: string; why: string }[];
  /** Ways to install by hand on this system. */
  readonly help: string[];
  constructor(tool: Tool, tried: { where: string; why: string }[], system?: string);
}

/** `$SHOAL_CACHE`, else `~/.cache/shoal`, or what this system uses instead. */
export declare function userCacheDir(env?: NodeJS.ProcessEnv): string;

/** How a program ended. */
export interface Ended {
  code: number | undefined;
  /** The last 64 KiB. */
  stdout: string;
  stderr: string;
  /** In words, why it did not end with code 0. */
  failure: string | undefined;
}

/** Runs a program to its end, without standard input, and never rejects. */
export declare function runToEnd(
  command: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; timeoutMs: number; cwd?: string },
): Promise<Ended>;

/** Writes steps as lines; on a terminal, progress as one line that is rewritten. */
export declare function createReporter(
  stream: { isTTY?: boolean; columns?: number; write(text: string): unknown },
  now?: () => number,
): { onStep: (step: Step) => void; clear: () => void };

/** Such as `1.2 s` or `2 min 05 s`. */
export declare function elapsed(ms: number): string;

/**
 * Streams files out of a .tar.gz.
 *
 * @param pick where to write the file of that name; undefined passes it over
 * @returns how many files were written
 */
export declare function extractTarGz(
  archive: string,
  pick: (name: string) => string | undefined,
): Promise<number>;

/**
 * Takes files out of a .zip, without having it in memory.
 *
 * @param pick where to write the file of that name; undefined passes it over
 * @returns how many files were written
 */
export declare function extractZip(
  archive: string,
  pick: (name: string) => string | undefined,
): Promise<number>;

export interface ResumeOptions {
  /** Default `process.env`; its proxy variables hold. */
  env?: NodeJS.ProcessEnv;
  /** In milliseconds: the wait for an answer to begin (default 3,000) and the silence within one (default 20,000). */
  limits?: { headersMs?: number; stallMs?: number };
  /** Is told how much has come, from 0 to 1, many times a second. */
  onFraction?: (fraction: number) => void;
}

/**
 * Downloads to a file, going on behind what is there already; what has come stays when it breaks off.
 *
 * @returns the SHA-256 of the whole file, in hex
 * @throws Error with the reason: not reachable, too slow, the status, or that it broke off
 */
export declare function resumeDownload(url: string, file: string, options: ResumeOptions): Promise<string>;

/** The first version in a text, without its `v`. */
export declare function findVersion(text: string): string | undefined;

/** Negative when `a` is older than `b`, positive when newer, 0 when level. */
export declare function compareVersions(a: string, b: string): number;
