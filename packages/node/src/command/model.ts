import { createReporter } from "../../provision/index.mjs";
import { fetchWeights } from "../model/fetch-weights.ts";
import { keptWeights } from "../model/kept-weights.ts";
import { print, printJson, table } from "./output.ts";

interface ModelFlags {
  json?: boolean;
}

/** Fetches weights; progress goes to standard error. */
export async function get(name: string, { json = false }: ModelFlags): Promise<void> {
  const { onStep, clear } = createReporter(process.stderr);
  try {
    const { path, bytes, fetched } = await fetchWeights(name, { onStep });
    clear();
    if (json) return printJson({ name, path, bytes, fetched });
    print(`${fetched ? "fetched" : "here already"}: ${path} (${sizeText(bytes)})`);
  } finally {
    clear();
  }
}

export async function ls({ json = false }: ModelFlags): Promise<void> {
  const weights = await keptWeights();
  if (json) return printJson(weights);
  print(
    table(weights, [
      { title: "MODEL", value: ({ name }) => `local::${name}` },
      { title: "SIZE", value: ({ bytes }) => sizeText(bytes) },
      { title: "HERE", value: ({ path }) => (path === undefined ? "no" : "yes") },
      { title: "LICENCE", value: ({ licence }) => licence ?? "" },
      { title: "ABOUT", value: ({ about }) => about },
    ]),
  );
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
