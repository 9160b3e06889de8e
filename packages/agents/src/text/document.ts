import { splitBlocks } from "./blocks.ts";
import { cleanText } from "./clean.ts";
import { splitFrontMatter } from "./front-matter.ts";
import { parseMarkdown } from "./markdown.ts";
import { countWords } from "./words.ts";

/** What a reader takes from a document. */
export interface PlainDocument {
  /** One line, or null where the document names none. */
  readonly title: string | null;
  /** The prose, without headings: blocks of one line each, an empty line between them. */
  readonly text: string;
  /** Words in `text`. */
  readonly words: number;
  /** In the order of the document, the title's own heading included. */
  readonly headings: readonly string[];
}

export interface ReadDocumentOptions {
  readonly format: "markdown" | "text";
}

/** The longest first line of a plain text, in characters, that is taken for its title. */
const MAX_TITLE_LENGTH = 120;

/**
 * Reads a document as plain text. Never throws, whatever the source holds.
 *
 * - `markdown`: see {@link parseMarkdown} for what is kept. The title is the front matter's `title`, else
 *   the first heading of level 1, else the first heading.
 * - `text`: paragraphs are separated by empty lines; a list item starts a new one. The title is the first
 *   line if an empty line follows it, it is no longer than 120 characters and does not end like a sentence.
 */
export function readDocument(source: string, options: ReadDocumentOptions): PlainDocument {
  const clean = cleanText(source);
  return options.format === "markdown" ? readMarkdown(clean) : readText(clean);
}

function readMarkdown(source: string): PlainDocument {
  const { title, body } = splitFrontMatter(source);
  const blocks = parseMarkdown(body);
  const headings = blocks.filter((block) => block.level > 0);
  const top = headings.find((heading) => heading.level === 1) ?? headings[0];
  return document(
    title ?? top?.text ?? null,
    blocks.filter((block) => block.level === 0).map((block) => block.text),
    headings.map((heading) => heading.text),
  );
}

function readText(source: string): PlainDocument {
  const blocks = splitBlocks(source);
  const [first] = blocks;
  if (first === undefined || blocks.length < 2 || !looksLikeTitle(first)) return document(null, blocks, []);
  return document(first, blocks.slice(1), [first]);
}

function looksLikeTitle(line: string): boolean {
  return line.length <= MAX_TITLE_LENGTH && /[\p{L}\p{N}]/u.test(line) && !/[.!?:;,。！？]$/u.test(line);
}

function document(
  title: string | null,
  blocks: readonly string[],
  headings: readonly string[],
): PlainDocument {
  const text = blocks.join("\n\n");
  return { title, text, words: countWords(text), headings };
}
