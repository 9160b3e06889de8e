import { lexRank } from "./lex-rank.ts";
import { splitSentences } from "./sentences.ts";
import { countWords, isContentWord, splitWords, stemWord } from "./words.ts";

/** An extractive summary: sentences of the text itself. */
export interface Summary {
  /** The sentences in the order of the text, joined by spaces; empty if the text has no word. */
  readonly summary: string;
  /** Sentences in `summary`. */
  readonly sentences: number;
  /** Words in `summary`. */
  readonly words: number;
}

export interface SummarizeOptions {
  /** The most sentences to return, 1 or more; 3 by default. There are fewer if the text has no more to say. */
  readonly sentences?: number;
}

/** A sentence of the text, at its place, with the stems of its content words. */
interface Candidate {
  readonly index: number;
  readonly text: string;
  readonly words: number;
  readonly stems: readonly string[];
}

/** The most sentences that are looked at, and of these that are compared: they bound the work for long texts. */
const MAX_SENTENCES = 10_000;
const MAX_CANDIDATES = 500;
/** Two sentences with a higher cosine say the same, and the better one is enough. */
const SAME_CONTENT = 0.5;
const MAX_WORDS = 60;
const MIN_CONTENT_WORDS = 4;
const COMPLETE = /[.!?…。！？｡।]["'”’»」』)\]]*$/u;

/**
 * Summarizes a plain text (see `readDocument` for Markdown) by its most central sentences, as {@link lexRank}
 * ranks them, leaving out those that repeat a better one. Deterministic; never throws.
 *
 * Complete sentences of 4 content words or more and at most 60 words are preferred; fragments count only
 * where there are too few. Of more than 500 such sentences the first 250 and 250 evenly spaced ones from the rest
 * are compared (and of more than 10,000 sentences of any kind, 5,000 and 5,000 are looked at).
 */
export function summarizeText(text: string, options: SummarizeOptions = {}): Summary {
  const sentences = splitSentences(text);
  const chosen = pickSentences(sentences, options.sentences ?? 3).map((index) => sentences[index] ?? "");
  const summary = chosen.join(" ");
  return { summary, sentences: chosen.length, words: countWords(summary) };
}

/** The indices, ascending, of at most `count` sentences that summarize all of them. */
export function pickSentences(sentences: readonly string[], count: number): number[] {
  const read = sample(
    sentences.map((text, index) => ({ text, index })),
    MAX_SENTENCES,
  );
  const candidates = sample(choosePool(read.map(toCandidate), count), MAX_CANDIDATES);
  const { scores, similarity } = lexRank(candidates.map((candidate) => candidate.stems));
  const ranked = candidates.map((_, place) => place);
  ranked.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const chosen: number[] = [];
  for (const place of ranked) {
    if (chosen.length >= count) break;
    if (chosen.every((other) => similarity(place, other) <= SAME_CONTENT)) chosen.push(place);
  }
  return chosen.map((place) => candidates[place]?.index ?? 0).sort((a, b) => a - b);
}

function toCandidate({ text, index }: { readonly text: string; readonly index: number }): Candidate {
  const words = splitWords(text);
  const stems = words.map((word) => word.text).filter(isContentWord);
  return { index, text, words: words.length, stems: stems.map(stemWord) };
}

/** The strictest pool with enough sentences in it: prose; anything but a lead-in to what was left out; any words. */
function choosePool(all: readonly Candidate[], count: number): Candidate[] {
  const worded = all.filter((candidate) => candidate.words > 0);
  const standing = worded.filter((candidate) => candidate.stems.length > 1 && !/[:：]$/.test(candidate.text));
  const prose = standing.filter(
    ({ text, words, stems }) =>
      stems.length >= MIN_CONTENT_WORDS && words <= MAX_WORDS && COMPLETE.test(text),
  );
  if (prose.length >= count) return prose;
  return standing.length >= count ? standing : worded;
}

/** All of them up to `max`; of more the first half of `max`, then evenly spaced ones. */
function sample<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items;
  const half = Math.floor(max / 2);
  const stride = (items.length - half) / half;
  const spaced = Array.from({ length: half }, (_, step) => items[half + Math.floor(step * stride)]);
  return [...items.slice(0, half), ...spaced.filter((item) => item !== undefined)];
}
