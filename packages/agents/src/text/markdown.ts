import MarkdownIt, { type Env, type Token } from "markdown-it";
import { readInline } from "./inline.ts";

/** One block of prose or one heading of a Markdown document, as plain text on one line. */
export interface MarkdownBlock {
  readonly text: string;
  /** 1 to 6 for a heading, 0 for prose: a paragraph, a list item, a quotation. */
  readonly level: number;
}

/** Finds blocks only; what is inside them is parsed where it is wanted, since tables can be long. */
const parser = new MarkdownIt({ html: true });
parser.core.ruler.disable("inline");

/**
 * The headings and the prose of a Markdown document, in order. Code blocks, tables, images and comments are
 * left out; so is prose that consists of links alone (badges, menus, tables of contents): it says nothing
 * itself. HTML is read for its text, because many a README has its title in an `<h1>`.
 *
 * The parser is markdown-it (CommonMark, tables, strikethrough): its work grows linearly with the input and
 * its nesting is bounded, so it neither hangs nor overflows on hostile input.
 */
export function parseMarkdown(source: string): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  let tables = 0;
  let level = 0;
  const env: Env = {};
  for (const token of parser.parse(source, env)) {
    if (token.type === "table_open" || token.type === "table_close") tables += token.nesting;
    if (token.type === "heading_open") level = Number(token.tag.slice(1));
    if (token.type === "heading_close") level = 0;
    if (tables > 0) continue;
    for (const run of readInline(inlineTokens(token, env))) {
      const block = { text: withoutMarker(run.text), level: run.level || level };
      if (block.text !== "" && (block.level > 0 || !run.linksOnly)) blocks.push(block);
    }
  }
  return blocks;
}

/** `env` holds the link targets that the document defines. */
function inlineTokens(token: Token, env: Env): readonly Token[] {
  const tokens: Token[] = [];
  if (token.type === "inline" || token.type === "html_block") {
    parser.inline.parse(token.content, parser, env, tokens);
  }
  return tokens;
}

/** Drops what GitHub renders as a box or an icon at the start of a block: `[ ]`, `[x]`, `[!NOTE]`, `:zap:`. */
function withoutMarker(text: string): string {
  return text.replace(/^(?:\[[ xX]\]|\[![A-Za-z]+\]|:[a-z0-9_+-]+:)\s*/, "");
}
