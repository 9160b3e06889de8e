import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractKeywords } from "../../src/text/keywords.ts";
import { stemWord } from "../../src/text/words.ts";

/** The abstract that Rose et al. (2010) work through in figures 1.1 to 1.4. */
const ABSTRACT = `Compatibility of systems of linear constraints over the set of natural numbers

Criteria of compatibility of a system of linear Diophantine equations, strict inequations, and nonstrict
inequations are considered. Upper bounds for components of a minimal set of solutions and algorithms of
construction of minimal generating sets of solutions for all types of systems are given. These criteria and
the corresponding algorithms for constructing a minimal supporting set of solutions can be used in solving all
the considered types of systems and systems of mixed types.`;

const phrases = (text: string, limit = 10) =>
  extractKeywords(text, { limit }).map((keyword) => keyword.phrase);

describe("extracting keywords", () => {
  it("finds the keywords and scores that RAKE's authors publish for their example", () => {
    const keywords = extractKeywords(ABSTRACT, { limit: 9 });
    expect(keywords.map(({ phrase, score }) => [phrase, score.toFixed(1)])).toEqual([
      ["minimal generating sets", "8.7"],
      ["linear Diophantine equations", "8.5"],
      ["minimal supporting set", "7.7"],
      ["minimal set", "4.7"],
      ["linear constraints", "4.5"],
      ["Upper bounds", "4.0"],
      ["natural numbers", "4.0"],
      ["nonstrict inequations", "4.0"],
      ["strict inequations", "4.0"],
    ]);
  });

  it("counts capitals and plurals as one phrase, in its commonest form, and weighs repetition", () => {
    const text = "Queue groups are fair. A queue group is old. The queue group is new. Big red balloons.";
    // 2·3/3 for queue and 2·2/2 for group (its plural is a word of its own) make 4, times 1 + log₂ 3 uses.
    expect(extractKeywords(text, { limit: 2 })).toEqual([
      { phrase: "queue group", score: 10.34 },
      { phrase: "Big red balloons", score: 9 },
    ]);
  });

  it("puts the repeated before the unique in a long text", () => {
    const filler = Array.from(
      { length: 60 },
      (_, at) => `One unique${at} thing${at} phrase${at} is here.`,
    ).join(" ");
    const text = `${filler} The idle lane is free. An idle lane is good.`;
    expect(phrases(text, 1)).toEqual(["idle lane"]);
  });

  it("breaks phrases at punctuation, at stop words, at addresses and between blocks, but not at line ends", () => {
    const text = "alpha, beta\n\ngamma delta (epsilon) zeta of eta\ntheta https://x.test/iota kappa/lambda";
    expect(phrases(text).toSorted()).toEqual(
      ["alpha", "beta", "gamma delta", "epsilon", "zeta", "eta theta", "kappa", "lambda"].toSorted(),
    );
  });

  it("drops phrases of four words and lone words of one or two small letters", () => {
    expect(phrases("north east south west, ab, UI, 東京, x, 42")).toEqual(["UI", "東京"]);
  });

  it("breaks ties by the order of code units", () => {
    expect(phrases("pear, Apple, fig, banana")).toEqual(["Apple", "banana", "fig", "pear"]);
  });

  it.each([
    ["nothing", ""],
    ["no words", "?! … 👍 \0"],
    ["stop words alone", "It is what it is, and that is that."],
    ["one long word", "a".repeat(1_000_000)],
    ["one long phrase", "word ".repeat(200_000)],
  ])("finds none in %s", (_, text) => {
    expect(extractKeywords(text)).toEqual([]);
  });

  const word = fc.constantFrom(
    "the",
    "mesh",
    "Mesh",
    "actors",
    "actor",
    "of",
    "NATS",
    "__proto__",
    "消息",
    ",",
    ".",
    "\n\n",
    "7",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word, { maxLength: 400 }).map((all) => all.join(" ")),
  );

  it("gives at most as many as asked, best first, each once and from the text, the same each time", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 12 }), (input, limit) => {
        const keywords = extractKeywords(input, { limit });
        expect(keywords.length).toBeLessThanOrEqual(limit);
        expect(extractKeywords(input, { limit })).toEqual(keywords);
        expect(extractKeywords(input, { limit: limit + 5 }).slice(0, limit)).toEqual(keywords);
        const keys = keywords.map(({ phrase }) => phrase.split(/\s/).map(stemWord).join(" "));
        expect(new Set(keys).size).toBe(keys.length);
        const flat = input.replace(/\s+/g, " ");
        for (const [at, { phrase, score }] of keywords.entries()) {
          expect(flat).toContain(phrase);
          expect(score).toBeGreaterThan(0);
          expect(score).toBeLessThanOrEqual(keywords[at - 1]?.score ?? Infinity);
        }
      }),
      { numRuns: 300 },
    );
  });
});
