import { type Clock, systemClock } from "../clock.ts";
import { type Agent, type Handler, implement } from "../contract/agent.ts";
import type { Context } from "../contract/context.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import { Validator } from "../contract/validator.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Supervising } from "./live.ts";
import { type SupervisorOptions, type SupervisorPolicy, contractIn, policyOf } from "./options.ts";
import { presentedContract } from "./presented.ts";
import { SupervisorState } from "./state.ts";
import { supervisedChunks, supervisedValue } from "./supervised.ts";

/**
 * Defines an agent that presents other agents' contract and keeps requests to them alive: fallback, retry, breakers,
 * hedges, limits, and the next best answer. It is served and called like any other.
 *
 *     const assistant = defineSupervisor({ name: "assistant", targets: [gpt, llama], timeout: "5s" });
 *     await mesh.serve(assistant);
 *     await mesh.agent(assistant).prompt("hello");
 *
 * @throws MeshError `bad_request` naming what is wrong; `details.setting` is the path of an option that does not go with
 *   the targets
 */
export function defineSupervisor<M extends MethodContracts>(
  options: SupervisorOptions<M> & { readonly clock?: Clock },
): Agent<M> {
  const policy = policyOf(options);
  const contract = presentedContract(options);
  const clock = options.clock ?? systemClock;
  checkHedge(policy, contract, options);
  checkAnswers(policy, contract);
  const methods = Object.fromEntries(
    Object.entries(contract.methods).map(([method, { ...of }]) => [
      method,
      handlerOf({ policy, clock, method, what: `${contract.name}.${method}`, contract: of }),
    ]),
  );
  const agent = implement<M, SupervisorState>(contract, {
    concurrency: policy.running,
    mailbox: policy.queued,
    state: () => new SupervisorState(policy, clock),
    onStart: ({ state, emit }) => state.announceBy(emit),
    inspect: (state) => state.status,
    methods: methods as never,
  });
  return { ...agent, relays: true, supervises: supervisedBy(policy) };
}

function supervisedBy({ targets, ladder }: SupervisorPolicy): string[] {
  return [...targets, ...ladder].flatMap(({ agent }) => (agent === undefined ? [] : [agent]));
}

function handlerOf(of: Supervising): Handler {
  const handler = of.contract.chunk
    ? (input: unknown, ctx: Context<SupervisorState>) => supervisedChunks(of, input, ctx)
    : (input: unknown, ctx: Context<SupervisorState>) => supervisedValue(of, input, ctx);
  return handler as Handler;
}

function checkHedge(
  { execution, targets }: SupervisorPolicy,
  { name, methods }: Contract,
  options: SupervisorOptions,
): void {
  if (!execution.hedge) return;
  const unknown = targets.filter((_target, index) => !contractIn(options.targets[index] ?? ""));
  if (unknown.length > 0 && !options.contract && !options.idempotent) {
    throw new MeshError(
      "bad_request",
      `supervisor "${name}": hedging would do work twice, and nothing says that ` +
        `${unknown.map(({ agent }) => agent).join(", ")} may: give agents or contracts instead of names, ` +
        "or declare the supervisor `idempotent: true`.",
    );
  }
  const unsafe = Object.keys(methods).filter((method) => !methods[method]?.idempotent);
  if (unsafe.length === 0) return;
  throw new MeshError(
    "bad_request",
    `supervisor "${name}": hedging would do the work of ${unsafe.join(", ")} twice, and ` +
      `${unsafe.length === 1 ? "it is" : "they are"} not idempotent. ` +
      "Declare the targets' methods idempotent, or the supervisor: `idempotent: true`.",
    { details: { setting: ["hedge"] } },
  );
}

/** A static answer must be one that callers may expect. */
function checkAnswers({ ladder }: SupervisorPolicy, { name, methods }: Contract): void {
  for (const [index, { answer }] of ladder.entries()) {
    if (!answer) continue;
    for (const [method, { output, chunk }] of Object.entries(methods)) {
      const schema = chunk ?? output;
      if (!schema) continue;
      try {
        const checked = new Validator(schema).check(answer.value);
        if (checked instanceof Promise) checked.catch(() => {});
      } catch (error) {
        throw new MeshError(
          "bad_request",
          `supervisor "${name}": degrade: the answer ${JSON.stringify(answer.value)} is none that "${method}" may give: ${messageOf(error)}.`,
          { details: { setting: ["degrade", index] } },
        );
      }
    }
  }
}
