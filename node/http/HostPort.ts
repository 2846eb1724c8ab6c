/** A `host:port` taken apart; brackets of an IPv6 address are gone. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** @throws RangeError unless `address` is `host:port`. */
export const splitAddress = (address: string): HostPort => {
  const colon = address.lastIndexOf(":")
  const digits = address.slice(colon + 1)
  const port = Number(digits)
  if (colon < 1 || !/^[0-9]{1,5}$/.test(digits) || port > 65_535) {
    throw new RangeError(`not an address: ${JSON.stringify(address)}; expected host:port`)
  }
  return { host: address.slice(0, colon).replaceAll(/^\[|\]$/g, ""), port }
}

/** The reverse of {@link splitAddress}. */
export const joinAddress = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
