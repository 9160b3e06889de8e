import { httpProject } from "../support/docs/http-project.ts";
import { modelProject } from "../support/docs/model-project.ts";
import { RUN_PAGES, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

const SET_UPS = new Map([
  ["docs/models.md", modelProject],
  ["docs/prometheus.md", httpProject],
]);

// Installing is what `test/package` is about.
for (const path of RUN_PAGES) {
  describePage(readPage(path), { setUp: SET_UPS.get(path) ?? workspaceProject, skip: /^npm / });
}
