/** A client that says its name in the header `x-client`, keeps its cookies, and asks one thing at a time. */
export interface NamedClient {
  readonly name: string
  readonly ask: (path: string, request?: NamedRequest) => Promise<NamedAnswer>
}

export interface NamedRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface NamedAnswer {
  readonly status: number
  /** Ringstead's own word for it; "" when the service has answered. */
  readonly code: string
  /** The peer that answered, "" if none. */
  readonly peer: string
  readonly text: string
}

/** @param url base URL of a dispatcher that was started with `--client header:x-client` */
export const namedClient = (url: string, name: string): NamedClient => {
  const jar = new Map<string, string>()
  return {
    name,
    ask: async (path, request = {}) => {
      const cookie = [...jar].map((pair) => pair.join("=")).join("; ")
      const response = await fetch(new URL(path, url), {
        method: request.method ?? "GET",
        headers: { "x-client": name, ...(cookie !== "" && { cookie }), ...request.headers },
        ...(request.body !== undefined && { body: request.body }),
      })
      for (const line of response.headers.getSetCookie()) {
        const [, key = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        jar.set(key, value)
      }
      return {
        status: response.status,
        code: response.headers.get("ringstead-status") ?? "",
        peer: response.headers.get("ringstead-peer") ?? "",
        text: await response.text(),
      }
    },
  }
}
