import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where `shoal up` keeps what it needs, below the directory it was started in. */
export const STATE_DIRECTORY = ".shoal";

/** What a running `shoal up` leaves for the commands that are typed beside it. */
export interface StateRecord {
  /** The process of `shoal up`, and its command line: a number alone may be another process's by now. */
  owner: number;
  command: string;
  /** Its nats-server; 0 until it is started. */
  pid: number;
  /** Empty until it is started. */
  url: string;
}

export function readState(directory: string): StateRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(fileIn(directory), "utf8"));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** False when there is a record already: of two that start at once, one comes second. */
export function createState(directory: string, record: StateRecord): boolean {
  try {
    writeFileSync(fileIn(directory), JSON.stringify(record), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Replaces the record whole: who reads it meanwhile sees the old one or the new one. */
export function writeState(directory: string, record: StateRecord): void {
  const draft = `${fileIn(directory)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record));
  renameSync(draft, fileIn(directory));
}

export function removeState(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

function isRecord(value: unknown): value is StateRecord {
  return typeof value === "object" && value !== null && "owner" in value && "pid" in value && "url" in value;
}

function fileIn(directory: string): string {
  return join(directory, "nats.json");
}
