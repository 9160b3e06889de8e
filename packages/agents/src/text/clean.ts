/**
 * The same text with `\n` as its only line end and no byte-order mark, unpaired surrogates, soft hyphens,
 * zero-width spaces or control characters other than tab, so that later steps need not expect them.
 */
export function cleanText(source: string): string {
  return source
    .toWellFormed()
    .replace(/\r\n?|[\f\v\u0085\u2028\u2029]/g, "\n")
    .replace(/[\u00ad\u200b\ufeff]/g, "")
    .replace(/[^\P{Cc}\n\t]|\ufffd/gu, " ");
}
