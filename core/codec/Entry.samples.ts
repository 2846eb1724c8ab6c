import type { Entry } from "../replication/Entry.ts"

const utf8 = new TextEncoder()

/** Every kind of entry and of replay, small and large numbers, empty and full bytes. */
export const entrySamples: ReadonlyArray<Entry> = [
  {
    type: "request",
    client: "ada",
    id: "0123456789abcdef0123456789abcdef-17",
    at: 1_795_000_000_000,
    replay: "compare",
    request: utf8.encode("POST /cart HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\na=1"),
    response: utf8.encode("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
  },
  {
    type: "request",
    client: "gr\u00fc\u00df dich \u{1f44b}",
    id: "key:8e03978e-40d5-43e8-bc93-6894a57f9324",
    at: 0,
    replay: "run",
    request: Uint8Array.from({ length: 300 }, (_, n) => n % 256),
    response: new Uint8Array(0),
  },
  {
    type: "request",
    client: "c".repeat(256),
    id: "i".repeat(512),
    at: 9_007_199_254_740_991,
    replay: "skip",
    request: new Uint8Array(0),
    response: utf8.encode("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"),
  },
  { type: "expire", client: "ada", at: 1_795_086_400_000 },
]
