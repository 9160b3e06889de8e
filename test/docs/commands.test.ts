import { modelProject } from "../support/docs/model-project.ts";
import { RUN_PAGES, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

// Installing is what `test/package` is about.
for (const path of RUN_PAGES) {
  const setUp = path === "docs/models.md" ? modelProject : workspaceProject;
  describePage(readPage(path), { setUp, skip: /^npm / });
}
