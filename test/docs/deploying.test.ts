import { describe } from "vitest";
import { readPage } from "../support/docs/page.ts";
import { describePage } from "../support/docs/suite.ts";
import { threeMachines } from "../support/deployed/three-machines.ts";

// The page is for Linux; elsewhere one machine has not the addresses of three.
describe.runIf(process.platform === "linux")("on three machines", () => {
  const page = readPage("docs/deploying.md");
  const machines = threeMachines();
  const blocks = page.blocks.map((block) => ({ ...block, text: machines.local(block.text) }));
  describePage({ ...page, blocks }, { setUp: () => machines, skip: /^$/ });
});
