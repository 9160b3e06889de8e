/** How central each sentence is, and how alike any two are. */
export interface SentenceRanks {
  /** One a sentence, in the order given; they add up to 1. */
  readonly scores: Float64Array;
  /** The cosine of two different sentences: 0 (no word in common) to 1 (the same words). */
  readonly similarity: (a: number, b: number) => number;
}

/** The chance that the random walk starts anew instead of following a similarity. */
const RESTART = 0.15;
const MAX_STEPS = 100;
const TOLERANCE = 1e-9;

/**
 * Continuous LexRank (G. Erkan and D. Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text
 * Summarization", Journal of Artificial Intelligence Research 22, 2004, section 3.3). A sentence is central
 * if a random walk from sentence to similar sentence is often there:
 *
 *     p(u) = d · b(u) + (1 − d) · Σ_v p(v) · cos(v, u) / Σ_z cos(v, z)           over v, z other than u, v
 *     cos(x, y) = Σ_w tf(w,x) · tf(w,y) · idf(w)² / (‖x‖ · ‖y‖)       ‖x‖² = Σ_w (tf(w,x) · idf(w))²
 *
 * with d = 0.15 and, for want of a corpus, idf(w) = ln(1 + N / number of sentences with w). From a sentence
 * that is like no other the walk starts anew. Two things differ from the paper:
 *
 * - A sentence does not vote for itself (as in TextRank: R. Mihalcea and P. Tarau, EMNLP 2004).
 * - The paper starts anew anywhere: b = 1/N. Here b is a prior, as in Biased LexRank (J. Otterbacher, G. Erkan
 *   and D. Radev, Information Processing & Management 45(1), 2009), and falls with the place in the text as in
 *   PositionRank (C. Florescu and C. Caragea, ACL 2017): b(u) ∝ 1 / place, from 1. Authors say early what a
 *   document is about, and a reader of the summary wants to know just that.
 *
 * Takes each sentence as its words. Time and memory grow with the square of the number of sentences.
 */
export function lexRank(sentences: readonly (readonly string[])[]): SentenceRanks {
  const size = sentences.length;
  const cosines = cosineMatrix(sentences);
  const similarity = (a: number, b: number): number => cosines[a * size + b] ?? 0;
  return { scores: stationary(cosines, positionPrior(size)), similarity };
}

function positionPrior(size: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, place) => 1 / (1 + place));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Row by row, with zeros on the diagonal. */
function cosineMatrix(sentences: readonly (readonly string[])[]): Float64Array {
  const size = sentences.length;
  const matrix = new Float64Array(size * size);
  for (const postings of unitVectors(sentences).values()) {
    for (const [a, x] of postings) {
      for (const [b, y] of postings) {
        if (a === b) continue;
        const cell = a * size + b;
        matrix[cell] = (matrix[cell] ?? 0) + x * y;
      }
    }
  }
  return matrix;
}

/** For each word the sentences that hold it, with its weight in the sentence's vector of length 1. */
function unitVectors(sentences: readonly (readonly string[])[]): Map<string, [number, number][]> {
  const words = new Map<string, [number, number][]>();
  for (const [index, sentence] of sentences.entries()) {
    for (const word of sentence) {
      const postings = words.get(word) ?? [];
      const last = postings.at(-1);
      if (last?.[0] === index) last[1] += 1;
      else postings.push([index, 1]);
      words.set(word, postings);
    }
  }
  const squares = new Float64Array(sentences.length);
  for (const postings of words.values()) {
    const idf = Math.log(1 + sentences.length / postings.length);
    for (const posting of postings) {
      posting[1] *= idf;
      squares[posting[0]] = (squares[posting[0]] ?? 0) + posting[1] ** 2;
    }
  }
  for (const postings of words.values()) {
    for (const posting of postings) posting[1] /= Math.sqrt(squares[posting[0]] ?? 1);
  }
  return words;
}

/** The power method: repeats the walk's step until nothing moves any more. */
function stationary(matrix: Float64Array, prior: Float64Array): Float64Array {
  const size = prior.length;
  const sums = prior.map((_, row) =>
    matrix.subarray(row * size, (row + 1) * size).reduce((sum, cosine) => sum + cosine, 0),
  );
  let scores = prior;
  for (let step = 0; step < MAX_STEPS; step++) {
    const stranded = scores.reduce((sum, score, index) => (sums[index] === 0 ? sum + score : sum), 0);
    const next = prior.map((weight) => (RESTART + (1 - RESTART) * stranded) * weight);
    for (let from = 0; from < size; from++) {
      if (sums[from] === 0) continue;
      const share = ((1 - RESTART) * (scores[from] ?? 0)) / (sums[from] ?? 1);
      for (let to = 0; to < size; to++) next[to] = (next[to] ?? 0) + share * (matrix[from * size + to] ?? 0);
    }
    const moved = next.reduce((sum, score, index) => sum + Math.abs(score - (scores[index] ?? 0)), 0);
    scores = next;
    if (moved < TOLERANCE) break;
  }
  return scores;
}
