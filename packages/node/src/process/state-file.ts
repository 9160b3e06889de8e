import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where `shoal up` keeps what it needs, below the directory it was started in. */
export const STATE_DIRECTORY = ".shoal";

/** What a running `shoal up` leaves for the commands that are typed beside it. */
export interface StateRecord {
  /** The process of `shoal up`. */
  owner: number;
  /** Its nats-server. */
  pid: number;
  url: string;
}

export function readState(directory: string): StateRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(directory), "utf8")) as StateRecord;
  } catch {
    return undefined;
  }
}

export function writeState(directory: string, record: StateRecord): void {
  writeFileSync(fileIn(directory), JSON.stringify(record));
}

export function removeState(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function fileIn(directory: string): string {
  return join(directory, "nats.json");
}
