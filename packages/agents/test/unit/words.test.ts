import { describe, expect, it } from "vitest";
import { isStopWord } from "../../src/text/stop-words.ts";
import { countWords, isContentWord, normalizeWord, splitWords, stemWord } from "../../src/text/words.ts";

describe("splitting words", () => {
  it.each([
    [
      "compounds",
      "nats-server's max_payload, node.js (3.5)!",
      ["nats-server's", "max_payload", "node.js", "3.5"],
    ],
    ["no addresses", "See https://a.test/b?c=d and www.b.test too", ["See", "and", "too"]],
    ["accents", "naïve cafe\u0301 Ünïcode", ["naïve", "cafe\u0301", "Ünïcode"]],
    ["Chinese, mixed", "使用NATS消息 系统", ["使用", "NATS", "消息", "系统"]],
    ["Thai", "สวัสดีครับ", ["สวัสดี", "ครับ"]],
    ["no signs", "… — !? 👍 \0", []],
  ])("finds %s", (_, text, words) => {
    expect(splitWords(text).map((word) => word.text)).toEqual(words);
    expect(countWords(text)).toBe(words.length);
    for (const word of splitWords(text)) expect(text.slice(word.start, word.end)).toBe(word.text);
  });
});

describe("content words", () => {
  it.each(["mesh", "JS", "东京", "UTF-8", "v2"])("%s is one", (word) => {
    expect(isContentWord(word)).toBe(true);
  });

  it.each(["the", "The", "don’t", "e.g", "i.e", "x", "42", "3.5", "returns", "f".repeat(41)])(
    "%s is none",
    (word) => {
      expect(isContentWord(word)).toBe(false);
    },
  );

  it("knows the whole list", () => {
    for (const word of ["a", "a's", "zero", "corresponding", "µs"]) expect(isStopWord(word)).toBe(true);
    for (const word of ["", "set", "constructor", "__proto__"]) expect(isStopWord(word)).toBe(false);
  });
});

describe("stems", () => {
  it.each([
    ["queries", "query"],
    ["Agents", "agent"],
    ["boxes", "boxe"],
    ["NATS’s", "nat"],
    // The exceptions of Harman's table.
    ["aies", "aies"],
    ["trees", "trees"],
    ["shoes", "shoes"],
    ["status", "status"],
    ["process", "process"],
    ["bus", "bus"],
  ])("%s → %s", (word, stem) => {
    expect(stemWord(word)).toBe(stem);
  });

  it("normalizes case, apostrophes and possessives", () => {
    expect(["Don’t", "NATS's", "users'", "It"].map(normalizeWord)).toEqual(["don't", "nats", "users", "it"]);
  });
});
