/** Addresses as they may be shown: without the user, the password or the token in them. */
export function masked(addresses: string | readonly string[]): string {
  return [addresses].flat().map(maskedOne).join(", ");
}

function maskedOne(address: string): string {
  return address.replace(/^([a-z]+:\/\/)?.*@/i, "$1…@");
}
