import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitSentences } from "../../src/text/sentences.ts";
import { pickSentences, summarizeText } from "../../src/text/summary.ts";
import { countWords } from "../../src/text/words.ts";

const ARTICLE = [
  "A volcano is an opening in the crust of a planet from which lava, ash and gases escape.",
  "Most volcanoes on the planet stand where tectonic plates of the crust meet.",
  "My aunt likes to paint small wooden boats on Sunday afternoons.",
  "Lava is molten rock that flows from the volcano and cools into new crust.",
  "Ash and gases of large eruptions can cool the planet for years.",
  "A volcano is an opening in the crust of a planet, from which lava and ash and gases escape.",
].join(" ");

describe("summarizing", () => {
  it("takes central sentences in their order, no digression and no repetition", () => {
    const { summary, sentences, words } = summarizeText(ARTICLE, { sentences: 3 });
    expect(splitSentences(summary)).toEqual([
      "A volcano is an opening in the crust of a planet from which lava, ash and gases escape.",
      "Lava is molten rock that flows from the volcano and cools into new crust.",
      "Ash and gases of large eruptions can cool the planet for years.",
    ]);
    expect(sentences).toBe(3);
    expect(words).toBe(44);
  });

  it("takes 3 sentences by default and all that differ if asked for more", () => {
    expect(summarizeText(ARTICLE).sentences).toBe(3);
    expect(summarizeText(ARTICLE, { sentences: 20 }).sentences).toBe(5);
  });

  it("prefers whole sentences to lead-ins and fragments, which it takes only where it must", () => {
    const text =
      "Install with your package manager:\n\nTiny core bundle\n\nThe parser checks every input against its schema.";
    expect(summarizeText(text, { sentences: 1 }).summary).toBe(
      "The parser checks every input against its schema.",
    );
    expect(summarizeText(text, { sentences: 2 }).summary).not.toContain("Install");
    expect(summarizeText("Install:\n\nOther:", { sentences: 2 }).summary).toBe("Install: Other:");
  });

  it.each([
    ["nothing", "", ""],
    ["no words", "?! --- … 👍", ""],
    ["one sentence", "Only this one.", "Only this one."],
    ["numbers alone", "1. 2. 3.", "2. 3."],
    [
      "Chinese",
      "火山喷出熔岩和火山灰。熔岩冷却以后成为新的地壳。",
      "火山喷出熔岩和火山灰。 熔岩冷却以后成为新的地壳。",
    ],
  ])("handles %s", (_, text, summary) => {
    expect(summarizeText(text).summary).toBe(summary);
  });

  it("looks at a sample of a very long text, the same each time", () => {
    const sentences = Array.from(
      { length: 12_000 },
      (_, index) =>
        `Chapter ${index} tells of topic${index % 700} with fact${index % 1100} and item${index}.`,
    );
    const picked = pickSentences(sentences, 5);
    expect(picked).toHaveLength(5);
    expect(pickSentences(sentences, 5)).toEqual(picked);
    const all = pickSentences(sentences, 1000);
    expect(all.length).toBeLessThanOrEqual(500);
    expect(all.filter((index) => index < 250).length).toBeGreaterThan(200);
    expect(all.at(-1)).toBeGreaterThan(11_900);
  });

  it.each([
    ["one line", "word ".repeat(200_000)],
    ["one word", "a".repeat(1_000_000)],
    ["full stops", ". ".repeat(500_000)],
    ["short items", "- a\n".repeat(100_000)],
    ["the same sentence", "Alpha beta gamma delta epsilon zeta. ".repeat(27_000)],
    ["rows of bytes", String.fromCharCode(...Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256))],
  ])(
    "takes a moment for a megabyte of %s",
    (_, text) => {
      expect(summarizeText(text).summary.length).toBeLessThan(2_000);
    },
    20_000,
  );

  const sentence = fc
    .array(fc.constantFrom("the", "mesh", "actor", "queue", "NATS", "holds", "no", "2", "Dr.", "消息。"), {
      minLength: 1,
      maxLength: 12,
    })
    .chain((words) => fc.constantFrom(". ", "! ", ":\n", "\n\n", "。").map((end) => words.join(" ") + end));
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(sentence, { maxLength: 30 }).map((all) => all.join("")),
  );

  it("gives at most as many as asked, each from the text, in its order, the same each time", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 8 }), (input, limit) => {
        const sentences = splitSentences(input);
        const picked = pickSentences(sentences, limit);
        const { summary, sentences: count, words } = summarizeText(input, { sentences: limit });
        expect(picked.length).toBeLessThanOrEqual(limit);
        for (const [at, index] of picked.entries()) expect(index).toBeGreaterThan(picked[at - 1] ?? -1);
        expect(summary).toBe(picked.map((index) => sentences[index]).join(" "));
        expect(count).toBe(picked.length);
        expect(words).toBe(countWords(summary));
        expect(summary !== "").toBe(countWords(input) > 0);
        expect(summarizeText(input, { sentences: limit }).summary).toBe(summary);
      }),
      { numRuns: 300 },
    );
  });
});
