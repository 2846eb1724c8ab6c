/** A `host:port` taken apart; brackets of an IPv6 address are gone. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** @throws RangeError unless `address` is `host:port`. */
export const splitAddress = (address: string): HostPort => {
  const colon = address.lastIndexOf(":")
  const port = Number(address.slice(colon + 1))
  if (colon < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`not an address: ${JSON.stringify(address)}; expected host:port`)
  }
  return { host: address.slice(0, colon).replaceAll(/^\[|\]$/g, ""), port }
}

/** The reverse of {@link splitAddress}. */
export const joinAddress = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
