import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive } from "../process/other-process.ts";

/**
 * What has come of a download. It belongs to one process at a time: `x.part.<pid>` is that process's, `x.part` is
 * nobody's, and that of a process which has died is anybody's.
 */
export class PartFile {
  readonly path: string;
  private readonly idle: string;

  private constructor(idle: string) {
    this.idle = idle;
    this.path = `${idle}.${process.pid}`;
  }

  /** With what others have left of it, or empty. */
  static async of(target: string): Promise<PartFile> {
    const part = new PartFile(`${target}.part`);
    await mkdir(dirname(target), { recursive: true });
    for (const left of await part.leftByOthers()) {
      // Of two that want it one gets it.
      if (await rename(left, part.path).then(yes, no)) break;
    }
    return part;
  }

  /** It can be gone on with, by anybody. */
  async leave(): Promise<void> {
    await rename(this.path, this.idle).catch(() => {});
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  private async leftByOthers(): Promise<string[]> {
    const folder = dirname(this.idle);
    const name = basename(this.idle);
    const mine = (file: string): boolean => {
      if (file === name) return true;
      const pid = file.startsWith(`${name}.`) ? Number(file.slice(name.length + 1)) : 0;
      return pid > 0 && !isAlive(pid);
    };
    return (await readdir(folder)).filter(mine).map((file) => join(folder, file));
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;
