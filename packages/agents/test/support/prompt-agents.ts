import { defineAgent, MeshError, type ErrorCode } from "@shoal/mesh";
import { z } from "zod";
import { attachment } from "../../src/index.ts";

/** One answer. */
export const parrot = defineAgent({
  name: "parrot",
  version: "1.2.3",
  description: "Says it again",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

/** A stream, with what came with the prompt. */
export const reader = defineAgent({
  name: "file-reader",
  version: "1.0.0",
  methods: {
    prompt: {
      input: z.object({ question: z.string(), attachments: z.array(attachment).optional() }),
      chunk: z.string(),
      *run({ question, attachments = [] }) {
        yield question;
        for (const { filename, content } of attachments) yield `|${filename}=${content.length} bytes`;
      },
    },
  },
});

/** Fails with the code that it is asked for. */
export const failing = defineAgent({
  name: "failing",
  version: "1.0.0",
  methods: {
    prompt: {
      input: z.string(),
      chunk: z.string(),
      *run(code) {
        yield "so far";
        throw new MeshError(code as ErrorCode, `it is\n${code} – sorry`, { retryAfterS: 7 });
      },
    },
  },
});

/** Answers when it is told to, and knows what has become of its request. */
export function slow(): {
  agent: ReturnType<typeof slowAgent>;
  finish: (text: string) => void;
  aborted: () => boolean;
} {
  const answer = Promise.withResolvers<string>();
  const seen: { signal?: AbortSignal } = {};
  const agent = slowAgent(answer.promise, seen);
  return { agent, finish: answer.resolve, aborted: () => seen.signal?.aborted ?? false };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the agent's type is what its schemas say
function slowAgent(answer: Promise<string>, seen: { signal?: AbortSignal }) {
  return defineAgent({
    name: "slow",
    version: "1.0.0",
    concurrency: 4,
    methods: {
      prompt: {
        input: z.string(),
        output: z.string(),
        timeout: "10m",
        run: async (_text, { signal, emit }) => {
          seen.signal = signal;
          emit("thinking");
          return Promise.race([
            answer,
            new Promise<string>((_resolve, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason as Error));
            }),
          ]);
        },
      },
    },
  });
}
