import { element, escapeXml, label } from "./svg.ts";

/** The width of every picture, pixels. */
export const WIDTH = 760;
/** Room around everything, pixels. */
export const MARGIN = 20;
/** Where what is drawn may begin, below title and subtitle, pixels. */
export const TOP = 68;

/** Colours for light and dark surroundings; the fonts are the reader's own. */
const STYLE = `
svg { --ground: #ffffff; --edge: #d1d9e0; --text: #1f2328; --muted: #59636e; --grid: #e4e8ec;
  --ours: #0969da; --other: #9aa5b1; --limit: #d5dbe1; --mark: #bc4c00;
  --line-0: #7d8590; --line-1: #bc4c00; --line-2: #1a7f37; --line-3: #8250df; --line-4: #9a6700 }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --edge: #30363d; --text: #e6edf3; --muted: #9198a1; --grid: #21262d;
    --ours: #4493f8; --other: #656e78; --limit: #373e47; --mark: #f0883e;
    --line-0: #9198a1; --line-1: #f0883e; --line-2: #3fb950; --line-3: #ab7df8; --line-4: #d29922 }
}
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--text) }
.title { font-size: 16px; font-weight: 600 }
.group, .ours-text { font-weight: 600 }
.muted, .tick { fill: var(--muted) }
.tick { font-size: 11px }
.ground { fill: var(--ground); stroke: var(--edge) }
.grid { stroke: var(--grid) }
.zero { stroke: var(--muted) }
.reference { stroke: var(--muted); stroke-dasharray: 4 3 }
.ours { fill: var(--ours) } .other { fill: var(--other) } .limit { fill: var(--limit) }
.whisker { stroke: var(--text); fill: none }
.wanted { stroke: var(--mark); stroke-width: 2.5 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
`;

/** A whole picture: title, subtitle, and what was drawn. */
export function sheet(title: string, subtitle: string, height: number, drawn: readonly string[]): string {
  const svg = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${Math.round(height)}`,
      width: WIDTH,
      height: Math.round(height),
      role: "img",
    },
    `\n<title>${escapeXml(title)}</title>\n<style>${STYLE}</style>\n`,
    [
      element("rect", { x: 0.5, y: 0.5, width: WIDTH - 1, height: height - 1, rx: 6, class: "ground" }),
      label(MARGIN, 30, title, "title"),
      label(MARGIN, 50, subtitle, "muted"),
      ...drawn,
    ].join("\n"),
    "\n",
  );
  return `${svg}\n`;
}
