/** @typedef {{ where: string, why: string }} Attempt  one place or route, and why it gave nothing usable */

/** A route that gave nothing: its message is the reason, one sentence without a full stop. */
export class RouteFailed extends Error {}

/** No usable binary was found and none could be had. */
export class ProvisionError extends Error {
  /**
   * @param {import("./index.d.mts").Tool} tool
   * @param {Attempt[]} tried
   * @param {string} [system] a `process.platform`, for the ways to install by hand
   */
  constructor(tool, tried, system = process.platform) {
    const help = byHand(tool, system);
    super(
      [
        `${tool.name} ${tool.worksFrom} or later is needed and could not be had.`,
        "Tried:",
        ...tried.map(({ where, why }) => `  - ${where}: ${why}`),
        "Install it by any of these, then try again:",
        ...help.map((line) => `  - ${line}`),
      ].join("\n"),
    );
    this.name = "ProvisionError";
    this.code = "tool_missing";
    this.tool = tool.name;
    this.tried = tried;
    this.help = help;
  }
}

/**
 * @param {import("./index.d.mts").Tool} tool
 * @param {string} system
 */
function byHand(tool, system) {
  const { module, folder, version } = tool.go;
  return [
    tool.byHand[system === "darwin" || system === "win32" ? system : "other"],
    `go install ${module}${folder}@v${version}`,
    `download https://github.com/${tool.release.repository}/releases and put ${tool.name} on your PATH`,
    `point ${tool.variable} at a binary that you have`,
  ];
}
