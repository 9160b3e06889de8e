import { readFileSync } from "node:fs";
import { type Authenticator, credsAuthenticator, jwtAuthenticator, nkeyAuthenticator } from "nats";
import { MeshError, messageOf } from "../errors.ts";

/** A credentials file. @throws MeshError `bad_request` when it cannot be read or is malformed */
export function credsFile(path: string): Authenticator {
  return fromFile(path, "credentials", (text) =>
    credsAuthenticator(Buffer.from(text.replaceAll("\r\n", "\n"))),
  );
}

/** An nkey seed, or the path of a file with one. @throws MeshError `bad_request` when it is neither */
export function nkeyFileOrSeed(nkey: string): Authenticator {
  const make = (text: string): Authenticator => nkeyAuthenticator(Buffer.from(text.trim()));
  if (!/^S[A-Z2-7]{57}$/.test(nkey)) return fromFile(nkey, "nkey seed", make);
  return checked(make(nkey), "the nkey seed");
}

/** @throws MeshError `bad_request` when the seed is malformed */
export function staticJwt(jwt: string, seed: string): Authenticator {
  return checked(jwtAuthenticator(jwt, Buffer.from(seed)), "the user's seed");
}

/** Reads the file again at each connect, so that a new one is picked up. A file half written changes nothing. */
function fromFile(path: string, what: string, make: (text: string) => Authenticator): Authenticator {
  const where = `the ${what} file ${path}`;
  let good = checked(make(read(path, where)), where);
  return (nonce) => {
    try {
      const fresh = make(readFileSync(path, "utf8"));
      const answer = fresh(nonce);
      good = fresh;
      return answer;
    } catch {
      return good(nonce);
    }
  };
}

function read(path: string, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new MeshError("bad_request", `${where} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

/** Signs once, so that what is malformed is found here and not in the middle of a handshake. */
function checked(authenticator: Authenticator, where: string): Authenticator {
  try {
    authenticator("nonce");
    return authenticator;
  } catch (error) {
    throw new MeshError("bad_request", `${where} is malformed: ${messageOf(error)}.`, { cause: error });
  }
}
