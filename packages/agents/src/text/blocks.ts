/** A line that starts a list item: a bullet or a number, then a space. */
const LIST_ITEM = /^(?:[-*+•‣◦–]|\d{1,3}[.)])\s+(?=\S)/;

/** A line that is drawn: under a title, or between sections. */
const RULE = /^([=\-~_*#+])\1{2,}$/;

/**
 * The paragraphs and list items of a plain text, each on one line with its whitespace collapsed and its list
 * marker gone. An empty line or a drawn one ends a block; so does the start of a list item.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[][] = [];
  let open = false;
  for (const raw of text.split("\n")) {
    const line = raw.replace(/\s+/g, " ").trim();
    if (line === "" || RULE.test(line)) {
      open = false;
      continue;
    }
    const body = line.replace(LIST_ITEM, "");
    if (open && body === line) blocks.at(-1)?.push(line);
    else blocks.push([body]);
    open = true;
  }
  return blocks.map((lines) => lines.join(" "));
}
