import { fetchWeights } from "@shoal/node";
import { beforeAll } from "vitest";
import { MODEL_PAGE, readPage } from "../support/docs/page.ts";
import { workspaceProject } from "../support/docs/project.ts";
import { describePage } from "../support/docs/suite.ts";

/** A registry may be slow. */
const FETCH_TIMEOUT_MS = 600_000;

beforeAll(() => fetchWeights("smollm2"), FETCH_TIMEOUT_MS);

describePage(readPage(MODEL_PAGE), { setUp: workspaceProject, skip: /^npm / });
