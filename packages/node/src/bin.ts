#!/usr/bin/env node
// Nothing here may fail to load on an older Node: it is to say what is missing.
import * as nodeModule from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`shoal: this is Node ${process.versions.node}, and shoal needs 22.18 or later.\n`);
  process.exit(2);
}

// The first process of a container is not ended by a signal that nobody listens for. Until a node does, nothing is lost.
if (process.pid === 1)
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => process.listenerCount(signal) === 1 && process.exit(130));

// What was compiled once need not be compiled for the next command. It counts for what is imported after it.
nodeModule.enableCompileCache();
await import("./command/main.ts");
