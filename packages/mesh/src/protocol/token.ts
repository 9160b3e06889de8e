/** Any text as one token: letters, digits, "-" and "_" as they are, each other byte as "=" and two digits. */
export function tokenOf(text: string): string {
  let token = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    token += /[A-Za-z0-9_-]/.test(character) ? character : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return token;
}

/** What `tokenOf` was given. */
export function textOf(token: string): string {
  const bytes = token.replaceAll(/=([0-9a-f]{2})/g, (_match, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}
