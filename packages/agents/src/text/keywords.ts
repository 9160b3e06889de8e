import { isContentWord, normalizeWord, splitWords, stemWord, type Word } from "./words.ts";

/** A keyword: one to three words that a text uses as a term. */
export interface Keyword {
  /** As the text most often writes it. */
  readonly phrase: string;
  /** Above 0, rounded to thousandths; higher is better. Comparable within one text only. */
  readonly score: number;
}

export interface KeywordOptions {
  /** The most keywords to return; 10 by default. */
  readonly limit?: number;
}

/** All uses of one phrase, whatever their capitals and number. */
interface Usage {
  count: number;
  readonly forms: Map<string, { readonly words: readonly string[]; count: number }>;
}

const MAX_PHRASE_WORDS = 3;
/** Texts of more words are long: a phrase that is used there only once is seldom a term. */
const LONG_TEXT_WORDS = 250;
const ONCE_IN_LONG_TEXT = 0.1;

/**
 * Keywords by RAKE (S. Rose, D. Engel, N. Cramer and W. Cowley, "Automatic Keyword Extraction from Individual
 * Documents", in Text Mining: Applications and Theory, Wiley 2010). Stop words and punctuation cut the text
 * into candidate phrases, and
 *
 *     score(phrase) = Σ deg(w) / freq(w)     over its words
 *
 * where freq(w) counts w in all candidates and deg(w) adds up the lengths of the candidates it is in.
 *
 * Made for abstracts, RAKE knows no repetition and so drowns a long text's terms in its longest phrases.
 * Hence, beyond the paper: the score is multiplied by 1 + log₂(uses of the phrase) (sublinear term frequency:
 * C. Manning et al., Introduction to Information Retrieval, 2008, section 6.4.1), in texts of over 250 words by
 * 0.1 if it is used once; uses that differ in capitals or plural are one phrase; phrases have at most 3 words.
 * In a short text where nothing repeats, the scores are the paper's.
 *
 * The stop words are English: in other languages phrases run longer and fewer qualify. Deterministic (best
 * first, ties by code units); the work grows linearly with the text; never throws.
 */
export function extractKeywords(text: string, options: KeywordOptions = {}): Keyword[] {
  const words = splitWords(text);
  const phrases = candidatePhrases(text, words);
  const weights = wordWeights(phrases);
  const once = words.length > LONG_TEXT_WORDS ? ONCE_IN_LONG_TEXT : 1;
  const keywords: Keyword[] = [];
  for (const usage of usages(text, phrases)) {
    const [phrase, form] = commonest(usage.forms);
    const sum = form.reduce((total, word) => total + (weights.get(word) ?? 0), 0);
    const factor = usage.count > 1 ? 1 + Math.log2(usage.count) : once;
    keywords.push({ phrase, score: Math.round(sum * factor * 1000) / 1000 });
  }
  keywords.sort((a, b) => b.score - a.score || (a.phrase < b.phrase ? -1 : 1));
  return keywords.slice(0, Math.max(0, options.limit ?? 10));
}

/** The runs of content words with nothing but space, and no empty line, between them. */
function candidatePhrases(text: string, words: readonly Word[]): Word[][] {
  const phrases: Word[][] = [];
  let phrase: Word[] = [];
  for (const word of words) {
    const last = phrase.at(-1);
    const apart = last !== undefined && !isPlainGap(text, last.end, word.start);
    if (apart || !isContentWord(word.text)) {
      if (phrase.length > 0) phrases.push(phrase);
      phrase = [];
    }
    if (isContentWord(word.text)) phrase.push(word);
  }
  if (phrase.length > 0) phrases.push(phrase);
  return phrases;
}

function isPlainGap(text: string, start: number, end: number): boolean {
  const gap = text.slice(start, end);
  return gap.trim() === "" && gap.indexOf("\n") === gap.lastIndexOf("\n");
}

/** deg(w) / freq(w) of every word. */
function wordWeights(phrases: readonly (readonly Word[])[]): Map<string, number> {
  const counts = new Map<string, { degree: number; frequency: number }>();
  for (const phrase of phrases) {
    for (const { text } of phrase) {
      const word = normalizeWord(text);
      const count = counts.get(word) ?? { degree: 0, frequency: 0 };
      count.degree += phrase.length;
      count.frequency += 1;
      counts.set(word, count);
    }
  }
  return new Map([...counts].map(([word, { degree, frequency }]) => [word, degree / frequency]));
}

function usages(text: string, phrases: readonly (readonly Word[])[]): Iterable<Usage> {
  const found = new Map<string, Usage>();
  for (const phrase of phrases) {
    const [first] = phrase;
    const last = phrase.at(-1);
    if (first === undefined || last === undefined || !isTermLike(phrase)) continue;
    const key = phrase.map((word) => stemWord(word.text)).join(" ");
    const surface = text.slice(first.start, last.end).replace(/\s+/g, " ");
    const usage = found.get(key) ?? { count: 0, forms: new Map() };
    const form = usage.forms.get(surface) ?? {
      words: phrase.map((word) => normalizeWord(word.text)),
      count: 0,
    };
    form.count += 1;
    usage.count += 1;
    usage.forms.set(surface, form);
    found.set(key, usage);
  }
  return found.values();
}

/** Not too long; a word alone has three letters or more, or is an abbreviation or a name in two ("JS", "東京"). */
function isTermLike(phrase: readonly Word[]): boolean {
  if (phrase.length !== 1) return phrase.length <= MAX_PHRASE_WORDS;
  const [word] = phrase;
  return word !== undefined && (word.text.length > 2 || !/\p{Ll}/u.test(word.text));
}

/** The form with the most uses; of several the one that sorts last, since small letters sort after capitals. */
function commonest(forms: Usage["forms"]): [string, readonly string[]] {
  let best: [string, readonly string[], number] = ["", [], 0];
  for (const [surface, { words, count }] of forms) {
    if (count > best[2] || (count === best[2] && surface > best[0])) best = [surface, words, count];
  }
  return [best[0], best[1]];
}
