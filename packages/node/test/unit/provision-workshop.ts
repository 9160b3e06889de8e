// What the provision tests build with: programs that are shell scripts, archives, and a release site on loopback.

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { natsServer, type Step, type Tool } from "../../provision/index.mjs";

/** A folder that is removed at the end, with places for a PATH and a cache. */
export class Workshop implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "shoal-provision-"));
  readonly path: string = join(this.folder, "path");
  readonly cacheDir: string = join(this.folder, "cache");
  readonly steps: Step[] = [];
  env: NodeJS.ProcessEnv = { PATH: this.path };

  constructor() {
    mkdirSync(this.path);
  }

  /** Puts a shell script somewhere; without `/bin` on the PATH it must do with what the shell has built in. */
  script(folder: string, name: string, ...lines: string[]): string {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, script(...lines));
    chmodSync(file, 0o755);
    return file;
  }

  /** Whole lines that were told, in their order. */
  get told(): string[] {
    return this.steps.filter((step) => step.kind !== "progress").map((step) => step.text);
  }

  /** Names in the cache's folder; none where there is no such folder. */
  cached(folder: "bin" | "tmp"): string[] {
    try {
      return readdirSync(join(this.cacheDir, folder));
    } catch {
      return [];
    }
  }

  get options(): {
    env: NodeJS.ProcessEnv;
    cacheDir: string;
    onStep: (step: Step) => void;
    limits: { headersMs: number; stallMs: number };
  } {
    const { env, cacheDir } = this;
    return {
      env,
      cacheDir,
      onStep: (step) => this.steps.push(step),
      limits: { headersMs: 5_000, stallMs: 5_000 },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function script(...lines: string[]): string {
  return `#!/bin/sh\n${lines.join("\n")}\n`;
}

/** A program that answers `--version` as nats-server does. */
export function server(version: string): string {
  return script(`echo "nats-server: v${version}"`);
}

/** nats-server, but with archives that a test can make. */
export function fakeTool(archive: string, sha256?: string): Tool {
  const release = { ...natsServer.release, version: "2.14.5", archive: () => archive };
  return {
    ...natsServer,
    release: { ...release, sha256: sha256 === undefined ? {} : { [archive]: sha256 } },
  };
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The path under which the release site has a file of {@link fakeTool}. */
export function releasePath(file: string): string {
  return `/nats-io/nats-server/releases/download/v2.14.5/${file}`;
}

export interface Site extends AsyncDisposable {
  url: string;
  asked: string[];
}

/** A site on loopback that answers 404 to what it does not have. */
export async function site(pages: Record<string, Buffer | RequestListener>): Promise<Site> {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(request.url ?? "");
    const page = pages[request.url ?? ""];
    if (typeof page === "function") page(request, response);
    else if (page === undefined) response.writeHead(404).end();
    else response.end(page);
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

export interface TarEntry {
  name: string;
  content?: string | Buffer;
  type?: string;
  prefix?: string;
}

export function tarGz(entries: TarEntry[], { end = true }: { end?: boolean } = {}): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, content = "", type = "0", prefix = "" } of entries) {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${body.length.toString(8).padStart(11, "0")} `, 124);
    header.write(type, 156);
    header.write("ustar", 257);
    header.write(prefix, 345);
    blocks.push(header, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]));
}

export function zip(entries: { name: string; content: string; stored?: boolean }[]): Buffer {
  const files: Buffer[] = [];
  const table: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false } of entries) {
    const body = stored ? Buffer.from(content) : deflateRawSync(content);
    // As writers that stream do: the sizes stand in the table of contents alone.
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(stored ? 0 : 8, 10);
    entry.writeUInt32LE(body.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    files.push(local, Buffer.from(name), body);
    table.push(entry, Buffer.from(name));
    offset += local.length + name.length + body.length;
  }
  const contents = Buffer.concat(table);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(contents.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, contents, end]);
}
