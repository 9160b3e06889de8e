import { isStopWord } from "./stop-words.ts";

/** A word as it stands in a text. */
export interface Word {
  readonly text: string;
  /** Index of its first UTF-16 unit, and of the one after its last. */
  readonly start: number;
  readonly end: number;
}

/** Longer "words" are data (hashes, base64), not language. */
const MAX_WORD_LENGTH = 40;

/**
 * An address, which holds no words, or a run of letters and digits with single joiners inside it:
 * `nats-server`, `node.js`, `don't`, `max_payload`, `3.5`. Every alternative is linear.
 */
const WORD =
  /(?:https?:\/\/|www\.)\S+|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’._-][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu;
const ADDRESS = /^(?:https?:\/\/|www\.)/;

/** Scripts that put no space between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
const dictionary = new Intl.Segmenter("en", { granularity: "word" });

/** The words of a text in order. Chinese, Japanese, Thai and the like are cut by ICU's dictionaries. */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const [run] = match;
    if (UNSPACED.test(run)) {
      for (const part of dictionary.segment(run)) {
        if (part.isWordLike === true) words.push(wordAt(part.segment, match.index + part.index));
      }
    } else if (!ADDRESS.test(run)) words.push(wordAt(run, match.index));
  }
  return words;
}

export function countWords(text: string): number {
  return splitWords(text).length;
}

/** Whether a word carries meaning of its own: it has a letter, is no stop word and is 2 to 40 units long. */
export function isContentWord(word: string): boolean {
  return (
    word.length > 1 &&
    word.length <= MAX_WORD_LENGTH &&
    /\p{L}/u.test(word) &&
    !isStopWord(normalizeWord(word))
  );
}

/** Lower case, with straight apostrophes and without the possessive: `NATS’s` becomes `nats`. */
export function normalizeWord(word: string): string {
  return word.toLowerCase().replaceAll("’", "'").replace(/'s?$/, "");
}

/**
 * A key under which a word and its plural are the same: the S-stemmer of D. Harman, "How effective is
 * suffixing?", Journal of the American Society for Information Science 42(1), 1991, table 1. The first rule
 * whose ending fits is used, or none where its exception fits.
 */
export function stemWord(word: string): string {
  const lower = normalizeWord(word);
  if (lower.length < 4) return lower;
  if (lower.endsWith("ies")) return /[ea]ies$/.test(lower) ? lower : `${lower.slice(0, -3)}y`;
  if (lower.endsWith("es")) return /[aeo]es$/.test(lower) ? lower : lower.slice(0, -1);
  if (lower.endsWith("s")) return /[us]s$/.test(lower) ? lower : lower.slice(0, -1);
  return lower;
}

function wordAt(text: string, start: number): Word {
  return { text, start, end: start + text.length };
}
