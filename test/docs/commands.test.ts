import { vi } from "vitest";
import { httpProject } from "../support/docs/http-project.ts";
import { modelProject } from "../support/docs/model-project.ts";
import { RUN_PAGES, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

/** Pages that are read at the same time: what they wait for is mostly not the processor. */
vi.setConfig({ maxConcurrency: 3 });

const SET_UPS = new Map([
  ["docs/models.md", modelProject],
  ["docs/from-the-guide.md", modelProject],
  ["docs/prometheus.md", httpProject],
]);

// Installing is what `test/package` is about.
for (const path of RUN_PAGES) {
  describePage(readPage(path), { setUp: SET_UPS.get(path) ?? workspaceProject, skip: /^npm / });
}
