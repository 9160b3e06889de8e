// Just enough of semantic versioning to place a tool's answer to `--version`: three numbers and perhaps a pre-release.

const VERSION = /(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?/;

/**
 * The first version in a text such as `nats-server: v2.14.5`, without its `v`.
 *
 * @param {string} text what a program printed
 * @returns {string | undefined} for example `2.14.5` or `2.10.0-RC.1`
 */
export function findVersion(text) {
  return VERSION.exec(text)?.[0];
}

/**
 * Negative when `a` is older than `b`, positive when newer, 0 when level. A pre-release is older than its release;
 * two pre-releases of one release count as level, which is enough for "at least".
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 * @throws {TypeError} when either holds no version
 */
export function compareVersions(a, b) {
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < left.length; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param {string} text */
function parts(text) {
  const match = VERSION.exec(text);
  if (match === null) throw new TypeError(`"${text}" holds no version such as 2.10.0`);
  return [Number(match[1]), Number(match[2]), Number(match[3]), match[4] === undefined ? 0 : -1];
}
