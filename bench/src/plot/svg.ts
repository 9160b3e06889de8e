/** Attributes of an element; numbers are rounded to a tenth of a pixel. */
export type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element as text. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(textOf(value))}"`);
  const open = `<${name}${pairs.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

/** Text at a place; `kind` is a class of the style sheet. */
export function label(x: number, y: number, text: string, kind: string, anchor = "start"): string {
  return element("text", { x, y, class: kind, "text-anchor": anchor }, escapeXml(text));
}

/** Text as it may stand in an element or an attribute. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** About how wide a text is in a usual sans-serif font, pixels; for leaving room, not for placing letters. */
export function widthOf(text: string, fontPx: number): number {
  return text.length * fontPx * 0.56;
}

function textOf(value: string | number): string {
  return typeof value === "number" ? String(Number(value.toFixed(1))) : value;
}
