import { vi } from "vitest";
import { modelProject } from "../support/docs/model-project.ts";
import { RUN_PAGES, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

/** Pages that are read at the same time: what they wait for is mostly not the processor. */
vi.setConfig({ maxConcurrency: 3 });

/** Pages whose agents ask a language model. */
const WITH_MODELS = new Set(["docs/models.md", "docs/from-the-guide.md"]);

// Installing is what `test/package` is about.
for (const path of RUN_PAGES) {
  const setUp = WITH_MODELS.has(path) ? modelProject : workspaceProject;
  describePage(readPage(path), { setUp, skip: /^npm / });
}
