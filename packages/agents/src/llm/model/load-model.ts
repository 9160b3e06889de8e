import { createHash } from "node:crypto";
import { findPackageJSON } from "node:module";
import { MeshError, nearest } from "@shoal/mesh";
import { failure } from "../failures.ts";
import type { LanguageModel, Loaded } from "./language-model.ts";
import { type ModelName, parseModelName } from "./model-name.ts";
import { LOCAL, PROVIDERS, type Provider } from "./providers.ts";

/** What may be set of one provider. */
export interface ProviderSettings {
  /** Its address. Default: the provider's own, or what its environment variable says. */
  readonly baseURL?: string | undefined;
  /** Name of the environment variable that holds its key. Default: the usual one, such as `OPENAI_API_KEY`. */
  readonly keyFrom?: string | undefined;
}

export interface ModelSource {
  readonly settings: Readonly<Record<string, ProviderSettings>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A provider as its package makes it: a function that makes models, with methods that make other ones. */
type MadeProvider = ((model: string) => LanguageModel) & Record<string, (model: string) => LanguageModel>;
type Factory = (settings: Record<string, unknown>) => MadeProvider;

/**
 * What can be known of a model without a call: its name, its provider, that provider's package and key.
 * Of a local one, whether its weights are here.
 * @throws MeshError `bad_request`, `unavailable` or `unauthorized` that says what is wrong
 */
export async function checkModel(text: string, source: ModelSource): Promise<void> {
  const name = parseModelName(text);
  if (name.provider === LOCAL) {
    const { locateWeights } = await import("../../local/weights.ts");
    locateWeights(name.model);
    return;
  }
  const provider = providerOf(name);
  accessOf(name, provider, source);
  if (!isInstalled(provider)) throw notInstalled(name, provider);
}

/**
 * Makes a model, and imports its provider's package for that.
 * @throws MeshError as `checkModel` does
 */
export async function loadModel(text: string, source: ModelSource): Promise<Loaded> {
  const name = parseModelName(text);
  if (name.provider === LOCAL) {
    const { localModel } = await import("../../local/local-model.ts");
    return { model: localModel(name.model), name: text, account: accountOf(text), secrets: [] };
  }
  const provider = providerOf(name);
  const { key, baseURL } = accessOf(name, provider, source);
  const make = await factoryOf(name, provider);
  const made = make({
    name: name.provider,
    ...(key === undefined ? {} : { apiKey: key }),
    ...(baseURL === undefined ? {} : { baseURL }),
  });
  const model = provider.method === undefined ? made(name.model) : made[provider.method]?.(name.model);
  if (!model) throw notInstalled(name, provider);
  const account = accountOf(name.provider, baseURL, key);
  return { model, name: text, account, secrets: key === undefined ? [] : [key] };
}

function providerOf({ provider, text }: ModelName): Provider {
  const known = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (known) return known;
  const names = [...Object.keys(PROVIDERS), LOCAL];
  const [alike] = nearest(provider, names);
  const hint = alike === undefined ? `there are ${names.join(", ")}` : `did you mean "${alike}"?`;
  throw new MeshError("bad_request", `the model "${text}": there is no provider "${provider}"; ${hint}`);
}

function accessOf(
  { provider: name, text }: ModelName,
  provider: Provider,
  { settings, env }: ModelSource,
): { key: string | undefined; baseURL: string | undefined } {
  const { keyFrom = provider.key, baseURL: given } = settings[name] ?? {};
  const key = keyFrom === undefined ? undefined : env[keyFrom]?.trim() || undefined;
  const baseURL = given ?? (provider.baseURL === undefined ? undefined : env[provider.baseURL] || undefined);
  if (keyFrom !== undefined && key === undefined && !provider.isKeyOptional)
    throw failure(
      "unauthorized",
      `the model "${text}" needs a key: set the environment variable ${keyFrom}.`,
    );
  if (provider.needsBaseURL && baseURL === undefined)
    throw new MeshError(
      "bad_request",
      `the model "${text}" needs the address of its server: set \`providers: { ${name}: { baseURL: … } }\`, or ${provider.baseURL}.`,
    );
  return { key, baseURL };
}

async function factoryOf(name: ModelName, provider: Provider): Promise<Factory> {
  let module: Record<string, unknown>;
  try {
    module = (await import(/* @vite-ignore */ provider.package)) as Record<string, unknown>;
  } catch (error) {
    if (!isInstalled(provider)) throw notInstalled(name, provider);
    throw new MeshError("unavailable", `the package "${provider.package}" cannot be loaded.`, {
      retryable: false,
      cause: error,
    });
  }
  const make = module[provider.factory];
  if (typeof make === "function") return make as Factory;
  throw notInstalled(name, provider);
}

function isInstalled({ package: name }: Provider): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    return false;
  }
}

function notInstalled({ text }: ModelName, { package: name }: Provider): MeshError {
  return new MeshError(
    "unavailable",
    `the model "${text}" needs the package "${name}", which is not installed here, or is of another version: npm install ${name}`,
    { retryable: false, details: { kind: "not_installed", package: name } },
  );
}

/** Cannot be turned back into the key. */
function accountOf(...parts: (string | undefined)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
