import type { Mesh, PortMessage } from "@shoal/mesh";
import { z } from "zod";
import { type Finding, ok, problem, warning } from "./finding.ts";

const TOPIC = "JetStream";
const ANSWER_MS = 3_000;
/** Of a limit: from here on it is nearly full. */
const NEARLY = 0.9;

const accountSchema = z.object({
  storage: z.number().catch(0),
  streams: z.number().catch(0),
  limits: z.object({ max_storage: z.number().catch(-1) }).catch({ max_storage: -1 }),
});

const streamSchema = z.object({
  config: z.object({ num_replicas: z.number().catch(1), max_bytes: z.number().catch(-1) }),
  state: z.object({ messages: z.number().catch(0), bytes: z.number().catch(0) }),
  cluster: z
    .object({
      leader: z.string().optional(),
      replicas: z
        .array(
          z.object({ name: z.string(), current: z.boolean().catch(true), offline: z.boolean().catch(false) }),
        )
        .catch([]),
    })
    .optional(),
});

/** What a mesh keeps, and for what. */
function streamsOf(root: string): readonly (readonly [string, string])[] {
  const place = root.replaceAll("_", "__").replaceAll(".", "_");
  return [
    [`${place}-tasks`, "tasks"],
    [`KV_${place}-task-records`, "what became of tasks"],
    [`KV_${place}-sessions`, "sessions"],
    [`KV_${place}-memories`, "memories"],
  ];
}

/** JetStream, and the streams of this mesh. */
export async function jetStreamFindings(mesh: Mesh, isClustered: boolean): Promise<Finding[]> {
  const answer = await ask(mesh, "$JS.API.INFO");
  if (answer === "nobody")
    return [
      warning(
        TOPIC,
        "there is none for this user's account",
        "tasks, sessions and shared answers need it: start nats-server with -js, and enable it for the account",
      ),
    ];
  if (answer === "silence")
    return [
      warning(
        TOPIC,
        "it does not answer, or this user may not ask it",
        'add "$JS.API.INFO" to what this user may publish',
      ),
    ];
  const failure = errorIn(answer);
  if (failure !== undefined) return [problem(TOPIC, failure, "see the log of nats-server")];
  const streams: Finding[] = [];
  for (const [name, what] of streamsOf(mesh.root))
    streams.push(...(await streamFindings(mesh, name, what, isClustered)));
  return [accountFinding(answer), ...streams];
}

function accountFinding(answer: unknown): Finding {
  const { storage, streams, limits } = accountSchema.parse(answer);
  const limit = limits.max_storage;
  const text = `${streams} streams, ${megabytes(storage)}${limit > 0 ? ` of ${megabytes(limit)}` : ""}`;
  if (limit <= 0 || storage < NEARLY * limit) return ok(TOPIC, text);
  return problem(
    TOPIC,
    text,
    "nothing more is kept when it is full: raise the account's max_file, or remove streams",
  );
}

/** Nothing for a stream that is not there: it is made when something is to be kept. */
async function streamFindings(
  mesh: Mesh,
  name: string,
  what: string,
  isClustered: boolean,
): Promise<Finding[]> {
  const answer = await ask(mesh, `$JS.API.STREAM.INFO.${name}`);
  const stream = streamSchema.safeParse(answer).data;
  if (!stream) return [];
  const { config, state, cluster } = stream;
  const text = `${what}: ${state.messages} in ${name}, ${megabytes(state.bytes)}, ${config.num_replicas === 1 ? "one copy" : `${config.num_replicas} copies`}`;
  const lost = (cluster?.replicas ?? []).filter(({ offline, current }) => offline || !current);
  if (cluster && cluster.leader === undefined)
    return [problem(TOPIC, `${text}, without a leader`, "most of its servers are away: start them again")];
  if (lost.length > 0)
    return [
      problem(
        TOPIC,
        `${text}, of which ${lost.map((each) => each.name).join(", ")} ${lost.length === 1 ? "is" : "are"} behind or away`,
        `start the servers again; \`nats stream info ${name}\` shows how far they are`,
      ),
    ];
  if (config.max_bytes > 0 && state.bytes >= NEARLY * config.max_bytes)
    return [warning(TOPIC, `${text}, nearly full`, "raise its limit, or keep less")];
  if (isClustered && config.num_replicas === 1)
    return [
      warning(
        TOPIC,
        text,
        "it is lost with its one server: set `replicas: 3` under tasks, and under sessions",
      ),
    ];
  return [ok(TOPIC, text)];
}

/** What the API of JetStream answers, read as JSON. */
function ask({ port }: Mesh, subject: string): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (answer: unknown): void => {
      stop();
      address.close();
      resolve(answer);
    };
    const address = port.open((message) => done(message.noResponders ? "nobody" : read(message)));
    const stop = port.clock.after(ANSWER_MS, () => done("silence"));
    port.publish(subject, new Uint8Array(0), { reply: address.subject });
  });
}

function read({ payload }: PortMessage): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString());
  } catch {
    return "silence";
  }
}

function errorIn(answer: unknown): string | undefined {
  const told = z.object({ error: z.object({ description: z.string() }) }).safeParse(answer);
  return told.data?.error.description;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MiB`;
}
