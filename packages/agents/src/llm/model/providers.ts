/** How the models of one provider are got: a package of the AI SDK, or of its community. */
export interface Provider {
  /** Imported when one of its models is first asked. */
  readonly package: string;
  /** The package's function that makes the provider. */
  readonly factory: string;
  /** Environment variable of its key; undefined when it needs none. */
  readonly key?: string;
  /** It works without the key, too. */
  readonly isKeyOptional?: boolean;
  /** Environment variable of its address. */
  readonly baseURL?: string;
  /** It has no address of its own. */
  readonly needsBaseURL?: boolean;
  /** Method of the provider that makes a model. Default: the provider itself is called. */
  readonly method?: string;
}

/**
 * Providers by the name that stands before `::`. Beside them there is `local`, whose models run in the process.
 *
 * OpenAI's are asked by Chat Completions: that is what compatible servers speak, behind any `baseURL`.
 */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: {
    package: "@ai-sdk/openai",
    factory: "createOpenAI",
    key: "OPENAI_API_KEY",
    baseURL: "OPENAI_BASE_URL",
    method: "chat",
  },
  anthropic: { package: "@ai-sdk/anthropic", factory: "createAnthropic", key: "ANTHROPIC_API_KEY" },
  google: {
    package: "@ai-sdk/google",
    factory: "createGoogleGenerativeAI",
    key: "GOOGLE_GENERATIVE_AI_API_KEY",
  },
  mistral: { package: "@ai-sdk/mistral", factory: "createMistral", key: "MISTRAL_API_KEY" },
  groq: { package: "@ai-sdk/groq", factory: "createGroq", key: "GROQ_API_KEY" },
  deepseek: { package: "@ai-sdk/deepseek", factory: "createDeepSeek", key: "DEEPSEEK_API_KEY" },
  xai: { package: "@ai-sdk/xai", factory: "createXai", key: "XAI_API_KEY" },
  azure: { package: "@ai-sdk/azure", factory: "createAzure", key: "AZURE_API_KEY", method: "chat" },
  cohere: { package: "@ai-sdk/cohere", factory: "createCohere", key: "COHERE_API_KEY" },
  openrouter: {
    package: "@openrouter/ai-sdk-provider",
    factory: "createOpenRouter",
    key: "OPENROUTER_API_KEY",
  },
  ollama: { package: "ollama-ai-provider-v2", factory: "createOllama", baseURL: "OLLAMA_BASE_URL" },
  "openai-compatible": {
    package: "@ai-sdk/openai-compatible",
    factory: "createOpenAICompatible",
    key: "OPENAI_COMPATIBLE_API_KEY",
    isKeyOptional: true,
    baseURL: "OPENAI_COMPATIBLE_BASE_URL",
    needsBaseURL: true,
  },
};

/** Its models run in this process, and need no provider's package. */
export const LOCAL = "local";
