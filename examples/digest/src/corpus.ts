import { readFile, readdir, stat } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";

/** A document of the folder. */
export interface Source {
  /** Relative to the folder. */
  name: string;
  format: "markdown" | "text";
  text: string;
}

const FORMATS: Readonly<Record<string, Source["format"]>> = {
  ".md": "markdown",
  ".markdown": "markdown",
  ".txt": "text",
};
const PASSED_OVER = new Set(["node_modules", "dist"]);
/** A larger one does not fit into one message. */
const MAX_BYTES = 900_000;

/**
 * The text and Markdown files of a folder and of the folders in it, by name.
 * @throws Error when there is no such folder, or nothing in it to read
 */
export async function readCorpus(path: string): Promise<{ documents: Source[]; passedOver: string[] }> {
  const root = resolve(path);
  const isFile = (await stat(root).catch(() => undefined))?.isFile();
  if (isFile === undefined) throw new Error(`there is no file or folder ${root}`);
  const files = isFile ? [root] : await filesBelow(root);
  const documents: Source[] = [];
  const passedOver: string[] = [];
  for (const file of files.sort()) {
    const name = isFile ? file.slice(file.lastIndexOf("/") + 1) : relative(root, file);
    const format = FORMATS[extname(file).toLowerCase()];
    if (!format) continue;
    const text = await readFile(file, "utf8");
    if (text.trim() === "" || Buffer.byteLength(text) > MAX_BYTES) passedOver.push(name);
    else documents.push({ name, format, text });
  }
  if (documents.length > 0) return { documents, passedOver };
  throw new Error(`${root} has no text or Markdown files (${Object.keys(FORMATS).join(", ")})`);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    const isWanted = entry.isDirectory() && !entry.name.startsWith(".") && !PASSED_OVER.has(entry.name);
    if (isWanted) files.push(...(await filesBelow(path)));
  }
  return files;
}
