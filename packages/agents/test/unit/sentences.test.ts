import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitSentences } from "../../src/text/sentences.ts";

describe("splitting sentences", () => {
  it.each([
    ["full stops, questions, exclamations", "It runs. Does it? Yes!", ["It runs.", "Does it?", "Yes!"]],
    ["decimals and versions", "Version 2.10 takes 3.5 s. Good.", ["Version 2.10 takes 3.5 s.", "Good."]],
    ["file and host names", "Open node.js or a.b.test now. Go.", ["Open node.js or a.b.test now.", "Go."]],
    ["titles", "Dr. Smith met Prof. Jones. They left.", ["Dr. Smith met Prof. Jones.", "They left."]],
    ["e.g. and i.e.", "Fruit, e.g. Apples, i.e. Food.", ["Fruit, e.g. Apples, i.e. Food."]],
    [
      "references",
      "See Rose et al. (2010) and Fig. 3. Done.",
      ["See Rose et al. (2010) and Fig. 3.", "Done."],
    ],
    [
      "initials",
      "By J. R. Smith of the U.S. Army. So do I. Bye.",
      ["By J. R. Smith of the U.S. Army.", "So do I.", "Bye."],
    ],
    ["numbers after No.", "Is it? No. It is No. 5.", ["Is it?", "No.", "It is No. 5."]],
    [
      "etc. inside and at the end",
      "Pens etc. are here, Inc. too. Ink etc. All.",
      ["Pens etc. are here, Inc. too.", "Ink etc.", "All."],
    ],
    ["names in small letters", "It is fast. npm runs it.", ["It is fast.", "npm runs it."]],
    [
      "quotations that run on",
      '"Is it?" he asked. "Go!" they said.',
      ['"Is it?" he asked.', '"Go!" they said.'],
    ],
    ["an ellipsis that runs on", "Well... maybe. Yes.", ["Well... maybe.", "Yes."]],
    ["brackets", "He left. (She stayed.) They met.", ["He left.", "(She stayed.)", "They met."]],
    ["Chinese and Japanese", "我们走。你呢？好。", ["我们走。", "你呢？", "好。"]],
    ["wrapped lines", "One\nsentence. And\n  two.", ["One sentence.", "And two."]],
    ["empty lines", "No stop here\n\nNor here", ["No stop here", "Nor here"]],
    ["list items", "Intro:\n- one\n- two\n  lines\n3) three", ["Intro:", "one", "two lines", "three"]],
    ["nothing", " \n\t\n ", []],
  ])("handles %s", (_, text, sentences) => {
    expect(splitSentences(text)).toEqual(sentences);
  });

  it("cuts what is too long at a space, or else anywhere but inside a character", () => {
    const words = splitSentences("word ".repeat(1000));
    expect(words.join(" ")).toBe("word ".repeat(1000).trim());
    expect(words.every((part) => part.length <= 600 && part.endsWith("word"))).toBe(true);
    const emoji = splitSentences(`x${"😀".repeat(1000)}`);
    expect(emoji.join("")).toBe(`x${"😀".repeat(1000)}`);
    expect(emoji.every((part) => part.length <= 600 && part.isWellFormed())).toBe(true);
  });

  it("loses no letter, keeps the order and gives trimmed lines of at most 600 units", () => {
    const piece = fc.constantFrom(
      "Dr.",
      "e.g.",
      "No.",
      "5",
      ". ",
      "? ",
      '."',
      "a",
      "B",
      "。",
      "x. y",
      "\n",
      "\n\n",
      "- ",
      " ",
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(piece, { maxLength: 80 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (input) => {
        const sentences = splitSentences(input);
        const letters = (value: string) => value.replace(/[^\p{L}]/gu, "");
        expect(letters(sentences.join(""))).toBe(letters(input));
        for (const sentence of sentences) expect(sentence).toMatch(/^\S(?:.{0,598}\S)?$/s);
      }),
      { numRuns: 500 },
    );
  });
});
