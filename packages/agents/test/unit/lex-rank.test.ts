import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lexRank } from "../../src/text/lex-rank.ts";

describe("LexRank", () => {
  it("solves two sentences that share a word", () => {
    // b = (2/3, 1/3); p₀ = 0.15·2/3 + 0.85·p₁ and p₁ = 0.15·1/3 + 0.85·p₀ give p₀ = 19/37.
    const { scores } = lexRank([
      ["mesh", "actor"],
      ["mesh", "queue"],
    ]);
    expect(scores[0]).toBeCloseTo(19 / 37, 6);
    expect(scores[1]).toBeCloseTo(18 / 37, 6);
  });

  it("solves a star: the middle sentence has a word of each of the others", () => {
    // b = (6, 3, 2)/11 and p₀ + p₂ = 1 − p₁, so p₁ = (0.15·3/11 + 0.85)/1.85; the rest splits by b and the halves.
    const { scores } = lexRank([["a"], ["a", "c"], ["c"]]);
    const middle = (0.15 * (3 / 11) + 0.85) / 1.85;
    expect([...scores].map((score) => score.toFixed(6))).toEqual(
      [0.15 * (6 / 11) + (0.85 * middle) / 2, middle, 0.15 * (2 / 11) + (0.85 * middle) / 2].map((score) =>
        score.toFixed(6),
      ),
    );
  });

  it("weighs similarity by the formula", () => {
    // N = 2; "a" is in both: idf = ln 2. "b" and "c" are in one each: idf = ln 3. tf("a", first) = 2.
    const { similarity } = lexRank([
      ["a", "a", "b"],
      ["a", "c"],
    ]);
    const [a, other] = [Math.log(2), Math.log(3)];
    const expected = (2 * a * a) / (Math.hypot(2 * a, other) * Math.hypot(a, other));
    expect(similarity(0, 1)).toBeCloseTo(expected, 12);
    expect(similarity(1, 0)).toBe(similarity(0, 1));
  });

  it("leaves sentences that are like no other to the prior", () => {
    const { scores } = lexRank([["a"], [], ["b"]]);
    expect([...scores].map((score) => score.toFixed(6))).toEqual(["0.545455", "0.272727", "0.181818"]);
    expect(lexRank([]).scores).toHaveLength(0);
  });

  it("gives positive scores that add up to 1, and cosines from 0 to 1", () => {
    const sentence = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "__proto__"), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 12 }), (sentences) => {
        const { scores, similarity } = lexRank(sentences);
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 6);
        expect(Math.min(...scores)).toBeGreaterThan(0);
        for (let index = 1; index < sentences.length; index++) {
          expect(similarity(0, index)).toBeGreaterThanOrEqual(0);
          expect(similarity(0, index)).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
