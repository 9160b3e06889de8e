import { RUN_PAGES, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

// Installing is what `test/package` is about.
for (const path of RUN_PAGES) describePage(readPage(path), { setUp: workspaceProject, skip: /^npm / });
