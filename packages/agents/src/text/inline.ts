import type { Token } from "markdown-it";

/** A run of text without a block boundary in it. */
export interface InlineRun {
  /** Whitespace collapsed, trimmed; may be empty. */
  readonly text: string;
  /** 1 to 6 inside an HTML heading, else 0. */
  readonly level: number;
  /** Every letter and digit of it is inside a link. */
  readonly linksOnly: boolean;
}

/** HTML elements whose content is not prose. */
const SKIPPED = new Set(["head", "pre", "script", "style", "svg", "table"]);

/** HTML elements that run on in the text around them; every other one starts a new run. */
const PHRASING = new Set(
  "a abbr b bdi bdo cite code data del dfn em i img ins kbd mark picture q s samp small source span strong sub sup time tt u var wbr".split(
    " ",
  ),
);

/** A footnote's mark, which markdown-it leaves in the text. */
const FOOTNOTE = /\[\^[^\]\s[]+\]:?/g;

const TAG = /^<(\/?)([a-zA-Z][a-zA-Z0-9-]*)/;

/** The text of markdown-it's inline tokens: emphasis, links and code as their text, images and tags as nothing. */
export function readInline(tokens: readonly Token[]): InlineRun[] {
  const runs: InlineRun[] = [];
  let text = "";
  let level = 0;
  let links = 0;
  let linksOnly = true;
  let skipping: string | undefined;

  function flush(): void {
    runs.push({ text: text.replace(/\s+/g, " ").trim(), level, linksOnly });
    text = "";
    linksOnly = true;
  }

  function onTag(closing: boolean, name: string): void {
    if (skipping !== undefined) {
      if (closing && name === skipping) skipping = undefined;
      return;
    }
    if (name === "a") links = Math.max(0, links + (closing ? -1 : 1));
    if (name === "br") text += " ";
    else if (!PHRASING.has(name)) flush();
    if (SKIPPED.has(name) && !closing) skipping = name;
    if (/^h[1-6]$/.test(name)) level = closing ? 0 : Number(name.slice(1));
  }

  for (const token of tokens) {
    const tag = token.type === "html_inline" ? TAG.exec(token.content) : null;
    if (tag?.[2] !== undefined) onTag(tag[1] === "/", tag[2].toLowerCase());
    else if (skipping !== undefined) continue;
    else if (token.type === "link_open" || token.type === "link_close") links += token.nesting;
    else if (token.type === "softbreak" || token.type === "hardbreak") text += " ";
    else if (token.type === "text" || token.type === "text_special" || token.type === "code_inline") {
      text += token.type === "text" ? token.content.replace(FOOTNOTE, "") : token.content;
      if (links === 0 && /[\p{L}\p{N}]/u.test(token.content)) linksOnly = false;
    }
  }
  flush();
  return runs;
}
