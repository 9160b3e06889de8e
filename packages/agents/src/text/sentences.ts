import { splitBlocks } from "./blocks.ts";

/** A longer run without a sentence end is no sentence a person would read: it is cut. */
const MAX_SENTENCE_LENGTH = 600;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** A full stop before a small letter, where Unicode's rules never break, but "It is fast. npm runs it." does. */
const STOP_BEFORE_SMALL = /(?<=\.)\s+(?=\p{Ll})/u;

/** Abbreviations that stand before what they belong to, so that their full stop ends no sentence. */
const LEADING = abbreviations(
  "al approx ca cf ch dr e\\.g ed eds eq fig figs gen hon i\\.e incl mr mrs ms mt prof rep resp rev sec sen st viz vol vs",
);
/** The same, but only before a number: "No. 5" against "Is it? No." */
const NUMBERED = abbreviations("art no nos p pp v ver");
/** Abbreviations that may end a sentence: a small letter after them says that they do not. */
const TRAILING = abbreviations("a\\.k\\.a a\\.m co corp dept est etc inc jr ltd max min p\\.m sr temp");
/** An initial ("J. Smith") or letters with dots ("U.S. Army"); "I." ends a sentence. */
const INITIAL = /(?:^|[\s("'[.])(?!I\.)\p{Lu}\.$/u;
/** `?`, `!`, an ellipsis or a closed quotation, after which a sentence may run on in small letters. */
const MAY_RUN_ON = /(?:[!?…]|\.\.|\.["'”’)\]])["'”’)\]]*$/;

/**
 * The sentences of a plain text in order, each on one line. A sentence never crosses an empty line or the
 * start of a list item (see {@link splitBlocks}). The rules are Unicode's (UAX 29, by `Intl.Segmenter`),
 * corrected for English abbreviations, quotations that run on and names in small letters. A sentence over
 * 600 characters is cut at the last space before the limit.
 */
export function splitSentences(text: string): string[] {
  return splitBlocks(text).flatMap(splitBlock);
}

/** Most headings, list items and cells: nothing in them can end a sentence, so that asking ICU is wasted. */
const NO_STOP_INSIDE = /^[ "#-\->@-~]*$/;

function splitBlock(block: string): string[] {
  if (NO_STOP_INSIDE.test(block)) return cutToLength(block);
  const sentences: string[] = [];
  let pending: string[] = [];
  for (const { segment } of segmenter.segment(block)) {
    for (const part of segment.split(STOP_BEFORE_SMALL)) {
      const before = pending.at(-1);
      if (before !== undefined && !continues(before, part)) {
        sentences.push(...cutToLength(pending.join(" ")));
        pending = [];
      }
      pending.push(part.trim());
    }
  }
  return [...sentences, ...cutToLength(pending.join(" "))];
}

/** Whether the part belongs to the same sentence as the one before it. */
function continues(before: string, part: string): boolean {
  const end = before.slice(-16);
  if (LEADING.test(end) || INITIAL.test(end)) return true;
  if (/^\p{Nd}/u.test(part)) return NUMBERED.test(end);
  return /^\p{Ll}/u.test(part) && (TRAILING.test(end) || MAY_RUN_ON.test(end));
}

function cutToLength(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > MAX_SENTENCE_LENGTH) {
    const cut = cutPoint(rest);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  if (rest !== "") parts.push(rest);
  return parts;
}

/** After the last space within the limit, else the limit itself, never inside a surrogate pair. */
function cutPoint(text: string): number {
  const space = text.lastIndexOf(" ", MAX_SENTENCE_LENGTH - 1);
  if (space > 0) return space + 1;
  const unit = text.charCodeAt(MAX_SENTENCE_LENGTH - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? MAX_SENTENCE_LENGTH - 1 : MAX_SENTENCE_LENGTH;
}

function abbreviations(words: string): RegExp {
  return new RegExp(`(?:^|[\\s("'[])(?:${words.replaceAll(" ", "|")})\\.$`, "i");
}
