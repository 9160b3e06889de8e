import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../src/text/document.ts";

const markdown = (source: string) => readDocument(source, { format: "markdown" });
const text = (source: string) => readDocument(source, { format: "text" });

describe("reading Markdown", () => {
  it("keeps prose and drops code, tables, comments, images and rules", () => {
    const doc = markdown(
      [
        "# The *title* with `code`",
        "First **bold** line\nruns on.",
        "```js\nconst hidden = 1;\n```",
        "    indented code",
        "| a | b |\n| - | - |\n| cell | cell |",
        "<!-- a comment\n\nof two paragraphs -->",
        "![picture](p.png) Text beside it, a [link](https://x.test/ 'hint') and <https://y.test/>.",
        "---",
        "> quoted\n> lines",
        "- item one\n- [x] item *two*\n\n  second paragraph",
        "Set\next\n===",
      ].join("\n\n"),
    );
    expect(doc).toEqual({
      title: "The title with code",
      text: [
        "First bold line runs on.",
        "Text beside it, a link and https://y.test/.",
        "quoted lines",
        "item one",
        "item two",
        "second paragraph",
      ].join("\n\n"),
      words: 19,
      headings: ["The title with code", "Set ext"],
    });
  });

  it("reads HTML for its title and text", () => {
    const doc = markdown(
      '<h1 align="center">\n  <img src="x.png"><br>\n  Tom &amp; Jerry\n</h1>\n<p>One <b>two</b>.</p><p>Three.</p>\n\n' +
        "<pre>hidden</pre>\n\n<style>\np { color: red }\n</style>\n\n<table><tr><td>hidden</td></tr></table>\n\n" +
        "Press <kbd>Ctrl</kbd>&nbsp;now\\*.",
    );
    expect(doc.title).toBe("Tom & Jerry");
    expect(doc.headings).toEqual(["Tom & Jerry"]);
    expect(doc.text).toBe("One two.\n\nThree.\n\nPress Ctrl now*.");
  });

  it("drops blocks of links alone, but not links inside text", () => {
    const doc = markdown(
      "[![badge](b.svg)](https://ci.test)\n\n[Docs](a) | [API](b) • [Chat](c)\n\n- [Install](#install)\n- [Use][use]: how\n\n[use]: #use",
    );
    expect(doc.text).toBe("Use: how");
  });

  it("drops the markers of alerts, shortcodes and footnotes, but not brackets in code", () => {
    const doc = markdown("> [!NOTE]\n> Mind this.[^1]\n\n:zap: Fast `[^a]`.\n\n[^1]: A footnote.");
    expect(doc.text).toBe("Mind this.\n\nFast [^a].\n\nA footnote.");
  });

  it.each([
    ["the front matter's title", "---\ntitle: 'From data'\ntags: [a]\n---\n# Heading\n", "From data"],
    ["TOML front matter", '+++\ntitle = "From data"\n+++\ntext', "From data"],
    ["the first heading of level 1", "## Before\n\n# Main\n\n# Second\n", "Main"],
    ["else the first heading", "text\n\n### Small\n\n## Larger\n", "Small"],
    ["else none", "only text", null],
    ["none for a title on several lines", "---\ntitle: >\n  folded\n---\ntext", null],
  ])("takes %s as the title", (_, source, title) => {
    expect(markdown(source).title).toBe(title);
  });

  it("takes a rule at the start for a rule", () => {
    expect(markdown("---\n\n# Title\n\ntext\n\n---\n\nmore").text).toBe("text\n\nmore");
    expect(markdown("---\nkey: never closed\n\ntext").text).toContain("text");
  });
});

describe("reading plain text", () => {
  it("joins hard-wrapped lines and separates paragraphs and list items", () => {
    const doc = text(
      "A Title\r\n=======\r\n\r\nOne line\r\nand another.\r\n* first\n  more\n2. second\n\n\nEnd",
    );
    expect(doc).toEqual({
      title: "A Title",
      text: "One line and another.\n\nfirst more\n\nsecond\n\nEnd",
      words: 8,
      headings: ["A Title"],
    });
  });

  it.each([
    ["a sentence", "It rains.\n\nStill."],
    ["the only block", "Some words"],
    ["a long line", `${"word ".repeat(30)}\n\nText.`],
    ["a line without words", "***-\n\nText."],
  ])("takes no title from %s", (_, source) => {
    expect(text(source).title).toBeNull();
  });
});

describe("reading anything", () => {
  const format = fc.constantFrom("markdown" as const, "text" as const);
  const pieces = fc.constantFrom(
    ..."#|---|+++|```|> |- |1. |\n|\n\n|    |[|](|)|![|<h1>|</h1>|<p>|<pre>|<a|&amp;|`|**|_| \\|---|\\||word|title: x|é|中|\0|\ud800|\u200b"
      .split(/(?<!\\)\|/)
      .map((piece) => piece.replace("\\|", "|")),
  );
  const source = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
  );

  it("gives clean text of one-line blocks, and nothing else", () => {
    fc.assert(
      fc.property(source, format, (input, kind) => {
        const doc = readDocument(input, { format: kind });
        for (const part of [...doc.text.split("\n\n"), ...doc.headings, doc.title ?? "x"]) {
          expect(part).not.toMatch(/[^\P{Cc}\n]|\ufffd|\s{2}|^\s|\s$/u);
          expect(part.isWellFormed()).toBe(true);
        }
        expect(doc.title).not.toBe("");
        expect(doc.headings).not.toContain("");
        expect(doc.words > 0).toBe(/[\p{L}\p{N}]/u.test(doc.text.replace(/(?:https?:\/\/|www\.)\S+/g, "")));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["one line", "word ".repeat(40_000)],
    ["nested quotes", ">".repeat(200_000)],
    ["nested lists", "- ".repeat(100_000)],
    ["open brackets", "![[".repeat(20_000)],
    ["open tags", "<a <h1>".repeat(30_000)],
    ["emphasis", "a**b_".repeat(40_000)],
    ["footnotes", "[^a".repeat(30_000)],
    ["link targets", "[a]: b\n".repeat(10_000) + "\n[a] text\n\n".repeat(10_000)],
  ])(
    "stays linear on hostile input: %s",
    (_, input) => {
      expect(markdown(input).words).toBeGreaterThanOrEqual(0);
      expect(text(input).text.length).toBeGreaterThan(0);
    },
    20_000,
  );
});
