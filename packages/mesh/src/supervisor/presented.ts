import {
  type Contract,
  type MethodContract,
  type MethodContracts,
  checkContract,
  defaultMethodOf,
} from "../contract/contract.ts";
import { MeshError } from "../errors.ts";
import { type SupervisorOptions, contractIn } from "./options.ts";

/**
 * The contract that a supervisor presents: the methods that all its targets have.
 * @throws MeshError `bad_request` when there is none, or when targets mean different things by one name
 */
export function presentedContract<M extends MethodContracts>(options: SupervisorOptions<M>): Contract<M> {
  const { name, version = "1.0.0", description, idempotent } = options;
  const contracts = options.contract ? [options.contract] : contractsOf(options);
  const [first] = contracts as [Contract];
  const methods: Record<string, MethodContract> = {};
  for (const [method, model] of Object.entries(first.methods)) {
    const all = contracts.map((each) => methodIn(each, method));
    if (!all.every((each) => each !== undefined)) continue;
    for (const [index, each] of all.entries()) {
      if (Boolean(each.chunk) === Boolean(model.chunk)) continue;
      const [stream, value] = model.chunk ? [first, contracts[index]] : [contracts[index], first];
      throw wrongTargets(
        name,
        `"${method}" gives a stream in "${stream?.name}" and one value in "${value?.name}"`,
      );
    }
    methods[method] = {
      ...model,
      // Its targets keep their answers themselves; what it keeps is in a contract of its own.
      cache: options.contract ? model.cache : undefined,
      idempotent: idempotent ?? all.every((each) => each.idempotent === true || each.resumable === true),
      resumable: model.chunk && all.every((each) => each.resumable === true),
    };
  }
  if (Object.keys(methods).length === 0) {
    const theirs = contracts.map((each) => `${each.name} has ${Object.keys(each.methods).join(", ")}`);
    throw wrongTargets(name, `its targets have no method in common: ${theirs.join("; ")}`);
  }
  const usual = defaultMethodOf(first);
  const contract: Contract = {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    ...(usual !== undefined && usual in methods ? { defaultMethod: usual } : {}),
    ...(first.session ? { session: first.session } : {}),
    methods,
  };
  checkContract(contract);
  return contract as Contract<M>;
}

function contractsOf({ name, targets }: SupervisorOptions): Contract[] {
  const known = targets.map(contractIn).filter((each) => each !== undefined);
  if (known.length > 0) return known;
  throw wrongTargets(
    name,
    "what its targets can do is not known: give one of them as an agent or a contract, or give `contract`",
  );
}

function methodIn({ methods }: Contract, name: string): MethodContract | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

function wrongTargets(name: string, why: string): MeshError {
  return new MeshError("bad_request", `supervisor "${name}": ${why}.`, {
    agent: name,
    details: { setting: ["targets"] },
  });
}
