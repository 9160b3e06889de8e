/** Servers without the credentials that people write into their addresses, and those credentials. */
export interface Servers {
  servers: string[];
  user?: string | undefined;
  pass?: string | undefined;
  token?: string | undefined;
}

const ADDRESS = /^([a-z]+:\/\/)?(?:([^@/]*)@)?(.*)$/i;

/**
 * Takes `nats://user:pass@host:4222`, `nats://token@host`, lists of them, and lists in one string. The library
 * understands neither: it would read the port from the password. The first address with credentials gives them for all.
 */
export function splitServers(given: string | readonly string[]): Servers {
  const found: Servers = { servers: [] };
  const addresses = (typeof given === "string" ? [given] : given).flatMap((each) => each.split(","));
  for (const address of addresses.map((each) => each.trim()).filter(Boolean)) {
    const [, scheme = "", credentials, host = ""] = ADDRESS.exec(address) ?? [];
    found.servers.push(scheme + host);
    if (credentials === undefined || found.user !== undefined || found.token !== undefined) continue;
    const colon = credentials.indexOf(":");
    if (colon < 0) found.token = decode(credentials);
    else {
      found.user = decode(credentials.slice(0, colon));
      found.pass = decode(credentials.slice(colon + 1));
    }
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A bare "%" that somebody did not escape.
    return text;
  }
}
