/**
 * Talks to a language model on this machine, with no key and no server: `npm run demo -- --model`. The model is an agent
 * like any other, so that other terminals can ask it too until this one is stopped.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { hostProtocol } from "@shoal/agents";
import { connect } from "@shoal/mesh";
import { fetchWeights, startEmbeddedNats } from "@shoal/node";
import { Progress } from "./progress.ts";
import { Talk } from "./talk.ts";
import { writer } from "./writer.ts";

const USUAL_URL = "nats://127.0.0.1:4222";
const QUESTIONS = ["What is a shoal of fish?", "Write a short poem about the sea."];
/** In one conversation: the second is about the first. */
const CONVERSATION = ["Tell me one thing about whales.", "Tell me more about that."];

async function main(): Promise<void> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const progress = new Progress(process.stderr);
  await fetchWeights("smollm2", { onStep: progress.show });
  progress.clear();

  const directory = mkdtempSync(join(tmpdir(), "shoal-model-"));
  const nats = await startEmbeddedNats({ directory, onStep: say, onCrash: say });
  try {
    await using mesh = await connect({ servers: nats.url });
    await mesh.serve(writer);
    // Callers of the open agent protocol find it, too.
    await using _host = await hostProtocol(mesh, writer, { owner: "me" });
    const talk = new Talk(mesh);
    for (const question of QUESTIONS) await talk.ask(question);
    for (const question of CONVERSATION) await talk.ask(question, "demo");
    process.stdout.write(`${talk.summary}\n`);
    process.stdout.write(tryNext(nats.url));
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  } finally {
    await nats.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function tryNext(url: string): string {
  const where = url === USUAL_URL ? "" : `  export NATS_URL=${url}\n`;
  return `
The agent goes on until Ctrl-C. In another terminal (no nats CLI? \`npm run nats -- req …\` gets it):
${where}  nats req mesh.writer.prompt "Why is the sea blue?" --timeout 60s
  npm run shoal -- call writer.prompt "Why is the sea blue?"
  npm run shoal -- call writer.prompt "My name is Mimi." --session me
  nats req agents.prompt.shoal.me.writer "Why is the sea blue?" --wait-for-empty --reply-timeout=30s --timeout=60s
`;
}

await main();
