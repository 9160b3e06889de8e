#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// What was compiled once need not be compiled for the next command. It counts for what is imported after it.
enableCompileCache();
await import("./command/main.ts");
