import { generateKeyPairSync, sign } from "node:crypto";

/**
 * A self-signed certificate for 127.0.0.1 and localhost, good for a day: X.509 (RFC 5280) in DER, written by hand so
 * that the tests need no program for it.
 */
export function selfSigned(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaSha256 = seq(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = seq(der(0x31, seq(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from("shoal test")))));
  const altNames = seq(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from("localhost")));
  const tbs = seq(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaSha256,
    name,
    seq(utcTime(-86_400_000), utcTime(86_400_000)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      seq(
        seq(
          oid(0x55, 0x1d, 0x13),
          der(0x01, Buffer.from([0xff])),
          der(0x04, seq(der(0x01, Buffer.from([0xff])))),
        ),
        seq(oid(0x55, 0x1d, 0x11), der(0x04, altNames)),
      ),
    ),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", tbs, privateKey)]);
  const certificate = seq(tbs, ecdsaSha256, der(0x03, signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const long = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >>> 8, body.length & 0xff];
  const length = body.length < 0x80 ? [body.length] : long;
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function seq(...contents: Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function oid(...content: number[]): Buffer {
  return der(0x06, Buffer.from(content));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function utcTime(fromNowMs: number): Buffer {
  const digits = new Date(Date.now() + fromNowMs).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
